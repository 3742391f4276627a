"""Performance targets in three levels: how a department sets them, year after year."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from training.province.randomness import stream
from training.province.series import BLOCK, Series
from training.province.target_names import QUANTITY_SCALE

# Slots of one project: two quantities, two qualities, timeliness, cost, two benefits, satisfaction.
LEVEL1 = ("产出指标", "产出指标", "效益指标", "满意度指标", "产出指标", "产出指标", "产出指标",
          "效益指标", "产出指标")  # fmt: skip
LEVEL2 = ("数量指标", "质量指标", "社会效益", "服务对象满意度", "时效指标", "质量指标", "成本指标",
          "可持续影响", "数量指标")  # fmt: skip
SLOTS = len(LEVEL1)
QUANTITY, COST, COUNT = 0, 6, 8  # slots that are not a share in percent, or that count downwards
_KEPT = np.array([1, 1, 0.96, 0.94, 0.7, 0.5, 0.55, 0.5, 0.4])
_KEPT_SLOPPY = np.array([1, 0.8, 0.7, 0.6, 0.4, 0.3, 0.3, 0.3, 0.2])
# Quantities are easily put into figures, lasting effects hardly: P = habit ** exponent.
_EXPONENT = np.array([0.35, 0.6, 1.3, 0.5, 0.7, 0.8, 0.5, 2.5, 0.35])
_CONCRETE = 0.25  # share of qualitative targets that say something definite
_SANDBAGGING = 0.18  # share of series that set targets below what they achieved
_GENERIC = 0.7  # share of target names that a copying department takes from a template


@dataclass(frozen=True)
class TargetHabits:
    """Drawn once per series; arrays are series × SLOTS unless said otherwise."""

    present: np.ndarray
    ease: np.ndarray  # quantified where ease < probability
    concrete: np.ndarray
    generic: np.ndarray
    base: np.ndarray  # first target value
    wording: np.ndarray
    sandbagging: np.ndarray  # per series
    weights_wrong: np.ndarray  # per series: points do not add up to 90


@dataclass(frozen=True)
class RoundTargets:
    """The targets of one round: series × SLOTS, NaN where there is no figure."""

    quantified: np.ndarray
    value: np.ndarray
    last_target: np.ndarray
    last_actual: np.ndarray


@dataclass(frozen=True)
class TargetFacts:
    """What the targets of each project come to; shares of all its targets."""

    share_quantified: np.ndarray
    share_vague: np.ndarray
    share_own: np.ndarray
    share_weaker: np.ndarray
    complete: np.ndarray


def draw_targets(seed: int, block: int, series: Series) -> TargetHabits:
    """The habits of the series of one block."""
    rng = stream(seed, block, "targets")
    shape = (BLOCK, SLOTS)
    kept = np.where(series.sloppy[:, None], _KEPT_SLOPPY, _KEPT)
    return TargetHabits(
        present=rng.random(shape) < kept,
        ease=rng.random(shape),
        concrete=rng.random(shape) < _CONCRETE,
        generic=(rng.random(shape) < _GENERIC) & series.copied[:, None],
        base=_first_values(rng, series),
        wording=rng.integers(0, 1000, shape),
        sandbagging=rng.random(BLOCK) < _SANDBAGGING,
        weights_wrong=series.sloppy & (rng.random(BLOCK) < 0.3),
    )


def _first_values(rng: np.random.Generator, series: Series) -> np.ndarray:
    base = np.rint(rng.uniform(80, 97, (BLOCK, SLOTS)))
    scale = np.array(QUANTITY_SCALE)[series.kind]
    base[:, QUANTITY] = np.maximum(np.rint(series.quantity * scale), 1)
    base[:, COST] = 100
    base[:, COUNT] = rng.integers(2, 25, BLOCK)
    return base


def set_targets(
    habits: TargetHabits,
    series: Series,
    year: int,
    before: RoundTargets | None,
    achieved: np.ndarray,
) -> RoundTargets:
    """The targets of one round, given those of the last and the share of them achieved.

    `achieved` (series × SLOTS) is NaN for projects that were not carried out.
    """
    likely = np.clip(series.quantifying + 0.02 * (year - 2020), 0.03, 0.98)[:, None]
    quantified = habits.present & (habits.ease < likely**_EXPONENT)
    if before is None:
        empty = np.full(quantified.shape, np.nan)
        return RoundTargets(quantified, np.where(quantified, habits.base, np.nan), empty, empty)
    actual = _actual(before.value, achieved)
    value = _next(habits, before.value, actual)
    return RoundTargets(quantified, np.where(quantified, value, np.nan), before.value, actual)


def _actual(target: np.ndarray, achieved: np.ndarray) -> np.ndarray:
    actual = np.rint(target * achieved)
    percent = np.ones(SLOTS, dtype=bool)
    percent[[QUANTITY, COUNT]] = False
    reached: np.ndarray = np.where(percent, np.minimum(actual, 100), actual)
    return reached


def _next(habits: TargetHabits, last: np.ndarray, actual: np.ndarray) -> np.ndarray:
    """Honest departments ask at least what was achieved; sandbaggers a good deal less."""
    reached = np.where(np.isnan(actual), last, actual)
    usual = np.fmax(np.fmax(last, reached), 1)
    value = np.where(habits.sandbagging[:, None], np.maximum(np.rint(reached * 0.85), 1), usual)
    value = np.where(np.isnan(last), habits.base, value)
    value[:, COST] = 100
    return value


def target_facts(habits: TargetHabits, targets: RoundTargets) -> TargetFacts:
    """The facts of one round, one entry per series."""
    present = habits.present
    count = np.maximum(present.sum(axis=1), 1)
    vague = present & ~targets.quantified & ~habits.concrete
    weaker = present & (targets.value < targets.last_actual)
    weaker[:, COST] = (present & (targets.value > targets.last_actual))[:, COST]
    kinds = [
        np.any(present[:, [n == name for n in LEVEL1]], axis=1) for name in dict.fromkeys(LEVEL1)
    ]
    return TargetFacts(
        share_quantified=(present & targets.quantified).sum(axis=1) / count,
        share_vague=vague.sum(axis=1) / count,
        share_own=1 - repeated(habits).sum(axis=1) / count,
        share_weaker=weaker.sum(axis=1) / count,
        complete=np.all(kinds, axis=0),
    )


def repeated(habits: TargetHabits) -> np.ndarray:
    """Targets whose template name stands more than once in the project."""
    generic = habits.present & habits.generic
    out: np.ndarray = np.zeros_like(generic)
    for name in dict.fromkeys(LEVEL1):
        same = np.array([n == name for n in LEVEL1])
        out |= generic & same & ((generic & same).sum(axis=1) > 1)[:, None]
    return out
