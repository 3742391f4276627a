"""Files that are refused as a whole, and damaged ones: never a traceback."""

from __future__ import annotations

import contextlib
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.errors import FileError
from features.project_files import read_projects
from tests.features.small_files import (
    long_file,
    read,
    write_xlsx,
)

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
