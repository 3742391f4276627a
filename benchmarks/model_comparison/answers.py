"""What a contestant said of the tested projects, calibrated like everyone else's, and kept."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.model_comparison.contestant import Contestant, Fitted, Settings
from benchmarks.model_comparison.head_task import HeadTask
from features.errors import TrainingError
from features.head_declaration import HeadKind
from features.operations import Numbers
from models.conformal import ConformalRange
from models.drift import NO_DRIFT
from models.margin_map import MarginMap, probability
from models.raw_range import NARROWEST, RawRange
from training.fit_head import LEAST_RANGE_CASES
from training.paired_metrics import Side

Names = npt.NDArray[np.str_]


@dataclass(frozen=True)
class Answers:
    """One contestant on one head at one origin by one seed.

    predicted, low, high, outcome, clusters: (m,), on the head's shown scale. seconds: of the
    processor. settings: as JSON.
    """

    predicted: Numbers
    low: Numbers
    high: Numbers
    outcome: Numbers
    clusters: Names
    seconds: float
    settings: str

    @property
    def side(self) -> Side:
        """The answers as they are measured."""
        return Side(self.predicted, self.outcome, self.low, self.high)

    def keep(self, file: Path) -> None:
        """Write the answers, whole or not at all."""
        waiting = file.with_suffix(".part")
        with waiting.open("wb") as stream:
            np.savez_compressed(stream, **{n: np.asarray(v) for n, v in vars(self).items()})
        waiting.replace(file)

    @classmethod
    def kept(cls, file: Path) -> Answers:
        """The answers of an earlier run."""
        with np.load(file, allow_pickle=False) as found:
            told = {name: found[name] for name in found.files}
        return cls(**{**told, "seconds": float(told["seconds"]), "settings": str(told["settings"])})


def answers(
    task: HeadTask, contestant: Contestant, settings: Settings, seed: int, clusters: Names
) -> Answers:
    """What a contestant says of the tested projects.

    Args:
        clusters: the cluster of each row of the task, shape (n,).
    """
    tested = task.test & task.known & np.isfinite(task.offset)
    fitted = contestant.fit(task, settings, seed)
    predicted, low, high = _calibrated(task, fitted, tested)
    outcome = task.goal[tested]
    if task.declaration.kind is HeadKind.AMOUNT:
        outcome = np.exp(outcome + task.offset[tested])
    told = json.dumps(settings)
    return Answers(predicted, low, high, outcome, clusters[tested], fitted.seconds, told)


def _calibrated(
    task: HeadTask, fitted: Fitted, tested: npt.NDArray[np.bool_]
) -> tuple[Numbers, Numbers, Numbers]:
    """Prediction and range, calibrated on the round before the tested one."""
    head, rows = task.declaration, task.rows
    calibrating = rows.calibrate & task.known
    if head.kind is HeadKind.PROBABILITY:
        told = _probabilities(
            fitted.middle(task.matrix[calibrating]),
            task.goal[calibrating],
            fitted.middle(task.matrix[tested]),
        )
        return told, np.full_like(told, np.nan), np.full_like(told, np.nan)
    below, above = _raw(fitted, task.matrix[calibrating]).scores(task.goal[calibrating])
    found = ConformalRange.calibrate(
        below,
        above,
        rows.memberships[calibrating],
        rows.groups,
        head.level,
        LEAST_RANGE_CASES,
        NO_DRIFT,
    )
    raw = _raw(fitted, task.matrix[tested])
    memberships = rows.memberships[tested]
    low, high = found.apply(raw.low, raw.high, raw.unit, found.group_used(memberships))
    middle = fitted.middle(task.matrix[tested])
    if head.kind is HeadKind.SCORE:
        return middle, low, high
    offset = task.offset[tested]
    return np.exp(middle + offset), np.exp(low + offset), np.exp(high + offset)


def _probabilities(margins: Numbers, events: Numbers, tested: Numbers) -> Numbers:
    """Calibrated probabilities; everybody's share where the margins point the wrong way."""
    try:
        return probability(MarginMap.fit(margins, events)(tested))
    except TrainingError:
        return np.full(len(tested), events.mean())


def _raw(fitted: Fitted, matrix: Numbers) -> RawRange:
    middle = fitted.middle(matrix)
    if fitted.low is None or fitted.high is None:
        return RawRange(middle, middle, np.ones(len(middle)))
    low = np.minimum(fitted.low(matrix), middle)
    high = np.maximum(fitted.high(matrix), middle)
    return RawRange(low, high, np.maximum(high - low, NARROWEST))
