"""Result files: every row, every kind of value, nothing live, and never half a file."""

from __future__ import annotations

import csv
import io
import os
import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.errors import FileError
from features.project_files import read_projects
from serving.files import result_kinds
from serving.files.result_columns import Cell, Columns
from serving.files.result_files import Encoder, ResultWriter
from serving.files.result_kinds import KINDS

COLUMNS: Columns = {"project_id": str, "grade": str, "score": float, "rank": int, "rated": bool}
ROWS: list[dict[str, Cell]] = [
    {"project_id": "A1", "grade": "重点且必须", "score": 78.25, "rank": 1, "rated": True},
    {"project_id": "A2", "score": None, "rated": False},
    {"project_id": 'a, "b"\nc', "grade": "", "score": -3, "rank": -2, "rated": None},
]


def written(path: Path, *batches: list[dict[str, Cell]], columns: Columns = COLUMNS) -> Path:
    with ResultWriter(path, columns) as results:
        for batch in batches:
            results.write(batch)
        assert results.count == sum(map(len, batches))
    return path


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_written_is_read_again(tmp_path: Path, kind: str) -> None:
    path = written(tmp_path / f"a{kind}", ROWS[:1], ROWS[1:])
    documents = [document for batch in read_projects(path) for _, document in batch.documents]
    as_text = kind == ".csv"
    expected = []
    for row in ROWS:
        values = {name: row.get(name) for name in COLUMNS}
        if kind in (".csv", ".xlsx"):  # where an empty text is an empty cell
            values["grade"] = values["grade"] or None
        if as_text:
            values = {n: None if v is None else str(v) for n, v in values.items()}
            values["score"] = values["score"] and str(float(str(values["score"])))
        expected.append(values)
    assert documents == expected


def test_parquet_keeps_the_types_even_where_a_batch_is_empty_of_them(tmp_path: Path) -> None:
    path = written(tmp_path / "a.parquet", [{"project_id": "A0"}], [], ROWS)
    kinds = (pa.string(), pa.string(), pa.float64(), pa.int64(), pa.bool_())
    types = dict(zip(COLUMNS, kinds, strict=True))
    assert {field.name: field.type for field in pq.read_schema(path)} == types
    assert pq.read_metadata(path).num_rows == 4


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_text_of_csv_is_live_and_numbers_stay_numbers(tmp_path: Path, text: str) -> None:
    path = written(tmp_path / "a.csv", [{"project_id": text, "score": -1.5}])
    frame = pd.read_csv(path)
    assert frame["project_id"][0].startswith("'")
    assert frame["project_id"][0].strip() == f"'{text}".strip()
    assert frame["score"][0] == -1.5


TEXTS = st.none() | st.text(st.sampled_from(list("a=-,;\"\n\r\t' 项")), max_size=4)
NUMBERS = st.none() | st.floats(allow_nan=False, allow_infinity=False)


@given(st.lists(st.tuples(TEXTS, NUMBERS, st.none() | st.integers(), st.none() | st.booleans())))
def test_csv_is_what_the_csv_module_writes(rows: list[tuple[Cell, ...]]) -> None:
    columns: Columns = {"text": str, "share": float, "rank": int, "rated": bool}
    expected = io.StringIO(newline="")
    for text, *others in rows:
        live = isinstance(text, str) and text[:1] in tuple("=+-@\t\r")
        csv.writer(expected).writerow([f"'{text}" if live else text, *others])
    named = [dict(zip(columns, row, strict=True)) for row in rows]
    assert Encoder(".csv", columns).encode(named).decode() == expected.getvalue()


@given(st.lists(TEXTS))
def test_csv_of_one_column_has_a_line_for_every_row(texts: list[str | None]) -> None:
    encoded = Encoder(".csv", {"text": str}).encode({"text": text} for text in texts)
    read = list(csv.reader(io.StringIO(encoded.decode(), newline="")))
    assert len(read) == len(texts)


def test_a_workbook_holds_texts_and_no_formula_or_link(tmp_path: Path) -> None:
    live = ["=1+1", '=HYPERLINK("http://a.example")', "http://a.example", "{=1}", "007"]
    path = written(tmp_path / "a.xlsx", [{"project_id": text} for text in live])
    cells = [row[0] for row in openpyxl.load_workbook(path).active.iter_rows(min_row=2)]
    assert [(cell.value, cell.data_type, cell.hyperlink) for cell in cells] == [
        (text, "s", None) for text in live
    ]


