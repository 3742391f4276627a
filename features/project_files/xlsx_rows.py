"""Rows of an Excel workbook: its first visible sheet, streamed, with what was last calculated."""

from __future__ import annotations

import warnings
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from features.errors import Fault, FileError
from features.project_files.batch import BadRow, Origin, Row
from features.project_files.dates import plain_date
from features.project_files.merged_cells import Cells, MergedCells, Numbered, read_header
from features.project_files.piece import ReadRows, read_in_pieces
from features.project_files.table import Header, blank
from features.project_files.workbook_scan import check_size, scan_sheet

# What zipfile, the XML parser and openpyxl raise on damaged workbooks (found by damaging some).
_DAMAGED = (
    ArithmeticError,
    AttributeError,
    EOFError,
    InvalidFileException,
    LookupError,
    OSError,
    ParseError,
    RuntimeError,  # a part said to be encrypted, or packed in a way that zipfile does not know
    TypeError,
    ValueError,
    zipfile.BadZipFile,
    zlib.error,
)
_AGAIN = "open it in Excel and save it again as .xlsx"
_EXCEL_ERRORS = frozenset(
    {"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#GETTING_DATA"}
)


class _Uncalculated:
    """Stands for a formula whose result was never stored."""


def read_xlsx(path: Path, size: int) -> tuple[Origin, Iterator[ReadRows]]:
    """How a workbook is read, and its rows, numbered as Excel numbers them, in pieces.

    Raises:
        FileError: when it cannot be opened or has no header.
    """
    with ExitStack() as files:
        try:
            check_size(path)
            sheets = _visible(_load(path, files, stored_values=True))
            with zipfile.ZipFile(path) as archive, archive.open(sheets[0]._worksheet_path) as sheet:
                scan = scan_sheet(sheet)
            written = _load(path, files, stored_values=False) if scan.has_formulas else None
            rows = _numbered(sheets[0], written and _visible(written)[0])
            last, names = read_header(rows, scan.merges)
        except _DAMAGED as error:
            fault = Fault(None, None, "an Excel workbook (.xlsx)", _said(error), _AGAIN)
            raise FileError([fault]) from error
        header = Header.of(names, last)
        others = tuple(sheet.title for sheet in sheets[1:])
        origin = Origin("xlsx", columns=header.columns, sheet=sheets[0].title, other_sheets=others)
        merged = MergedCells(scan.merges, header, below=last)
        read = _rows(rows, header, merged, last, files.pop_all())
        return origin, read_in_pieces(read, size)


def _load(path: Path, files: ExitStack, *, stored_values: bool) -> Any:
    """The workbook; its file is closed with `files`, which openpyxl leaves open where it fails."""
    stream = files.enter_context(path.open("rb"))
    with warnings.catch_warnings():
        # openpyxl warns of styles and extensions that it does not keep; values are not concerned.
        warnings.simplefilter("ignore")
        return openpyxl.load_workbook(stream, read_only=True, data_only=stored_values)


def _visible(workbook: Any) -> list[Any]:
    sheets = [sheet for sheet in workbook.worksheets if sheet.sheet_state == "visible"]
    for sheet in sheets:
        sheet.reset_dimensions()  # what a workbook says of its own size is often wrong
    return sheets


def _numbered(sheet: Any, written: Any | None) -> Iterator[Numbered]:
    """(row number, cells) of each row, empty ones included.

    openpyxl gives either a formula (in `written`) or its stored result, and None for a result that
    is not stored: only both together tell an empty cell from one that was never calculated.
    """
    rows = _quietly(sheet.iter_rows(values_only=True))
    if written is None:
        yield from enumerate(rows, start=1)
        return
    both = zip(rows, _quietly(written.iter_rows()), strict=True)
    for number, (values, cells) in enumerate(both, start=1):
        yield number, tuple(map(_result, values, cells))


def _quietly(rows: Iterator[Cells]) -> Iterator[Cells]:
    """The rows without openpyxl's warnings of impossible dates, which come as Excel's errors."""
    while True:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            row = next(rows, None)
        if row is None:
            return
        yield row


def _result(value: Any, cell: Any) -> Any:
    return _Uncalculated() if value is None and cell.data_type == "f" else value


def _rows(
    rows: Iterator[Numbered], header: Header, merged: MergedCells, last: int, files: ExitStack
) -> Iterator[Row]:
    number = last
    with files:
        try:
            for number, cells in rows:
                plain = tuple(map(_plain, cells))
                if not blank(plain):
                    yield _row(number, plain, header, merged)
        except _DAMAGED as error:
            fault = Fault(number + 1, None, "a row of the worksheet", _said(error), _AGAIN)
            yield BadRow(number + 1, (fault,))


def _row(number: int, cells: Cells, header: Header, merged: MergedCells) -> Row:
    filled = merged.fill(number, cells)
    faults = tuple(cell for cell in filled if isinstance(cell, Fault))
    faults += tuple(_cell_faults(number, cells, header))
    return BadRow(number, faults) if faults else header.row(number, filled)


def _cell_faults(number: int, cells: Cells, header: Header) -> Iterator[Fault]:
    for index, cell in enumerate(cells):
        if isinstance(cell, _Uncalculated):
            got = "a formula whose result is not stored"
            yield Fault(number, header.name_of(index), "a value", got, "save the file in Excel")
        elif isinstance(cell, str) and cell in _EXCEL_ERRORS:
            yield Fault(number, header.name_of(index), "a value", f"Excel's error {cell}")


def _plain(cell: Any) -> Any:
    """A cell as JSON would hold it; blank texts are empty cells."""
    if isinstance(cell, str):
        return cell if cell.strip() else None
    if isinstance(cell, date):
        return plain_date(cell)
    return str(cell) if isinstance(cell, time | timedelta) else cell


def _said(error: BaseException) -> str:
    return (str(error).splitlines() or [""])[0][:200] or type(error).__name__
