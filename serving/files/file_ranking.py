"""The ranking of a scored file: strict places within each round, sorted on the disk."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from itertools import groupby, islice
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from features.errors import Fault, FileError
from serving.files.result_columns import Cell, Columns
from serving.files.result_files import ResultWriter

RANKING: Columns = {
    "rank": int,
    "row": int,
    "project_id": str,
    "year": int,
    "grade": str,
    "rank_score": float,
    "necessity": float,
    "importance": float,
}
KEPT = tuple(name for name in RANKING if name != "rank")

Place = tuple[Cell, ...]
"""What the ranking keeps of a rated row: the values of KEPT, in order."""

# The newest round first, then models.priority.rank_key, then the earlier row. SQLite compares
# texts byte by byte in UTF-8, which is the order of Python's texts.
_ORDER = "year DESC, rank_score DESC, necessity DESC, importance DESC, project_id, row"
_TABLE = f"""
    CREATE TABLE place (
        row INTEGER, project_id TEXT, year INTEGER, grade TEXT,
        rank_score REAL, necessity REAL, importance REAL, PRIMARY KEY ({_ORDER})
    ) WITHOUT ROWID
"""
_SELECT = f"SELECT {', '.join(KEPT)} FROM place ORDER BY {_ORDER}"  # noqa: S608 - all ours
_INSERT = f"INSERT INTO place ({', '.join(KEPT)}) VALUES ({', '.join('?' * len(KEPT))})"  # noqa: S608
_MEMORY_KIB = 8_192
_WRITTEN_AT_ONCE = 1_000


class FileRanking:
    """Takes places in any order and writes them in strict order, in memory that does not grow.

    Inside `with`, the places wait in a table in a hidden folder beside the target.
    """

    def __init__(self, path: Path) -> None:
        """Prepare to write a ranking.

        Raises:
            FileError: when `path` cannot be written.
        """
        self._path = path
        self._writer = ResultWriter(path, RANKING)
        self._closing = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as opening, _on_the_disk(self._path):
            folder = opening.enter_context(
                tempfile.TemporaryDirectory(prefix=".ranking-", dir=self._path.parent)
            )
            # Not to be kept, so it need not survive a power cut: no journal, no waiting.
            table = sqlite3.connect(Path(folder) / "places", isolation_level=None)
            self._table = opening.enter_context(closing(table))
            for setting in ("journal_mode = OFF", "synchronous = OFF", "locking_mode = EXCLUSIVE"):
                self._table.execute(f"PRAGMA {setting}")
            self._table.execute(f"PRAGMA cache_size = -{_MEMORY_KIB}")
            self._table.execute(_TABLE)
            self._closing = opening.pop_all()
        return self

    def add(self, places: Iterable[Place]) -> None:
        """Take places in.

        Raises:
            FileError: when the disk cannot hold them.
        """
        with _on_the_disk(self._path):
            self._table.execute("BEGIN")
            self._table.executemany(_INSERT, places)
            self._table.execute("COMMIT")

    def write(self) -> None:
        """Write the ranking: ranks from 1 in each round, the newest round first.

        Raises:
            FileError: when the disk or the kind of file cannot hold it.
        """
        with _on_the_disk(self._path), self._writer as writer:
            ranked = _ranked(self._table.execute(_SELECT))
            while rows := list(islice(ranked, _WRITTEN_AT_ONCE)):
                writer.write(rows)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._closing.close()


def _ranked(places: Iterable[Any]) -> Iterator[dict[str, Cell]]:
    year = KEPT.index("year")
    for _, places_of_round in groupby(places, key=lambda place: place[year]):
        for rank, place in enumerate(places_of_round, start=1):
            yield {"rank": rank, **dict(zip(KEPT, place, strict=True))}


@contextmanager
def _on_the_disk(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        fault = Fault(None, None, "room on the disk to sort the ranking", str(error))
        raise FileError([fault], str(path)) from error
