"""A pair of projects that was found, with everything that speaks for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from features.duplicates.traits import Traits


@dataclass(frozen=True)
class FoundPair:
    """Two projects and what they are to each other.

    rows: their places among the projects that were compared. score: log-odds for the kinds that
    are scored, letters shared for copied texts, nats for copied targets. base and points: what
    adds up to the score, by comparison; empty for copies. closeness: of each comparison that is
    known, 0–1. threshold: what parts stay below, in yuan.
    """

    kind: str
    rows: tuple[int, int]
    one: Traits
    other: Traits
    score: float
    closeness: Mapping[str, float]
    base: float = 0.0
    points: Mapping[str, float] | None = None
    threshold: float | None = None
