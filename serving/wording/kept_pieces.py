"""Pieces of text that come again: written once and kept; the first of too many are forgotten."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

Key = TypeVar("Key")
Piece = TypeVar("Piece")


class KeptPieces(dict[Key, Piece]):
    """What is written of each key; of more than `most`, those that came first are let go.

    To read one again is to look into a dictionary; which was used last is not kept, because that
    would cost as much as the rest.
    """

    __slots__ = ("_lock", "_most", "_write")

    def __init__(self, write: Callable[[Key], Piece], most: int) -> None:
        super().__init__()
        self._write, self._most = write, most
        self._lock = threading.Lock()

    def __missing__(self, key: Key) -> Piece:
        written = self._write(key)
        with self._lock:
            if len(self) >= self._most:
                del self[next(iter(self))]
            self[key] = written
        return written
