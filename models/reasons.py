"""The reasons of a head: how far each indicator moved one prediction, as shown."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from operator import itemgetter
from typing import Generic, NamedTuple, overload

from models.comparison import Comparison, ShownValue
from models.indicator_among_peers import tells_alone
from models.part_scale import ODDS, Part, PartScale
from models.shown_row import ShownRow
from models.terms_among_peers import TermsAmongPeers


class Reason(NamedTuple):
    """How far one indicator moved one prediction from that of its peers, as shown.

    `contribution` is in points or in probability; for an amount it is a factor. `log_odds` is
    given for a probability. A joint reason pools indicators of one dimension that cannot be told
    alone, because their value is that of the peers or the movement would seem to contradict their
    direction: it arises from the combination with other facts. It names them in `joint` and has
    no value of its own.
    """

    indicator: str | None
    dimension: str
    contribution: Decimal
    log_odds: Decimal | None = None
    value: ShownValue = None
    compared: Comparison | None = None
    joint: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Reasons(Sequence[Reason], Generic[Part]):
    """The terms that moved anything, greatest first; joint ones pooled by dimension.

    Each is put together when it is asked for: an answer tells all, a row of a file the leading
    ones. parts: each term's part on the scale; moves: how far it moved before rounding. log_odds:
    in steps of the scale `ODDS`; a term moves something if it moves these.
    """

    peers: TermsAmongPeers
    row: ShownRow
    moves: Sequence[float]
    parts: Sequence[Part]
    scale: PartScale[Part]
    log_odds: Sequence[int] | None = None

    def __len__(self) -> int:
        return len(self._in_order)

    def __iter__(self) -> Iterator[Reason]:
        return iter(self[:])

    @overload
    def __getitem__(self, place: int) -> Reason: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Reason, ...]: ...
    def __getitem__(self, place: int | slice) -> Reason | tuple[Reason, ...]:
        if isinstance(place, slice):
            return tuple([self._told(members) for members in self._in_order[place]])
        return self._told(self._in_order[place])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and self[:] == tuple(other)

    def by_dimension(self) -> dict[str, Decimal]:
        """The parts of each dimension put together."""
        parts, shown, together = self.parts, self.scale.shown, self.scale.together
        return {
            name: shown(together([parts[i] for i in members]))
            for name, members in self.peers.dimensions.items()
        }

    @cached_property
    def _in_order(self) -> list[int | list[int]]:
        """The number of each term that is told alone, or the numbers of those told jointly."""
        nothing, size, log_odds = self.scale.nothing, self.scale.size, self.log_odds
        terms, expected, moves = self.peers.terms, self.peers.expected, self.moves
        places, sides = self.peers.places, self.row.sides
        found: list[tuple[float, float, str, int | list[int]]] = []
        pooled: dict[str, list[int]] = {}
        for number, part in enumerate(self.parts):
            if part == nothing and not (log_odds and log_odds[number]):
                continue
            term, move = terms[number], moves[number]
            if tells_alone(sides[places[number]], expected[number], move):
                found.append((-size(part), -abs(move), term.name, number))
            else:
                pooled.setdefault(term.dimension, []).append(number)
        for members in pooled.values():
            part, odds = self._together(members)
            if part == nothing and not odds:
                continue  # they cancel out as shown
            moved = math.fsum([self.moves[i] for i in members])
            found.append((-size(part), -abs(moved), "~", members))
        found.sort(key=itemgetter(0, 1, 2))
        return [members for _, _, _, members in found]

    def _together(self, members: Sequence[int]) -> tuple[Part, int]:
        part = self.scale.together([self.parts[i] for i in members])
        return part, sum([self.log_odds[i] for i in members]) if self.log_odds else 0

    def _told(self, members: int | list[int]) -> Reason:
        terms, shown = self.peers.terms, self.scale.shown
        if isinstance(members, int):
            term, part = terms[members], self.parts[members]
            odds = ODDS.shown(self.log_odds[members]) if self.log_odds else None
            value = self.row.values[self.peers.places[members]]
            return Reason(term.name, term.dimension, shown(part), odds, value, term.compared)
        part, steps = self._together(members)
        odds = ODDS.shown(steps) if self.log_odds else None
        names = tuple([terms[i].name for i in members])
        return Reason(None, terms[members[0]].dimension, shown(part), odds, joint=names)
