"""Tables as an Excel workbook: no text becomes a formula or a link, whatever it begins with."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import xlsxwriter

from serving.files.result_kinds import LONGEST_SHEET_TEXT

WORKBOOK_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}

Cell = str | int | float | None
Table = Iterable[Sequence[Cell]]


@dataclass(frozen=True)
class Sheet:
    """One sheet: its name, its heading and its rows."""

    name: str
    heading: Sequence[str]
    rows: Table


@dataclass(frozen=True)
class Workbook:
    """A file to be given out."""

    body: bytes
    file_name: str

    @property
    def digest(self) -> str:
        """The SHA-256 of the file."""
        return sha256(self.body).hexdigest()


def workbook(sheets: Iterable[Sheet], subject: str, made: str) -> Workbook:
    """The sheets as one file, named by its subject and the time (RFC 3339) when it was made."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, _OPTIONS) as book:
        for sheet in sheets:
            _written(book, sheet)
    stamp = made[:19].replace(":", "").replace("-", "")
    return Workbook(stream.getvalue(), f"lingji-{subject}-{stamp}.xlsx")


def _written(book: Any, told: Sheet) -> None:
    sheet = book.add_worksheet(told.name)
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    sheet.freeze_panes(1, 1)
    sheet.set_column(0, len(told.heading) - 1, 16)
    for column, text in enumerate(told.heading):
        sheet.write_string(0, column, text, bold)
    last = 0
    for last, row in enumerate(told.rows, start=1):
        for column, cell in enumerate(row):
            if isinstance(cell, str):
                sheet.write_string(last, column, cell[:LONGEST_SHEET_TEXT])
            elif cell is not None:
                sheet.write_number(last, column, cell)
    if last:
        sheet.autofilter(0, 0, last, len(told.heading) - 1)
