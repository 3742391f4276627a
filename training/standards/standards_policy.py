"""Every number that learning standards rests on, in one place."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class StandardsPolicy:
    """How standards are learned.

    level: the share of later approved unit prices that a range shall hold. ceiling_level: the share
    that shall stay below the ceiling, and least_ceiling: the ceiling ÷ the middle at least, so that
    what many ask a little too much for is left to the range and only what stands out is pointed
    out. greatest_spread: where unit prices spread more than this, as a standard deviation of their
    logarithm, they are no price of anything (lump sums, the rest of a request) and there is no
    standard. least: with fewer approved items a type or a band of scale has no cell of its own.
    least_difference: cells are split where their middles differ by more than this beyond chance, as
    a logarithm. bands: into how many bands of scale.
    """

    level: float = 0.8
    ceiling_level: float = 0.98
    least_ceiling: float = 1.72
    greatest_spread: float = 0.5
    least: int = 30
    least_difference: float = 0.03
    bands: int = 3
    valid_days: int = 365
