"""A list of an answer that is JSON text already, and objects only for those who look into it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, overload


class Written(Sequence[Any]):
    """A list as JSON: `text`, in UTF-8. What it holds is read from there when it is asked for."""

    __slots__ = ("_items", "text")

    def __init__(self, text: bytes) -> None:
        """The list of this text, which is JSON."""
        self.text = text
        self._items: list[Any] | None = None

    @classmethod
    def of(cls, items: Iterable[bytes]) -> Written:
        """The list of these items, each of them JSON."""
        return cls(b"[" + b",".join(items) + b"]")

    def __len__(self) -> int:
        return len(self.read())

    @overload
    def __getitem__(self, place: int) -> Any: ...
    @overload
    def __getitem__(self, place: slice) -> list[Any]: ...
    def __getitem__(self, place: int | slice) -> Any:
        return self.read()[place]

    def __eq__(self, other: object) -> bool:
        return self.read() == (other.read() if isinstance(other, Written) else other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return repr(self.read())

    def read(self) -> list[Any]:
        """The list as objects, the same ones every time."""
        if self._items is None:
            self._items = json.loads(self.text)
        return self._items


def read(value: object) -> list[Any]:
    """What is written, for `json`, which does not know it.

    Raises:
        TypeError: when it is anything else.
    """
    if isinstance(value, Written):
        return value.read()
    raise TypeError(f"{type(value).__name__} is not JSON")
