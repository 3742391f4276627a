"""Whether prices moved away from their standards: a sequential test that may be read at any time.

For each kind of thing every later approved unit price bets on whether it lies above (or below) the
middle of its standard. While half of them do, the winnings are a supermartingale, so that they
exceed 1 ÷ α with a probability of at most α however often one looks (Ville, 1939; Shafer, 2021).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from features.operations import Numbers
from features.standards.library import Library
from features.standards.priced_item import Family
from training.standards.approved_prices import ApprovedPrices

ALPHA = 0.05
"""The probability of a false alarm for a kind of thing whose prices have not moved."""
TOLERANCE = 0.02
"""Shifts of the middle up to this logarithm are no reason for a revision."""
LEAST = 20
"""With fewer later prices nothing is said of a kind."""
_STAKES = (0.05, 0.1, 0.2, 0.4, 0.8)
"""Shares of what it has that each player bets; the winnings are the mean of all."""


@dataclass(frozen=True)
class PriceDrift:
    """What later prices say of one kind of thing.

    evidence: the greatest winnings, for a rise or a fall; from 1 ÷ ALPHA × 2 on a revision is
    proposed. shift: the median of unit price ÷ middle of the standard − 1. since: the round in
    which the evidence was first enough. codes: the standards of that kind.
    """

    family: Family
    economic_code: str
    unit: str
    project_type: str
    prices: int
    shift: float
    evidence: float
    since: int | None

    @property
    def revise(self) -> bool:
        """Whether a revision is proposed."""
        return self.since is not None


def price_drifts(prices: ApprovedPrices, library: Library, after: int) -> list[PriceDrift]:
    """What prices approved in rounds after `after` say of every kind, the strongest first."""
    beside: dict[tuple[str, str, str, str], list[tuple[int, float]]] = {}
    for number in np.flatnonzero(prices.rounds > after):
        item = prices.items[number]
        standard = library.learned_for(item)
        if standard is None:
            continue
        middle = standard.mid * standard.factor(item.price_index)
        shift = float(prices.price[number]) - math.log(middle)
        key = (*standard.subject, standard.project_type)
        beside.setdefault(key, []).append((int(prices.rounds[number]), shift))
    drifts = [_drift(key, found) for key, found in sorted(beside.items()) if len(found) >= LEAST]
    return sorted(drifts, key=lambda each: -each.evidence)


def winnings(above: Numbers) -> Numbers:
    """What a mixture of players has after each bet that a price lies above, shape (n,).

    Args:
        above: 1 where it does, −1 where it does not, shape (n,).
    """
    grown = np.cumsum(np.log1p(np.outer(_STAKES, above)), axis=1)
    return np.asarray(np.exp(grown).mean(axis=0), dtype=np.float64)


def _drift(key: tuple[str, str, str, str], found: list[tuple[int, float]]) -> PriceDrift:
    ordered = sorted(found, key=lambda each: each[0])
    rounds = np.array([each[0] for each in ordered])
    shifts = np.array([each[1] for each in ordered])
    # A shift within the tolerance lies beyond it in half of the cases at most.
    rise = winnings(np.where(shifts > TOLERANCE, 1.0, -1.0))
    fall = winnings(np.where(shifts < -TOLERANCE, 1.0, -1.0))
    evidence = np.maximum(rise, fall)
    enough = np.flatnonzero(evidence >= 2 / ALPHA)  # two tests share the probability
    return PriceDrift(
        Family(key[0]),
        *key[1:],
        prices=len(found),
        shift=math.expm1(float(np.median(shifts))),
        evidence=float(evidence.max()),
        since=int(rounds[enough[0]]) if len(enough) else None,
    )
