"""Several ways to do the same thing, measured in turn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.sample import Ratio, Sample


@dataclass(frozen=True)
class Ways:
    """Seconds by the name of the way, or why there are none.

    absent: by name, why a way has no figure.
    """

    seconds: Mapping[str, Sample]
    absent: Mapping[str, str]

    def ratio(self, over: str, under: str) -> Ratio | None:
        """The quotient of two ways; None where one has no figure."""
        if over not in self.seconds or under not in self.seconds:
            return None
        return self.seconds[over].ratio_to(self.seconds[under])

    def entered(self, names: Sequence[str]) -> list[str]:
        """Those of the names that were tried, in their order."""
        return [name for name in names if name in self.seconds or name in self.absent]
