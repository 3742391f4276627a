"""How much is compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Sizes:
    """The size of a comparison.

    provinces, projects: seeds of invented provinces, and how many projects each has. origins,
    japan_origins: how many of the last rounds are tested of a province, and of Japan's reviews,
    which are four times as many. seeds: each head is learned again with each of them. trials:
    settings tried by those that search.
    """

    name: str = "full"
    provinces: tuple[int, ...] = (21, 22)
    projects: int = 6_000
    origins: int = 3
    japan_origins: int = 2
    seeds: tuple[int, ...] = (1,)
    trials: int = 1


FULL = Sizes()
QUICK = Sizes("quick", (21,), 2_500, origins=1, japan_origins=1)
BY_NAME: Mapping[str, Sizes] = {sizes.name: sizes for sizes in (FULL, QUICK)}
