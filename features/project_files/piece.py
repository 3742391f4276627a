"""A piece of a file: consecutive rows, cut off but not yet looked into."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Protocol

from features.project_files.batch import Row


class Piece(Protocol):
    """What is quickly cut from a file in order, and can be read anywhere, in any order.

    A piece may be pickled and read in another process: it holds what the file says and what is
    needed to read it, and nothing that is open.
    """

    @property
    def first(self) -> int:
        """The number of its first row."""

    @property
    def last(self) -> int:
        """The number of its last row."""

    def rows(self) -> Iterable[Row]:
        """Its rows, in file order, as many as it was cut to hold and at least one."""


@dataclass(frozen=True)
class ReadRows:
    """Rows of a kind of file that can only be cut by reading it."""

    read: tuple[Row, ...]

    @property
    def first(self) -> int:
        """The number of its first row."""
        return self.read[0].number

    @property
    def last(self) -> int:
        """The number of its last row."""
        return self.read[-1].number

    def rows(self) -> tuple[Row, ...]:
        """The rows."""
        return self.read


def read_in_pieces(rows: Iterator[Row], size: int) -> Iterator[ReadRows]:
    """The rows in pieces of at most `size`."""
    while read := tuple(islice(rows, size)):
        yield ReadRows(read)
