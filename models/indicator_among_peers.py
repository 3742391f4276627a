"""An indicator among the members of one peer group: what a reason can say of it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from features.field import Kind
from models.comparison import Comparison, ShownValue, compared, ordered_codes, shown_value
from models.model import Model
from models.past_projects import compared_by_share

NEARLY_ALL = 0.8
SHOWN_PRECISION = 5e-4

Side = int | None
"""Where a value lies beside the peers': 1 above, −1 not above, 0 where that cannot be said.

None where it is what the peers have, and that says nothing.
"""


@dataclass(frozen=True, slots=True, eq=False)
class IndicatorAmongPeers:
    """One indicator, and what the members of a peer group have of it; equal to itself alone.

    told_if_same: whether the peers' own value says something, as a rare one does. middle: what a
    number lies above or below, the peers' median, or for a flag their mean. codes: of an ordered
    category, by their positions.
    """

    name: str
    dimension: str
    compared: Comparison
    told_if_same: bool
    middle: float
    codes: tuple[str, ...] = ()
    _number: float | None = field(init=False, repr=False)

    def __post_init__(self) -> None:
        typical = self.compared.typical
        told = self.told_if_same or self.codes or not isinstance(typical, float)
        object.__setattr__(self, "_number", None if told else typical)

    @classmethod
    def of(cls, model: Model, name: str, group: int) -> IndicatorAmongPeers:
        """An indicator among the members of a peer group of a model."""
        indicator = model.catalogue.by_name[name]
        found = compared(model.catalogue, model.vocabulary, model.summary, name, group)
        told_if_same = compared_by_share(indicator) and found.share < NEARLY_ALL
        return cls(
            name,
            indicator.dimension,
            found,
            told_if_same,
            _middle(model, name, group),
            ordered_codes(indicator),
        )

    def shown(self, raw: float | str | None) -> tuple[ShownValue, Side]:
        """A value as people know it, and its side of the peers.

        It is theirs where it is the peers' median, or where nearly all of them have it.
        """
        number = self._number
        if number is not None and isinstance(raw, float) and -math.inf < raw < math.inf:
            # What most of them are, by the shortest way to the same.
            if math.isclose(raw, number, rel_tol=SHOWN_PRECISION):
                return raw, None
            return raw, 1 if raw > self.middle else -1
        value = shown_value(self.name, self.codes, raw)
        if not self.told_if_same:
            typical = self.compared.typical
            if value == typical or (
                isinstance(value, float)
                and isinstance(typical, float)
                and math.isclose(value, typical, rel_tol=SHOWN_PRECISION)  # as people are shown it
            ):
                return value, None
        if not isinstance(raw, float):
            return value, 0
        apart = raw - self.middle
        return value, 1 if apart > 0 else -1 if apart <= 0 else 0  # NaN: not comparable


def tells_alone(side: Side, expected: int, move: float) -> bool:
    """Whether a movement can be told beside its comparison.

    It cannot where the value is the peers', or where it would deny the declared direction: then
    it comes from the combination with other facts.

    Args:
        expected: the sign of the declared direction, 0 where it is free.
    """
    if side is None:
        return False
    return not side or not expected or (side > 0) != (move * expected < 0)


def _middle(model: Model, name: str, group: int) -> float:
    """The peers' median of a number; of a flag their mean, the share of those that have it."""
    summary = model.summary
    column = summary.position[name]
    typical = float(summary.typical[group, column])
    if model.catalogue.by_name[name].kind is not Kind.FLAG:
        return typical
    share = float(summary.share[group, column])
    return share if typical >= 1 else 1 - share