def test_control_pandas_writes_a_live_formula(tmp_path: Path) -> None:
    pd.DataFrame({"project_id": ["=1+1"]}).to_excel(tmp_path / "a.xlsx", index=False)
    cell = openpyxl.load_workbook(tmp_path / "a.xlsx").active["A2"]
    assert cell.data_type == "f"


def test_a_text_longer_than_a_cell_is_cut_where_it_can_be_seen(tmp_path: Path) -> None:
    path = written(tmp_path / "a.xlsx", [{"project_id": "x" * 40_000}, {"project_id": "y"}])
    values = [row[0] for row in openpyxl.load_workbook(path).active.values]
    assert len(values[1]) == 32_767
    assert values[1].endswith("[cut: a cell of Excel holds 32,767 characters]")
    assert values[2] == "y"


def test_more_rows_than_a_worksheet_holds_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(result_kinds, "MOST_SHEET_ROWS", 3)
    written(tmp_path / "a.xlsx", ROWS[:2])
    with pytest.raises(FileError, match="at most 2 results in a worksheet"):
        written(tmp_path / "a.xlsx", ROWS)


def interrupted(path: Path) -> None:
    with ResultWriter(path, COLUMNS) as results:
        results.write(ROWS)
        assert path.read_text(encoding="utf-8") == "before"
        raise RuntimeError("power cut")


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_appears_only_when_complete(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"a{kind}"
    path.write_text("before", encoding="utf-8")
    with pytest.raises(RuntimeError, match="power cut"):
        interrupted(path)
    assert path.read_text(encoding="utf-8") == "before"
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]
    written(path, ROWS)
    assert path.read_bytes() != b"before"
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


def test_others_may_read_the_file_as_far_as_the_umask_lets_them(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        mode = written(tmp_path / "a.csv", ROWS).stat().st_mode & 0o777
    finally:
        os.umask(before)
    assert mode == 0o640


@pytest.mark.parametrize("kind", KINDS)
def test_no_rows_are_a_file_with_no_rows(tmp_path: Path, kind: str) -> None:
    path = written(tmp_path / f"a{kind}")
    with pytest.raises(FileError, match="an empty file" if kind == ".jsonl" else "a header only"):
        list(read_projects(path))


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"grade": 1}, "grade: expected str, got int"),
        ({"score": "1"}, "score: expected float, got str"),
        ({"score": True}, "score: expected float, got bool"),
        ({"score": float("nan")}, "score: expected a finite number"),
        ({"rank": 1.0}, "rank: expected int, got float"),
        ({"rated": 1}, "rated: expected bool, got int"),
        ({"other": 1}, "columns that were not announced: other"),
    ],
)
def test_a_value_of_another_type_is_refused(
    tmp_path: Path, row: dict[str, Cell], message: str
) -> None:
    with (
        pytest.raises(ValueError, match=message),
        ResultWriter(tmp_path / "a.jsonl", COLUMNS) as results,
    ):
        results.write([row])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("a.txt", r"a file ending in \.csv, \.xlsx, \.parquet, \.jsonl; got \.txt"),
        ("a", "no ending"),
        ("none/a.csv", "a folder that exists"),
    ],
)
def test_a_name_that_cannot_be_written_is_refused_before_work_begins(
    tmp_path: Path, name: str, message: str
) -> None:
    with pytest.raises(FileError, match=message):
        ResultWriter(tmp_path / name, COLUMNS)


@given(st.lists(st.lists(st.integers(-(2**53), 2**53) | st.none(), max_size=5), max_size=5))
def test_count_in_is_count_out(
    tmp_path_factory: pytest.TempPathFactory, batches: list[list[int | None]]
) -> None:
    path = tmp_path_factory.getbasetemp() / "count.parquet"
    written(path, *([{"rank": n} for n in batch] for batch in batches), columns={"rank": int})
    expected = [n for batch in batches for n in batch]
    assert pq.read_table(path)["rank"].to_pylist() == expected


def test_a_workbook_is_a_sound_archive(tmp_path: Path) -> None:
    with zipfile.ZipFile(written(tmp_path / "a.xlsx", ROWS)) as archive:
        assert archive.testzip() is None
