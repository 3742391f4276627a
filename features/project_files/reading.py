"""One way to read declared projects, whatever the kind of file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from features.errors import Fault, FileError
from features.project_files.batch import BadRow, Batch, GoodRow, Origin, Row
from features.project_files.csv_rows import read_csv
from features.project_files.json_rows import read_json_document, read_json_lines
from features.project_files.parquet_rows import read_parquet
from features.project_files.piece import Piece
from features.project_files.xlsx_rows import read_xlsx

Reader = Callable[[Path, int], tuple[Origin, Iterator[Piece]]]

KINDS: dict[str, Reader] = {
    ".csv": read_csv,
    ".xlsx": read_xlsx,
    ".parquet": read_parquet,
    ".jsonl": read_json_lines,
    ".json": read_json_document,
}
"""The reader of each file name ending."""

# How files of each kind begin, whatever they are called.
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"
_SIGNATURES = {
    b"PK\x03\x04": (".xlsx", "an Excel workbook"),
    b"PAR1": (".parquet", "a Parquet file"),
    _OLD_OFFICE: ("", "a workbook with a password, or one of Excel before 2007"),
    b"\x1f\x8b": ("", "a gzip archive"),
    b"%PDF": ("", "a PDF"),
}


def read_projects(path: str | Path, batch_size: int = 2_000) -> Iterator[Batch]:
    """The declared projects of a file, in file order, at most `batch_size` rows at a time.

    Every row that is not blank is either a document or named by a fault. Row numbers are those of
    a spreadsheet (csv, xlsx: the header is row 1), lines (jsonl) or positions from 1 (parquet,
    json). Memory does not grow with the number of rows; a workbook (of at most 1,048,576) takes its
    table of texts, which is limited, and some 300 bytes a row.

    Raises:
        FileError: when the file as a whole cannot be read, or holds no project.
    """
    origin, pieces = cut_projects(Path(path), batch_size)
    for piece in pieces:
        yield _batch(piece.rows(), origin)


def cut_projects(path: Path, size: int) -> tuple[Origin, Iterator[Piece]]:
    """How a file is read, and its rows cut into pieces of at most `size`, which read themselves.

    Raises:
        FileError: when the file as a whole cannot be read, or, from the pieces, holds no project.
    """
    try:
        origin, pieces = _reader(path)(path, size)
    except FileError as error:
        raise FileError(error.faults, str(path)) from error
    return origin, _at_least_one(pieces, origin, path)


def _at_least_one(pieces: Iterator[Piece], origin: Origin, path: Path) -> Iterator[Piece]:
    piece = None
    for piece in pieces:
        yield piece
    if piece is None:
        what = "a header only" if origin.columns else "none"
        raise FileError([Fault(None, None, "at least one project", what)], str(path))


def _batch(read: Iterable[Row], origin: Origin) -> Batch:
    rows = list(read)
    documents = tuple((row.number, row.document) for row in rows if isinstance(row, GoodRow))
    faults = tuple(f for row in rows if isinstance(row, BadRow) for f in row.faults)
    return Batch(documents, faults, origin)


def _reader(path: Path) -> Reader:
    kind = path.suffix.lower()
    if kind not in KINDS:
        hint = "Excel can save it as .xlsx" if kind in (".xls", ".et", ".xlsb", ".ods") else ""
        expected = f"a file ending in {', '.join(KINDS)}"
        raise FileError([Fault(None, None, expected, kind or "no ending", hint)])
    start = _start(path)
    if not start:
        raise FileError([Fault(None, None, "declared projects", "an empty file")])
    for signature, (right_kind, what) in _SIGNATURES.items():
        if start.startswith(signature) and right_kind != kind:
            hint = f"rename it to end in {right_kind}" if right_kind else "save it as .xlsx or .csv"
            raise FileError([Fault(None, None, f"what {kind} promises", what, hint)])
    return KINDS[kind]


def _start(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(8)
    except OSError as error:
        got = error.strerror or type(error).__name__
        raise FileError([Fault(None, None, "a file that can be read", got)]) from error
