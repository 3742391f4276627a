"""Reading declared projects: good rows kept, each bad row named, the file refused when it must."""

from __future__ import annotations

import contextlib
import json
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from features.errors import Fault, FileError
from features.project_files import Batch, Document, read_projects

ROWS: list[Document] = [
    {"pro_code": "A1", "pro_name": "道路养护", "apply_amt": 1200.5},
    {"pro_code": "A2", "pro_name": '食堂, "改造"\n二期', "apply_amt": 300},
    {"pro_code": "A3", "pro_name": None, "apply_amt": 7},
]


def read(path: Path, batch_size: int = 2_000) -> tuple[list[tuple[int, Document]], list[Fault]]:
    batches = list(read_projects(path, batch_size))
    documents = [pair for batch in batches for pair in batch.documents]
    return documents, [fault for batch in batches for fault in batch.faults]


def only_batch(path: Path) -> Batch:
    (batch,) = read_projects(path)
    return batch


def write_text(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def write_xlsx(path: Path, rows: list[list[Any]], **options: Any) -> Path:
    book = xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd", **options})
    sheet = book.add_worksheet()
    for number, row in enumerate(rows):
        sheet.write_row(number, 0, row)
    book.close()
    return path


def csv_text(rows: list[Document]) -> str:
    def cell(value: object) -> str:
        text = "" if value is None else str(value)
        return '"' + text.replace('"', '""') + '"' if set(text) & set(',"\n') else text

    lines = [",".join(rows[0]), *(",".join(map(cell, row.values())) for row in rows)]
    return "\r\n".join(lines) + "\r\n"


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


def long_file(path: Path, rows: int) -> Path:
    """A file of `rows` projects with 400 characters of text each."""
    documents = [{"code": f"P{n:07}", "text": "x" * 400} for n in range(rows)]
    kind = path.suffix
    if kind == ".csv":
        return write_text(path, csv_text(documents))
    if kind == ".parquet":
        pq.write_table(pa.Table.from_pylist(documents), path, row_group_size=500)
        return path
    if kind == ".xlsx":
        # Inline texts: a table of shared texts is read whole, and limited in size instead.
        table = [["code", "text"], *(list(document.values()) for document in documents)]
        return write_xlsx(path, table, constant_memory=True)
    lines = list(map(json.dumps, documents))
    return write_text(path, "\n".join(lines) if kind == ".jsonl" else f"[{','.join(lines)}]")


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


# --- workbooks -----------------------------------------------------------------------------------


def test_formulas_give_their_stored_results_and_are_refused_without(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["a", "b"])
    sheet.write_row(1, 0, [1])
    sheet.write_formula(1, 1, "=A2*2", value=2)
    sheet.write_row(2, 0, [3])
    sheet.write_formula(2, 1, "=1/0", value="#DIV/0!")
    sheet.write_row(3, 0, [4])
    book.close()
    documents, (fault,) = read(path)
    assert documents == [(2, {"a": 1, "b": 2}), (4, {"a": 4, "b": None})]
    assert (fault.row, fault.field, fault.got) == (3, "b", "Excel's error #DIV/0!")

    unsaved = openpyxl.Workbook()  # openpyxl writes formulas without results
    for row in [["a", "b"], [1, "=A2*2"], [3, 4]]:
        unsaved.active.append(row)
    unsaved.save(path)
    documents, (fault,) = read(path)
    assert documents == [(3, {"a": 3, "b": 4})]
    assert (fault.row, fault.field) == (2, "b")
    assert "a formula whose result is not stored" in fault.message()


def test_an_impossible_date_costs_its_row(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(tmp_path / "a.xlsx")
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["issue_date", "n"])
    sheet.write_row(1, 0, [45_000, 1], book.add_format({"num_format": "yyyy-mm-dd"}))
    sheet.write_number(2, 0, 99_999_999, book.add_format({"num_format": "yyyy-mm-dd"}))
    book.close()
    documents, (fault,) = read(tmp_path / "a.xlsx")
    assert documents == [(2, {"issue_date": "2023-03-15", "n": "1900-01-01"})]
    assert (fault.row, fault.field, fault.got) == (3, "issue_date", "Excel's error #VALUE!")


def merged_workbook(path: Path) -> Path:
    """Title over all columns, header in two rows, a department merged over two projects."""
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (
        ["2025年项目申报表"],
        [],
        ["部门", "项目", "金额", None],
        [None, None, "申请", "审定"],
        ["教育局", "食堂", 100, 90],
        [None, "操场", 200, 180],
        ["水利局", "堤防", 300, 280],
    ):
        sheet.append(row)
    for area in ("A1:D1", "A3:A4", "B3:B4", "C3:D3", "A5:A6"):
        sheet.merge_cells(area)
    book.save(path)
    return path


def test_titles_merged_headers_and_merged_texts(tmp_path: Path) -> None:
    assert read(merged_workbook(tmp_path / "a.xlsx")) == (
        [
            (5, {"部门": "教育局", "项目": "食堂", "申请": 100, "审定": 90}),
            (6, {"部门": "教育局", "项目": "操场", "申请": 200, "审定": 180}),
            (7, {"部门": "水利局", "项目": "堤防", "申请": 300, "审定": 280}),
        ],
        [],
    )


@pytest.mark.parametrize("area", ["C5:C6", "C6:D6"])
def test_a_merged_amount_is_not_guessed(tmp_path: Path, area: str) -> None:
    path = merged_workbook(tmp_path / "a.xlsx")
    book = openpyxl.load_workbook(path)
    book.active.merge_cells(area)
    book.save(path)
    documents, faults = read(path)
    assert [number for number, _ in documents] == ([7] if area == "C5:C6" else [5, 7])
    assert {fault.message() for fault in faults} == {
        f"row {row}, 申请: expected one cell per project and column; got a merged cell; "
        "unmerge it and write each project's own value"
        for row in ((5, 6) if area == "C5:C6" else (6,))
    }


def test_sheets_that_were_not_read_are_named(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.title = "隐藏"
    book.active.sheet_state = "hidden"
    for title in ("申报", "填报说明"):
        book.create_sheet(title).append(["a", "b"])
        book[title].append([1, 2])
    book.active = 1
    book.save(tmp_path / "a.xlsx")
    origin = only_batch(tmp_path / "a.xlsx").origin
    assert (origin.sheet, origin.other_sheets) == ("申报", ("填报说明",))
    assert "not read: '填报说明'" in origin.describe()


# --- files refused as a whole --------------------------------------------------------------------

REFUSED: list[tuple[str, bytes, str]] = [
    ("a.csv", b"", "an empty file"),
    ("a.xlsx", b"", "an empty file"),
    ("a.csv", b"\r\n\r\n", "a header row of column names"),
    ("a.csv", b"a,b\n", "at least one project; got a header only"),
    ("a.csv", b"a,b,a\n1,2,3\n", "row 1, a: expected each column name once; .* columns A and C"),
    ("a.csv", b"330106,3200000,2025\n1,2,3\n", "a header row of column names; got a row of values"),
    ("a.csv", b'"a,b\n1,2\n', "a quotation mark that is not closed"),
    ("a.csv", b"a,\xffb\n1,2\n", "text in gb18030; got bytes that are not part of it"),
    ("a.json", b"[]", "at least one project"),
    ("a.jsonl", b"\n\n", "at least one project"),
    ("a.txt", b"a,b\n1,2\n", r"a file ending in \.csv, .*got \.txt"),
    ("a", b"a,b\n1,2\n", "got no ending"),
    ("a.xls", b"\xd0\xcf\x11\xe0", "Excel can save it as .xlsx"),
    ("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "a workbook with a password"),
    ("a.csv", b"PK\x03\x04 etc.", r"an Excel workbook; rename it to end in \.xlsx"),
    ("a.json", b"PAR1 etc.", r"a Parquet file; rename it to end in \.parquet"),
    ("a.xlsx", b"a,b\n1,2\n", r"an Excel workbook \(\.xlsx\); got File is not a zip file"),
    ("a.xlsx", b"PK\x03\x04 etc.", "File is not a zip file"),
    ("a.parquet", b"a,b\n1,2\n", "expected a Parquet file"),
    ("a.parquet", b"PAR1 etc. PAR", "the file is damaged or cut short"),
]


@pytest.mark.parametrize(("name", "content", "message"), REFUSED)
def test_a_file_that_cannot_be_read_is_refused_with_what_to_do(
    tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(FileError, match=message) as refusal:
        list(read_projects(tmp_path / name))
    assert refusal.value.subject == str(tmp_path / name)


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="No such file"):
        list(read_projects(tmp_path / "none.csv"))
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(FileError, match="Is a directory"):
        list(read_projects(tmp_path / "folder.csv"))


def test_a_workbook_that_unpacks_to_too_much_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", [["a"], ["x" * 30_000]])
    assert read(path)[0] == [(2, {"a": "x" * 30_000})]
    monkeypatch.setattr("features.project_files.workbook_scan.LARGEST_TEXTS", 10_000)
    with pytest.raises(FileError, match="at most 10,000 bytes of text when unpacked"):
        list(read_projects(path))


def test_columns_twice_in_parquet_are_refused(tmp_path: Path) -> None:
    table = pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"])
    pq.write_table(table, tmp_path / "a.parquet")
    with pytest.raises(FileError, match="each column name once"):
        list(read_projects(tmp_path / "a.parquet"))


def test_a_workbook_with_an_encrypted_part_is_refused(tmp_path: Path) -> None:
    path = long_file(tmp_path / "a.xlsx", 20)
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        part = archive.getinfo("xl/_rels/workbook.xml.rels")
    named = part.filename.encode()
    content[content.rindex(named) - 46 + 8] |= 1  # bit 0 of the flags in the directory's entry
    path.write_bytes(content)
    with pytest.raises(FileError, match="is encrypted"):
        list(read_projects(path))


def damaged(content: bytes, cut_at: int | None, flips: list[tuple[int, int]]) -> bytes:
    """`content` cut off, or with some bytes changed; places are taken modulo its length."""
    if cut_at is not None:
        return content[: 1 + cut_at % (len(content) - 1)]
    changed = bytearray(content)
    for place, bits in flips:
        changed[place % len(changed)] ^= bits
    return bytes(changed)


@pytest.mark.parametrize("kind", ["xlsx", "parquet", "json", "csv"])
@settings(deadline=None)  # a file is written each time, on a machine that may be busy
@given(
    cut_at=st.none() | st.integers(0, 10_000),
    flips=st.lists(st.tuples(st.integers(0, 10_000), st.integers(1, 255)), min_size=1, max_size=8),
)
def test_a_damaged_file_never_ends_in_a_traceback(
    tmp_path_factory: pytest.TempPathFactory,
    kind: str,
    cut_at: int | None,
    flips: list[tuple[int, int]],
) -> None:
    path = long_file(tmp_path_factory.getbasetemp() / f"damaged.{kind}", 20)
    path.write_bytes(damaged(path.read_bytes(), cut_at, flips))
    with contextlib.suppress(FileError):
        assert sum(batch.row_count for batch in read_projects(path)) >= 1
