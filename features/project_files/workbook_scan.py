"""What openpyxl's streaming reader does not tell: merged cells, and whether there are formulas."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from openpyxl.utils import column_index_from_string

from features.errors import Fault, FileError

LARGEST_CONTENT = 4 * 2**30
LARGEST_TEXTS = 512 * 2**20
"""Bytes once unpacked. A small workbook can unpack to more memory than a machine has; the sheet
itself is streamed, the table of texts is not."""

_CHUNK = 2**20
_FORMULA = re.compile(rb"<(?:\w+:)?f[ />]")
_MERGE = re.compile(rb'<(?:\w+:)?mergeCell [^>]*?ref="([A-Z]{1,3})(\d+):([A-Z]{1,3})(\d+)"')
_LONGEST_TAG = 200


@dataclass(frozen=True)
class Merge:
    """A merged area; rows count from 1 and columns from 0, ends included."""

    first_row: int
    last_row: int
    first_column: int
    last_column: int

    @property
    def wide(self) -> bool:
        """Whether it spans several columns."""
        return self.last_column > self.first_column


@dataclass(frozen=True)
class SheetScan:
    """The merged areas of a sheet, and whether any of its cells is a formula."""

    merges: tuple[Merge, ...]
    has_formulas: bool


def check_size(path: Path) -> None:
    """Refuse a workbook that would unpack to more than can be read.

    Raises:
        FileError: naming the limit. zipfile.BadZipFile: when it is no zip archive.
    """
    with zipfile.ZipFile(path) as archive:
        sizes = {entry.filename: entry.file_size for entry in archive.infolist()}
    texts = max((size for name, size in sizes.items() if "sharedStrings" in name), default=0)
    for got, limit, what in (
        (sum(sizes.values()), LARGEST_CONTENT, "bytes when unpacked"),
        (texts, LARGEST_TEXTS, "bytes of text when unpacked"),
    ):
        if got > limit:
            expected, hint = f"a workbook of at most {limit:,} {what}", "save it as csv or parquet"
            raise FileError([Fault(None, None, expected, f"{got:,}", hint)])


def scan_sheet(stream: IO[bytes]) -> SheetScan:
    """The merged areas and formulas of a worksheet's XML, read once in small pieces."""
    merges: set[Merge] = set()
    has_formulas = False
    for piece in _pieces(stream):
        has_formulas = has_formulas or bool(_FORMULA.search(piece))
        merges.update(_merge(*found.groups()) for found in _MERGE.finditer(piece))
    return SheetScan(
        tuple(sorted(merges, key=lambda m: (m.first_row, m.first_column))), has_formulas
    )


def _merge(left: bytes, top: bytes, right: bytes, bottom: bytes) -> Merge:
    columns = (column_index_from_string(letters.decode()) - 1 for letters in (left, right))
    first, last = columns
    return Merge(int(top), int(bottom), first, last)


def _pieces(stream: IO[bytes]) -> Iterator[bytes]:
    """Pieces that overlap, so that no tag is cut in two in both."""
    kept = b""
    while chunk := stream.read(_CHUNK):
        yield kept + chunk
        kept = chunk[-_LONGEST_TAG:]
