"""Result files: rows written in order to a file that is only ever seen complete."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from features.errors import Fault, FileError
from serving.files.result_columns import Cell, Columns, in_columns
from serving.files.result_kinds import KINDS


@dataclass(frozen=True)
class Encoder:
    """Turns rows into what a ResultWriter of the same kind and columns appends to its file.

    kind: the ending of the file's name, one of KINDS.
    """

    kind: str
    columns: Columns

    def encode(self, rows: Iterable[Mapping[str, Cell]]) -> bytes:
        """The rows, encoded; a column that a row does not name is empty.

        Raises:
            ValueError: when a row names another column, or a value has not its column's type.
        """
        return KINDS[self.kind].encode(in_columns(rows, self.columns), self.columns)


class ResultWriter:
    """Writes rows to a file that appears under its name when, and only when, all is written.

    Inside `with`, rows go to a hidden folder beside the target; leaving normally renames, leaving
    by an exception removes, and a file that was there before stays untouched until the rename.
    `before_named` is called with the complete file before it gets its name; if it raises, there is
    none. `count` is the number of rows written.

    >>> columns = {"project_id": str, "necessity": float}
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with ResultWriter(f"{folder}/results.jsonl", columns) as results:
    ...         results.write([{"project_id": "A1", "necessity": 78.2}])
    ...     Path(folder, "results.jsonl").read_text()
    '{"project_id": "A1", "necessity": 78.2}\\n'
    """

    def __init__(self, path: str | Path, columns: Columns) -> None:
        """Prepare to write `columns`: names to the type of their values, any of which may be None.

        Raises:
            FileError: when the ending of `path` is not one of KINDS, or its folder is not there.
        """
        self._path = Path(path)
        self._closing = ExitStack()
        self.count = 0
        self.before_named: Callable[[Path], None] = lambda complete: None
        if fault := _path_fault(self._path):
            raise FileError([fault], str(path))
        self.encoder = Encoder(self._path.suffix.lower(), dict(columns))

    def __enter__(self) -> Self:
        with ExitStack() as opening:
            folder = opening.enter_context(
                tempfile.TemporaryDirectory(prefix=".writing-", dir=self._path.parent)
            )
            self._part = Path(folder) / self._path.name
            self._sink = KINDS[self.encoder.kind].sink(self._part, self.encoder.columns)
            self._closing = opening.pop_all()
        return self

    def write(self, rows: Iterable[Mapping[str, Cell]]) -> None:
        """Write rows; a column that a row does not name is empty.

        Raises:
            ValueError: when a row names another column, or a value has not its column's type.
            FileError: when the kind of file cannot hold so many rows.
        """
        given = list(rows)
        self.append(self.encoder.encode(given), len(given))

    def append(self, encoded: bytes, count: int) -> None:
        """Write `count` rows that `encoder`, here or in another process, has encoded.

        Raises:
            FileError: when the kind of file cannot hold so many rows.
        """
        self._sink.append(encoded)
        self.count += count

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._closing:
            self._sink.close()
            if error is None:
                _keep(self._part)
                self.before_named(self._part)
                os.replace(self._part, self._path)


def _path_fault(path: Path) -> Fault | None:
    if path.suffix.lower() not in KINDS:
        expected = f"a file ending in {', '.join(KINDS)}"
        return Fault(None, None, expected, path.suffix or "no ending")
    if not path.parent.is_dir():
        return Fault(None, None, "a folder that exists", str(path.parent), "make it first")
    if path.is_dir():
        return Fault(None, None, "a file name", "the name of a folder")
    return None


def _keep(path: Path) -> None:
    """Have the file's bytes on the disk before its name is."""
    with path.open("rb") as stream:
        os.fsync(stream.fileno())
