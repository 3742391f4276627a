"""Every number that learning standards rests on, in one place."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class StandardsPolicy:
    """How standards are learned.

    level: the share of later approved unit prices that a range shall hold. ceiling_level: the share
    that shall stay below the ceiling, and tolerance: by which share of itself the ceiling then is
    raised, for what differs honestly between a request and what is approved. least: with fewer
    approved items a type or a band of scale has no cell of its own. least_difference: cells are
    split where their middles differ by more than this beyond chance, as a logarithm. bands: into
    how many bands of scale.
    """

    level: float = 0.8
    ceiling_level: float = 0.99
    tolerance: float = 0.1
    least: int = 30
    least_difference: float = 0.02
    bands: int = 3
    valid_days: int = 365
