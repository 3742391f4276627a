"""The reasons of a head: how far each indicator moved one prediction, as shown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Generic, NamedTuple, overload

from models.comparison import Comparison, ShownValue
from models.part_scale import ODDS, Part, PartScale
from models.reason_order import Joint, in_order
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
    moves: list[float]
    parts: list[Part]
    scale: PartScale[Part]
    log_odds: list[int] | None = None

    def __len__(self) -> int:
        return len(self.in_order)

    def __iter__(self) -> Iterator[Reason]:
        return iter(self[:])

    @overload
    def __getitem__(self, place: int) -> Reason: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Reason, ...]: ...
    def __getitem__(self, place: int | slice) -> Reason | tuple[Reason, ...]:
        if isinstance(place, slice):
            return tuple(self._told(self.in_order[place]))
        return self._told([self.in_order[place]])[0]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and self[:] == tuple(other)

    def by_dimension(self) -> dict[str, Decimal]:
        """The parts of each dimension put together."""
        shown = self.scale.shown
        return {name: shown(part) for name, part in self.parts_by_dimension.items()}

    @cached_property
    def parts_by_dimension(self) -> dict[str, Part]:
        """The same as parts of the scale."""
        part_of, together = self.parts.__getitem__, self.scale.together
        return {
            name: together(map(part_of, members)) for name, members in self.peers.dimensions.items()
        }

    @cached_property
    def in_order(self) -> list[int | Joint]:
        """The number of each term that is told alone, and those told jointly, greatest first."""
        parts, scale = self.parts, self.scale
        moved, terms, sides = scale.moved(parts), self.peers.in_short, self.row.sides
        return in_order(
            *(parts, moved, self.log_odds, self.moves, sides, terms, scale.joined, Joint)
        )

    def _told(self, chosen: Sequence[int | Joint]) -> list[Reason]:
        """The reasons of these terms."""
        terms, places, values = self.peers.terms, self.peers.places, self.row.values
        parts, log_odds, shown = self.parts, self.log_odds, self.scale.shown
        told = []
        for number in chosen:
            if not isinstance(number, int):
                told.append(self._told_jointly(number))
                continue
            term, part, value = terms[number], shown(parts[number]), values[places[number]]
            odds = ODDS.shown(log_odds[number]) if log_odds else None
            told.append(Reason(term.name, term.dimension, part, odds, value, term.compared))
        return told

    def _told_jointly(self, joint: Joint) -> Reason:
        terms = [self.peers.terms[number] for number in joint.members]
        names = tuple([term.name for term in terms])
        odds = ODDS.shown(joint.log_odds) if self.log_odds else None
        return Reason(None, terms[0].dimension, self.scale.shown(joint.part), odds, joint=names)
