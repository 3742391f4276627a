"""Two texts side by side: what they have in common, and where they differ."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

LONGEST = 3_000
"""Letters of a text that are compared; the rest is shown as different."""
_SHORTEST_SAME = 2


@dataclass(frozen=True)
class Piece:
    """A piece of a text. same: whether the other text has it as well, in the same order."""

    text: str
    same: bool


def marked(one: str, other: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """The pieces of both texts; joined they are the texts.

    >>> marked("采购设备三台", "购置设备三台")[0]
    (Piece(text='采购', same=False), Piece(text='设备三台', same=True))
    """
    blocks = _blocks(one, other)
    return tuple(_pieces(one, [(a, n) for a, _, n in blocks])), tuple(
        _pieces(other, [(b, n) for _, b, n in blocks])
    )


def shared_passages(one: str, other: str, shortest: int) -> list[str]:
    """The passages of at least so many letters that both texts have, in their order."""
    return [one[a : a + n] for a, _, n in _blocks(one, other) if n >= shortest]


def _blocks(one: str, other: str) -> list[tuple[int, int, int]]:
    matcher = SequenceMatcher(None, one[:LONGEST], other[:LONGEST], autojunk=False)
    blocks = matcher.get_matching_blocks()
    return [(b.a, b.b, b.size) for b in blocks if b.size >= _SHORTEST_SAME]


def _pieces(text: str, same: list[tuple[int, int]]) -> Iterator[Piece]:
    place = 0
    for start, size in same:
        if start > place:
            yield Piece(text[place:start], False)
        yield Piece(text[start : start + size], True)
        place = start + size
    if place < len(text):
        yield Piece(text[place:], False)
