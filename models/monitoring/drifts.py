"""What has moved since a model was made: its inputs, what it says, and the reasons that lead."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np

from models.bins import Counts, counted
from models.monitoring.observed import NO_TERM, Observed
from models.monitoring.shift import Shift, Verdict, shift_of_counts, told_from_chance
from models.reference import leading_counts

UNKNOWN_BIN = 0
_Pair = tuple["Moved", str, Counts, Counts, float]


class Moved(StrEnum):
    """What has moved."""

    INPUT = "input"
    VALUE = "value"
    REASON = "reason"


@dataclass(frozen=True)
class Drift:
    """How far one thing has moved.

    name: the indicator's, or the head's. n: the answers that were counted. told: whether that is
    more than chance; where it is not, nothing has moved. unknown: by how much the
    share of unknown values has changed, which explains an input's shift or does not.
    """

    kind: Moved
    name: str
    effect: float
    error: float
    n: int
    told: bool
    unknown: float = 0.0

    @property
    def verdict(self) -> Verdict:
        """By the effect alone, once it is told from chance."""
        return Shift(self.name, self.effect, self.error).verdict if self.told else Verdict.STABLE

    def as_json(self) -> dict[str, Any]:
        """The drift for machines."""
        return {
            "kind": self.kind.value,
            "name": self.name,
            "effect": round(self.effect, 4),
            "error": round(self.error, 4),
            "n": self.n,
            "verdict": self.verdict.value,
            "unknown": round(self.unknown, 4),
        }


def drifts(observed: Observed) -> list[Drift]:
    """Every drift, by kind, the greatest of each kind first."""
    pairs = [*_inputs(observed), *_values(observed), *_reasons(observed)]
    found = [_drift(*each, compared=len(pairs)) for each in pairs]
    order = list(Moved)
    return sorted(found, key=lambda each: (order.index(each.kind), -each.effect, each.name))


def _inputs(observed: Observed) -> Iterator[_Pair]:
    for place, name in enumerate(observed.model.columns):
        reference = observed.reference.inputs[name]
        after = counted(observed.column("inputs")[:, place], len(reference.bins))
        before = reference.counts
        unknown = after[UNKNOWN_BIN] / max(after.sum(), 1) - before[UNKNOWN_BIN] / before.sum()
        yield Moved.INPUT, name, before, after, float(unknown)


def _values(observed: Observed) -> Iterator[_Pair]:
    for place, name in enumerate(observed.heads):
        reference = observed.reference.heads[name].values
        after = counted(observed.column("bins")[:, place], len(reference.bins))
        yield Moved.VALUE, name, reference.counts, after, 0.0


def _reasons(observed: Observed) -> Iterator[_Pair]:
    """By which indicators lead, the twenty commonest by themselves."""
    for place, name in enumerate(observed.heads):
        before = observed.reference.heads[name].leading
        leading = observed.column("leading")[:, place].astype(np.int64)
        after = leading_counts(np.where(leading == NO_TERM, -1, leading), len(before))
        if before.sum() and after.sum():
            kept = np.argsort(-before, kind="stable")[:20]
            rest = np.setdiff1d(np.arange(len(before)), kept)
            both = [np.append(each[kept], each[rest].sum()) for each in (before, after)]
            yield Moved.REASON, name, both[0], both[1], 0.0


def _drift(
    kind: Moved, name: str, before: Counts, after: Counts, unknown: float, compared: int
) -> Drift:
    if not after.sum():
        return Drift(kind, name, 0.0, 0.0, 0, False)
    effect, error = shift_of_counts(before, after)
    told = told_from_chance(before, after, compared)
    return Drift(kind, name, effect, error, int(after.sum()), told, unknown)
