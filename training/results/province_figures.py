"""How close a model comes to the best possible on an invented province."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from features.operations import Numbers
from models.release.binomial_band import CONFIDENCE, binomial_band, simultaneous
from training.evaluation import HeadEvaluation, auc
from training.results.province_data import Province

AXES = ("necessity", "importance")
COST = "reasonable_cost"
RISKS = ("poor_performance", "low_execution")
Band = tuple[float, float]


@dataclass(frozen=True)
class AxisFigures:
    """One axis on the test round.

    reached: share of the variance of the explainable points that the prediction tells.
    experts, best: share of the variance of expert scores that the prediction, and the explainable
    points themselves, tell. width, oracle_width: of the 80 % range, in points; the oracle's holds
    80 % of the experts' distances from the explainable points.
    """

    axis: str
    n: int
    reached: float
    experts: float
    best: float
    coverage: float
    band: Band
    width: float
    oracle_width: float


@dataclass(frozen=True)
class CostFigures:
    """The cost range on the test round; widths are means of log(high ÷ low)."""

    n: int
    coverage: float
    band: Band
    width: float
    oracle_width: float
    oracle_coverage: float

    @property
    def ratio(self) -> float:
        """The range's width in widths of the oracle's."""
        return self.width / self.oracle_width


@dataclass(frozen=True)
class GroupFigures:
    """Coverage in one peer group, with its band alone and beside all groups of its head."""

    head: str
    group: str
    n: int
    coverage: float
    band: Band
    wide_band: Band

    @property
    def outside(self) -> bool:
        """Outside its own 99 % band."""
        return not self.band[0] <= self.coverage <= self.band[1]

    @property
    def far_outside(self) -> bool:
        """Outside the band that all groups of the head keep at once."""
        return not self.wide_band[0] <= self.coverage <= self.wide_band[1]


@dataclass(frozen=True)
class RiskFigures:
    """One risk on the test round, beside the probabilities that the outcomes were drawn from."""

    risk: str
    n: int
    positive: float
    auc: float
    best_auc: float
    brier: float
    best_brier: float


@dataclass(frozen=True)
class ProvinceFigures:
    """One province, one model: every head beside the best possible."""

    seed: int
    projects: int
    rounds: tuple[int, int, int]
    axes: tuple[AxisFigures, ...]
    cost: CostFigures
    groups: tuple[GroupFigures, ...]
    risks: tuple[RiskFigures, ...]

    def of_head(self, head: str) -> tuple[GroupFigures, ...]:
        """The peer groups of one head."""
        return tuple(group for group in self.groups if group.head == head)


def province_figures(province: Province) -> ProvinceFigures:
    """The measured figures of one province."""
    split, years = province.settings.split, province.data.years
    ranged = (*AXES, COST)
    return ProvinceFigures(
        province.seed,
        len(province.data.projects),
        (split.fit_until, split.calibrate_until, int(years.max())),
        tuple(_axis(province, axis) for axis in AXES),
        _cost(province),
        tuple(one for head in ranged for one in _groups(province.evaluation[head])),
        tuple(_risk(province, risk) for risk in RISKS),
    )


def explained_share(predicted: Numbers, true: Numbers) -> float:
    """The share of the variance of `true` that `predicted` tells: 1 − mean square ÷ variance."""
    return 1 - float(((true - predicted) ** 2).mean()) / float(np.var(true))


def _axis(province: Province, axis: str) -> AxisFigures:
    found = province.evaluation[axis]
    explainable = province.truth[f"{axis}_explainable"][province.tested(axis)]
    low, high = np.quantile(found.outcome - explainable, [0.1, 0.9])
    return AxisFigures(
        axis,
        len(found.outcome),
        explained_share(found.predicted, explainable),
        explained_share(found.predicted, found.outcome),
        explained_share(explainable, found.outcome),
        found.metrics["coverage"],
        (found.metrics["band_low"], found.metrics["band_high"]),
        found.metrics["width"],
        float(high - low),
    )


def _cost(province: Province) -> CostFigures:
    found, rows = province.evaluation[COST], province.tested(COST)
    low, high = (province.truth[f"cost_{end}"][rows] for end in ("q10", "q90"))
    held = (found.outcome >= low) & (found.outcome <= high)
    return CostFigures(
        len(rows),
        found.metrics["coverage"],
        (found.metrics["band_low"], found.metrics["band_high"]),
        found.metrics["log_width"],
        float(np.log(high / low).mean()),
        float(held.mean()),
    )


def _groups(found: HeadEvaluation) -> list[GroupFigures]:
    ranged = {name: m for name, m in found.groups.items() if m.get("ranges")}
    confidence = simultaneous(len(ranged), CONFIDENCE)
    return [
        GroupFigures(
            found.declaration.name,
            name,
            int(metrics["ranges"]),
            metrics["coverage"],
            (metrics["band_low"], metrics["band_high"]),
            binomial_band(int(metrics["ranges"]), found.declaration.level, confidence),
        )
        for name, metrics in ranged.items()
    ]


def _risk(province: Province, risk: str) -> RiskFigures:
    found = province.evaluation[risk]
    true = province.truth[f"p_{risk}"][province.tested(risk)]
    return RiskFigures(
        risk,
        len(found.outcome),
        float(found.outcome.mean()),
        auc(found.predicted, found.outcome),
        auc(true, found.outcome),
        float(((found.predicted - found.outcome) ** 2).mean()),
        float(((true - found.outcome) ** 2).mean()),
    )
