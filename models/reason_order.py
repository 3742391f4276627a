"""The order in which a head's reasons are told: in C, or with the same result in Python."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

from models.indicator_among_peers import Side, tells_alone
from models.terms_among_peers import InShort


class Joint(NamedTuple):
    """Terms of one dimension that are told together, by their numbers, and what they make.

    log_odds: 0 where there are none.
    """

    members: list[int]
    part: Any
    log_odds: int


def in_order_in_python(
    parts: list[Any],
    moved: list[float],
    log_odds: list[int] | None,
    moves: list[float],
    sides: tuple[Side, ...],
    terms: InShort,
    joined: Callable[[list[Any]], tuple[Any, float]],
    joint: type[Joint] = Joint,
) -> list[int | Joint]:
    """The number of each of t terms that is told alone, and those told jointly, greatest first.

    A term is told at all if it moved something as shown. Of equals comes first the one that moved
    more before it was rounded, then the first by name; joint ones come behind.

    Args:
        parts: the terms' parts on the scale on which they are shown.
        moved: how far each moves something as shown, with its sign; 0 where it does not.
        log_odds: the same in log-odds, where the scale is that of a probability.
        moves: how far each term moved before it was rounded.
        sides: of each indicator of the row.
        terms: (t, 4), what is known of each before any project.
        joined: puts parts together, and says how far the whole moves.

    Raises:
        ValueError: when the lists are of other lengths than there are terms.
    """
    found: list[tuple[float, float, float, int | Joint]] = []
    pooled: dict[int, list[int]] = {}
    odds = log_odds or [0] * len(parts)
    of_terms = zip(moved, odds, moves, terms.tolist(), strict=True)
    for number, (size, own_odds, move, (place, expected, rank, dimension)) in enumerate(of_terms):
        if not size and not own_odds:
            continue
        if tells_alone(sides[place], expected, move):
            found.append((-abs(size), -abs(move), rank, number))
        else:
            pooled.setdefault(dimension, []).append(number)
    for members in pooled.values():
        part, size = joined([parts[number] for number in members])
        own_odds = sum([odds[number] for number in members])
        if size or own_odds:  # else they cancel out as shown
            move = math.fsum([moves[number] for number in members])
            found.append((-abs(size), -abs(move), math.inf, joint(members, part, own_odds)))
    found.sort()
    return [told for _, _, _, told in found]


try:
    from models._reasons import in_order as in_order
except ImportError:  # installed without a C compiler
    in_order = in_order_in_python
