"""What the data's README reports of plain LightGBM, and what was promised: the figures to beat."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from training.results.japan_probability import Discrimination

FLOORS: Mapping[str, Discrimination] = {
    "cut": Discrimination(0.855, 0.835, 0.786, 0.1405),
    "low_execution": Discrimination(0.811, 0.809, 0.729, 0.1708),
    "low_outcome": Discrimination(0.734, 0.727, 0.664, 0.1420),
}
"""Plain LightGBM without who declares: fit to 2017, early stop on 2018, test on 2019."""

PINBALL_FLOOR = (0.159, 0.203, 0.101)
PINBALL_CONSTANT = (0.179, 0.239, 0.131)
RAW_COVERAGE = 0.61
COVERAGE = (0.77, 0.83)
LATER_BASELINES: Mapping[str, float] = {
    "cut": 0.827, "low_execution": 0.783, "low_outcome": 0.727,
}  # fmt: skip
"""The sceptic's baselines as the README gives them, on later sheets, which are not here."""


@dataclass(frozen=True)
class Verdict:
    """One promise: what was measured, what it must beat, and whether it does."""

    promise: str
    measured: str
    floor: str
    holds: bool
