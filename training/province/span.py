"""The rounds that are simulated."""

from __future__ import annotations

from dataclasses import dataclass

LAST_YEAR = 2025
# Rounds lived through before the first one that is written, so that it has projects with a past.
BURN_IN = 5


@dataclass(frozen=True)
class Span:
    """Rounds 0 … rounds − 1, of which those from BURN_IN on are written."""

    years: int

    @property
    def rounds(self) -> int:
        """Number of rounds, burn-in included."""
        return self.years + BURN_IN

    def year(self, round_: int) -> int:
        """Fiscal year of a round."""
        return LAST_YEAR - self.rounds + 1 + round_
