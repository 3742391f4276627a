"""Reading declared projects: good rows kept, each bad row named."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.project_files import Batch, read_projects
from tests.features.small_files import (
    ROWS,
    csv_text,
    long_file,
    only_batch,
    read,
    write_text,
    write_xlsx,
)

# --- one content, every kind of file -------------------------------------------------------------


def test_jsonl_json_and_parquet_give_the_same_documents(tmp_path: Path) -> None:
    lines = "\n".join(json.dumps(row, ensure_ascii=False) for row in ROWS)
    files = [
        write_text(tmp_path / "a.jsonl", lines),
        write_text(tmp_path / "a.json", json.dumps(ROWS, ensure_ascii=False)),
        tmp_path / "a.parquet",
    ]
    pq.write_table(pa.Table.from_pylist(ROWS), files[2])
    for path in files:
        assert read(path) == ([(1, ROWS[0]), (2, ROWS[1]), (3, ROWS[2])], []), path


def test_a_single_object_is_one_project(tmp_path: Path) -> None:
    path = write_text(tmp_path / "a.json", json.dumps(ROWS[0], indent=2))
    assert read(path) == ([(1, ROWS[0])], [])


@pytest.mark.parametrize(
    ("encoding", "said"),
    [
        ("utf-8", "csv in utf-8"),
        ("utf-8-sig", "csv in utf-8"),
        ("gb18030", "csv in gb18030"),
        ("utf-16", "csv in utf-16"),
    ],
)
def test_csv_keeps_the_text_of_cells_and_says_its_encoding(
    tmp_path: Path, encoding: str, said: str
) -> None:
    batch = only_batch(write_text(tmp_path / "a.csv", csv_text(ROWS), encoding))
    as_text = [
        {name: None if value is None else str(value) for name, value in row.items()} for row in ROWS
    ]
    assert batch.documents == ((2, as_text[0]), (3, as_text[1]), (4, as_text[2]))
    assert batch.origin.describe() == said
    assert batch.origin.columns == ("pro_code", "pro_name", "apply_amt")


def test_control_reading_gb18030_as_utf_8_would_fail(tmp_path: Path) -> None:
    path = write_text(tmp_path / "a.csv", csv_text(ROWS), "gb18030")
    with pytest.raises(UnicodeDecodeError, match="invalid"):
        path.read_text(encoding="utf-8")


@pytest.mark.parametrize("separator", [";", "\t"])
def test_other_separators_are_found_in_the_header(tmp_path: Path, separator: str) -> None:
    path = write_text(tmp_path / "a.csv", f"a{separator}b\n1{separator}x,y\n")
    assert read(path) == ([(2, {"a": "1", "b": "x,y"})], [])


def test_a_workbook_gives_numbers_dates_flags_and_texts(tmp_path: Path) -> None:
    rows = [
        ["pro_code", "issue_date", "seen", "statutory_duty", "apply_amt", "note"],
        ["A1", date(2023, 4, 1), datetime(2023, 4, 1, 9, 30), True, 1200.5, " "],
        ["A2", None, None, False, 3, "x"],
    ]
    batch = only_batch(write_xlsx(tmp_path / "a.xlsx", rows))
    day = {"issue_date": "2023-04-01", "seen": "2023-04-01T09:30:00"}
    assert batch.documents == (
        (2, {"pro_code": "A1", **day, "statutory_duty": True, "apply_amt": 1200.5, "note": None}),
        (
            3,
            {
                **dict.fromkeys(rows[0]),
                "pro_code": "A2",
                "statutory_duty": False,
                "apply_amt": 3,
                "note": "x",
            },
        ),
    )
    assert batch.origin.describe() == "xlsx, sheet 'Sheet1'"


def test_parquet_keeps_parts_and_turns_dates_and_nan_into_plain_values(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    part = [{"task": "咨询", "price": 1.5, "when": date(2024, 2, 29)}]
    table = pa.table(
        {"lines": [part, None], "share": [float("nan"), 0.5], "at": [datetime(2024, 1, 2), None]}
    )
    pq.write_table(table, path)
    assert read(path)[0] == [
        (1, {"lines": [{**part[0], "when": "2024-02-29"}], "share": None, "at": "2024-01-02"}),
        (2, {"lines": None, "share": 0.5, "at": None}),
    ]


# --- batches -------------------------------------------------------------------------------------


@given(st.integers(1, 40), st.integers(1, 50))
def test_batches_cover_the_file_in_order_whatever_their_size(
    tmp_path_factory: pytest.TempPathFactory, count: int, size: int
) -> None:
    path = tmp_path_factory.mktemp("batches") / "a.jsonl"
    bad = {number for number in range(1, count + 1) if number % 7 == 0}
    lines = ["{" if n in bad else json.dumps({"n": n}) for n in range(1, count + 1)]
    path.write_text("\n".join(lines), encoding="utf-8")
    batches = list(read_projects(path, size))
    assert all(batch.row_count <= size for batch in batches)
    assert sum(batch.row_count for batch in batches) == count
    assert {row for batch in batches for row in batch.refused_rows} == bad
    documents = [pair for batch in batches for pair in batch.documents]
    assert documents == [(n, {"n": n}) for n in range(1, count + 1) if n not in bad]


def bytes_per_row(folder: Path, kind: str, read_all: Callable[[Iterator[Batch]], int]) -> float:
    """How much the peak of memory grows per row, once every buffer is filled."""
    rows = 4_000 if kind == "xlsx" else 6_000

    def peak(count: int) -> int:
        path = long_file(folder / f"{count}.{kind}", count)
        tracemalloc.start()
        assert read_all(read_projects(path, 100)) == count
        peaked = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peaked

    peak(10)  # what is loaded once
    return (peak(2 * rows) - peak(rows)) / rows


@pytest.mark.parametrize(
    ("kind", "most"), [("csv", 20), ("jsonl", 20), ("json", 20), ("parquet", 60), ("xlsx", 400)]
)
def test_memory_hardly_grows_with_the_number_of_rows(tmp_path: Path, kind: str, most: int) -> None:
    # Parquet's index and openpyxl keep a little for each row group or row read.
    assert bytes_per_row(tmp_path, kind, lambda read: sum(b.row_count for b in read)) < most


def test_control_keeping_the_batches_would_be_noticed(tmp_path: Path) -> None:
    assert bytes_per_row(tmp_path, "jsonl", lambda read: sum(b.row_count for b in [*read])) > 400


# --- bad rows: named, and only they are lost -----------------------------------------------------


@pytest.mark.parametrize(
    ("line", "field", "message"),
    [
        ('{"a": 1', None, "expected JSON"),
        ("[1]", None, "got a JSON array"),
        ("7", None, "got a JSON number"),
        ("null", None, "got a JSON null"),
        ('{"a": NaN}', None, "got NaN"),
        ('{"a": 1, "a": 2}', "a", "each key once"),
        ('{"a": "\0"}', None, "Invalid control character"),
        ('{"a": "\\u0000"}', "a", "a NUL"),
    ],
)
def test_a_bad_line_of_jsonl_costs_that_line(
    tmp_path: Path, line: str, field: str | None, message: str
) -> None:
    path = write_text(tmp_path / "a.jsonl", f'{{"n": 1}}\n\n{line}\n{{"n": 2}}\n')
    documents, (fault,) = read(path)
    assert documents == [(1, {"n": 1}), (4, {"n": 2})]
    assert (fault.row, fault.field) == (3, field)
    assert message in fault.message()


@pytest.mark.parametrize(
    ("item", "message"),
    [("[1]", "JSON array"), ('{"a": 1e999}', "1e999"), ('{"a": 1, "a": 2}', "the same key again")],
)
def test_a_bad_item_of_a_json_array_costs_that_item(
    tmp_path: Path, item: str, message: str
) -> None:
    documents, (fault,) = read(write_text(tmp_path / "a.json", f'[{{"n": 1}}, {item}, {{"n": 2}}]'))
    assert documents == [(1, {"n": 1}), (3, {"n": 2})]
    assert fault.row == 2
    assert message in fault.message()


@pytest.mark.parametrize(
    ("text", "row", "message"),
    [
        ('[{"n": 1}, {"n": ]', 2, "Expecting value"),
        ('[{"n": 1}', 2, "got the end of the file"),
        ('[{"n": 1},', 2, "Expecting value"),
        ('[{"n": 1} {"n": 2}]', 2, "got the character '{'"),
        ('{"n": 1}\n{"n": 2}\n', 2, "expected the end of the file"),
    ],
)
def test_where_json_breaks_the_items_before_are_kept_and_the_rest_is_said_to_be_lost(
    tmp_path: Path, text: str, row: int, message: str
) -> None:
    documents, (fault,) = read(write_text(tmp_path / "a.json", text))
    assert documents == [(1, {"n": 1})]
    assert fault.row == row
    assert message in fault.message()
    assert "what follows was not read" in fault.message()


def test_a_json_array_is_read_across_pieces(tmp_path: Path) -> None:
    documents = [{"n": n, "text": "预" * 4_000} for n in range(200)]  # some 2.4 MB
    path = write_text(tmp_path / "a.json", json.dumps(documents, ensure_ascii=False, indent=1))
    assert [document for _, document in read(path)[0]] == documents


@pytest.mark.parametrize(
    ("line", "field", "message"),
    [
        ("1,2", None, "expected 3 cells; got 2"),
        ("1,2,3,4", "column D", "a column with a name in the header"),
        ('1,"2"x,3', None, "a stray quotation mark"),
        ("1,\0,3", "b", "a NUL character"),
        ("1,2," + "x" * 140_000, None, "cells of at most"),
    ],
)
def test_a_bad_row_of_csv_costs_that_row(
    tmp_path: Path, line: str, field: str | None, message: str
) -> None:
    path = write_text(tmp_path / "a.csv", f"a,b,c\n0,0,0\n{line}\n1,1,1\n")
    documents, (fault,) = read(path)
    assert documents == [(2, {"a": "0", "b": "0", "c": "0"}), (4, {"a": "1", "b": "1", "c": "1"})]
    assert (fault.row, fault.field) == (3, field)
    assert message in fault.message()


@pytest.mark.parametrize("after", ["", '"q",2\n', "3,4\n" * 60_000])
def test_an_unclosed_quotation_mark_costs_its_line_and_no_other(tmp_path: Path, after: str) -> None:
    path = write_text(tmp_path / "a.csv", 'a,b\n0,0\n1,"oops\n5,6\n' + after)
    documents, (fault,) = read(path)
    assert fault.row == 3
    assert documents[:2] == [(2, {"a": "0", "b": "0"}), (4, {"a": "5", "b": "6"})]
    assert len(documents) == 2 + after.count("\n")


def test_bytes_outside_utf_8_cost_their_row(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    good = "编号,项目名称\nA1,城市道路日常养护与维修工程项目\n".encode()
    path.write_bytes(good + b"A2,\xff\xfe\nA3," + "绿化".encode() + b"\n")
    batch = only_batch(path)
    assert batch.origin.encoding == "utf-8"
    assert [number for number, _ in batch.documents] == [2, 4]
    assert batch.faults[0].message().startswith("row 3, 项目名称: expected text in utf-8")


def test_values_under_no_name_are_not_shown_but_refused(tmp_path: Path) -> None:
    path = write_text(tmp_path / "a.csv", "a,b\n1,2,13912345678\n3,4\n")
    documents, (fault,) = read(path)
    assert [number for number, _ in documents] == [3]
    assert "13912345678" not in fault.message()


def test_three_bad_rows_of_a_hundred_thousand(tmp_path: Path) -> None:
    lines = [f"{n},道路{n}" for n in range(100_000)]
    lines[17], lines[50_000], lines[99_999] = "17", '50000,"x"y', "99999,\0"
    path = write_text(tmp_path / "a.csv", "n,name\n" + "\n".join(lines) + "\n", "gb18030")
    documents, faults = read(path)
    assert len(documents) == 99_997
    assert [fault.row for fault in faults] == [19, 50_002, 100_001]


def test_infinity_and_bytes_in_parquet_cost_their_rows(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"x": [1.0, float("inf"), 2.0], "y": [None, None, b"z"]}), path)
    documents, faults = read(path)
    assert documents == [(1, {"x": 1.0, "y": None})]
    assert [(fault.row, fault.field) for fault in faults] == [(2, "x"), (3, "y")]
