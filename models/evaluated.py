"""What a version was worth on rounds that it had not learned from: kept with it, for its card."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from features.head_declaration import HeadKind

MAIN_METRIC = {
    HeadKind.SCORE: "mae",
    HeadKind.AMOUNT: "mean_abs_log_error",
    HeadKind.PROBABILITY: "brier",
}
"""The metric that says of each kind of head how far it is off; less is better."""

Measured = Mapping[str, float | None]
"""Metrics by name; None where one cannot be told. One that ends with `_se` is a standard error."""


@dataclass(frozen=True)
class Evaluated:
    """An evaluation on later rounds.

    rounds: the first and the last. projects: how many. heads: each head's metrics. groups: the
    same per peer group, named `indicator=code`, of 100 projects or more. swaps: by role of a field,
    then head, the greatest change when that field is swapped. climbs: per head the mean gain that
    changing declared facts alone can bring.
    """

    rounds: tuple[int, int]
    projects: int
    heads: Mapping[str, Measured]
    groups: Mapping[str, Mapping[str, Measured]]
    swaps: Mapping[str, Measured]
    climbs: Measured

    def to_json(self) -> dict[str, Any]:
        """The evaluation as JSON."""
        return asdict(self)

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> Evaluated:
        """The evaluation that `to_json` wrote."""
        first, last = found["rounds"]
        return cls(**{**found, "rounds": (first, last)})
