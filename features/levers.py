"""Levers: what the declaring department may lawfully change, which way, and in which steps."""

from __future__ import annotations

import math
from dataclasses import dataclass

from features.catalogue import Catalogue
from features.derivation import origins
from features.field import Kind, Role, Source
from features.head_declaration import HeadKind
from features.indicator import Indicator

DEPARTMENT = "department"
_WELCOME = {
    (HeadKind.SCORE, "+"): True,
    (HeadKind.SCORE, "-"): False,
    (HeadKind.PROBABILITY, "+"): False,
    (HeadKind.PROBABILITY, "-"): True,
}
"""Whether a department would want an indicator to rise: a score shall rise, a risk fall."""
_STEPPED = frozenset({Kind.SHARE, Kind.COUNT, Kind.NUMBER})
_EXACT = 9
"""Decimals kept of a value reached by steps: 0.1 three times is 0.3."""

LeverValue = str | float | bool


@dataclass(frozen=True)
class Lever:
    """An indicator that its department may change, and the direction that helps.

    weaker: ordered indicators of the same codes that rest on fewer of the same facts; whoever
    raises this one has raised them as well.
    """

    indicator: Indicator
    upward: bool
    weaker: tuple[str, ...] = ()

    def steps_from(self, value: LeverValue | None, most: int) -> list[LeverValue]:
        """The values after 1, 2, … of the smallest meaningful steps, at most `most`.

        Empty where the value is unknown or cannot be moved any further.
        """
        if value is None:
            return []
        if self.indicator.kind is Kind.FLAG:
            return [] if bool(value) is self.upward else [self.upward]
        if self.indicator.codes:
            codes = list(self.indicator.codes)
            place = codes.index(str(value))
            further = codes[place + 1 :] if self.upward else codes[:place][::-1]
            return [*further[:most]]
        return self._numbers_from(float(value), most)

    def _numbers_from(self, value: float, most: int) -> list[LeverValue]:
        """The further values of a number, the last one at the end of its range."""
        step = self.indicator.changeable.step if self.indicator.changeable else 1.0
        low, high = self._limits
        found: list[LeverValue] = []
        current = value
        for number in range(1, most + 1):
            reached = round(value + (number if self.upward else -number) * step, _EXACT)
            reached = min(max(reached, low), high)
            if reached == current or (reached > current) is not self.upward:
                break
            found.append(reached)
            current = reached
        return found

    @property
    def _limits(self) -> tuple[float, float]:
        share = self.indicator.kind is Kind.SHARE
        low, high = self.indicator.range or (0.0, 1.0 if share else None)
        return -math.inf if low is None else low, math.inf if high is None else high


def verified_facts(catalogue: Catalogue) -> frozenset[str]:
    """The given indicators and the parts that come from ledgers, audits and other systems."""
    indicators = {i.name for i in catalogue.given if i.source is Source.VERIFIED}
    return frozenset(indicators | {p.name for p in catalogue.parts if p.source is Source.VERIFIED})


def rests_on_verified(name: str, catalogue: Catalogue) -> bool:
    """Whether an indicator rests, at any depth, on a fact that another system vouches for."""
    found = origins(name, catalogue.by_name)
    return not {origin.partition(".")[0] for origin in found}.isdisjoint(verified_facts(catalogue))


def levers(catalogue: Catalogue) -> tuple[Lever, ...]:
    """What a department may lawfully improve, in catalogue order.

    An indicator is one when the catalogue lets the department change it, it rests on nothing
    verified and on no reasonable cost, and every head that has a direction for it welcomes the
    same one. Of two that tell the same in part, such as the level of a document and the level of
    a document in force, the stricter one is the lever: a document out of force improves nothing.
    """
    found = [
        (indicator, upward)
        for indicator in catalogue.indicators
        if _lawful(indicator, catalogue)
        and (upward := _direction(indicator, catalogue)) is not None
    ]
    named = [indicator for indicator, _ in found]
    return tuple(
        Lever(indicator, upward, tuple(i.name for i in named if _stricter(indicator, i)))
        for indicator, upward in found
        if not any(_stricter(other, indicator) for other in named)
    )


def _lawful(indicator: Indicator, catalogue: Catalogue) -> bool:
    changeable = indicator.changeable
    if changeable is None or changeable.by != DEPARTMENT:
        return False
    if indicator.role in (Role.REQUESTED_AMOUNT, Role.LAST_BUDGET, Role.DECLARER):
        return False
    tried = indicator.kind in _STEPPED or indicator.kind is Kind.FLAG or bool(indicator.ordered)
    return tried and not rests_on_verified(indicator.name, catalogue)


def _direction(indicator: Indicator, catalogue: Catalogue) -> bool | None:
    """Whether the indicator shall rise; None where the heads disagree, are indifferent or price."""
    kinds = {head.name: head.kind for head in catalogue.heads}
    if any(kinds[head] is HeadKind.AMOUNT for head in indicator.use):
        return None
    wishes = {
        _WELCOME[kinds[head], direction]
        for head, direction in indicator.use.items()
        if direction != "free"
    }
    return wishes.pop() if len(wishes) == 1 else None


def _stricter(one: Indicator, other: Indicator) -> bool:
    """Whether `one` tells what `other` tells, on more conditions."""
    if not (one.ordered and one.codes == other.codes and one.derive and other.derive):
        return False
    return set(other.derive.of) < set(one.derive.of)
