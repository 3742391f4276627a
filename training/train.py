"""Training: from past appraisal outcomes to a model, in one call."""

from __future__ import annotations

import platform
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

import numpy as np

from features.catalogue import Catalogue
from features.errors import TrainingError
from features.head_declaration import HeadKind
from features.indicator_table import Vocabulary, feature_matrix, indicator_table
from features.operations import Numbers
from models.head import Head
from models.model import Model, ModelFacts
from models.past_projects import PastProjects, PeerSummary
from models.peers import PeerGroups
from training.appraisal_data import AppraisalData
from training.fit_head import LearningRows, fit_head
from training.growing import THIS_MACHINE, Grower, TreeSettings
from training.reference import reference_of
from training.split import TimeSplit
from training.targets import target

SIMILARITY_FEATURES = 16
AXIS_TREES = TreeSettings(trees=600, leaves=8)
"""Of the axes: twice as many trees of half the size forecast what panels say better, and cost no
more to explain (decision 38)."""
EVENT_TREES = TreeSettings(trees=200, leaves=8)
"""Of events: what happened once says less than a panel's mean, so fewer and smaller trees forecast
it at least as well, and cost a third to explain (decision 38)."""
AMOUNT_TREES = TreeSettings(trees=500, leaves=6)
"""Of amounts: what is left beside the quantity is a product of single factors (decision 38)."""
Report = Callable[[str], None]


@dataclass(frozen=True)
class TrainingSettings:
    """How to train: the split by rounds, how each head's trees are grown, and where.

    judgements: whether experts' judgements of chosen cases are learned from where no appraisal says
    anything.
    """

    split: TimeSplit
    trees: TreeSettings = field(default_factory=TreeSettings)
    heads: Mapping[str, TreeSettings] = field(default_factory=dict)
    grower: Grower = THIS_MACHINE
    judgements: bool = False

    @classmethod
    def usual(
        cls, split: TimeSplit, catalogue: Catalogue, grower: Grower = THIS_MACHINE
    ) -> TrainingSettings:
        """The recipe that docs/training.md tells: each kind of head has trees of its own size."""
        priority = catalogue.priority
        axes = (priority.necessity, priority.importance) if priority else ()
        by_kind = {HeadKind.AMOUNT: AMOUNT_TREES, HeadKind.PROBABILITY: EVENT_TREES}
        heads = {h.name: by_kind[h.kind] for h in catalogue.heads if h.kind in by_kind}
        heads |= dict.fromkeys(axes, AXIS_TREES)
        return cls(split, heads=heads, grower=grower)

    def of(self, head: str) -> TreeSettings:
        """The tree settings of one head."""
        return self.heads.get(head, self.trees)

    @property
    def recipe(self) -> dict[str, Any]:
        """The settings in JSON; where the trees grew is among the model's software."""
        return {
            "fit_until": self.split.fit_until,
            "calibrate_until": self.split.calibrate_until,
            "trees": asdict(self.trees),
            "heads": {head: asdict(trees) for head, trees in self.heads.items()},
            "judgements": self.judgements,
        }


def train(
    data: AppraisalData, settings: TrainingSettings, report: Report = lambda head: None
) -> Model:
    """The model learned from the rounds that the split fits and calibrates on.

    Heads whose outcomes the data does not hold are left out, and the model says which and why.
    `report` is called with each head's name before it is fitted.

    Raises:
        TrainingError: when no head can be learned.
    """
    split, years = settings.split, data.years
    learned = data.where(split.fit(years) | split.calibrate(years))
    rows, peers = learning_rows(learned, split)
    targets, left_out = known_targets(learned)
    heads: dict[str, Head] = {}
    for name, column in targets.items():
        report(name)
        try:
            heads[name] = fit_head(
                learned.catalogue.head(name), column, rows, settings.of(name), settings.grower
            )
        except TrainingError as error:
            left_out[name] = str(error)
    if not heads:
        reasons = "; ".join(f"{name}: {why}" for name, why in left_out.items())
        raise TrainingError(f"expected outcomes for at least one head; got none ({reasons})")
    model = Model(
        data.catalogue,
        rows.vocabulary,
        peers,
        heads,
        _summary(learned, rows),
        _past(learned, rows, heads, {name: targets[name] for name in heads}),
        _facts(learned, heads, left_out, settings),
    )
    return replace(model, reference=reference_of(model, data, split))


def learning_rows(data: AppraisalData, split: TimeSplit) -> tuple[LearningRows, PeerGroups]:
    """What heads may be learned from, made of the learned rounds only, and its peer groups."""
    table = indicator_table(data.projects, data.catalogue)
    fit, calibrate = split.fit(data.years), split.calibrate(data.years)
    fitted = table.rows(np.flatnonzero(fit))
    vocabulary = Vocabulary.learned(fitted, data.catalogue)
    peers = PeerGroups.learned(fitted, data.catalogue)
    memberships = peers.memberships(table, data.catalogue)
    rows = LearningRows(
        data.catalogue,
        table,
        vocabulary,
        memberships,
        len(peers.groups),
        data.years,
        fit,
        calibrate,
    )
    return rows, peers


def known_targets(data: AppraisalData) -> tuple[dict[str, Numbers], dict[str, str]]:
    """Each head's target, shape (n,), where its outcomes are there; the others, with why not."""
    found: dict[str, Numbers] = {}
    left_out: dict[str, str] = {}
    for head in data.catalogue.heads:
        try:
            found[head.name] = target(head, data.outcomes)
        except TrainingError as error:
            left_out[head.name] = str(error)
    return found, left_out


def _summary(data: AppraisalData, rows: LearningRows) -> PeerSummary:
    return PeerSummary.of(
        rows.table, data.catalogue, rows.vocabulary, rows.memberships, rows.groups, data.years
    )


def _past(
    data: AppraisalData,
    rows: LearningRows,
    heads: Mapping[str, Head],
    targets: Mapping[str, Numbers],
) -> PastProjects:
    weights = _similarity_weights(heads)
    return PastProjects.kept(
        feature_matrix(rows.table, list(weights), rows.vocabulary),
        list(weights),
        np.array(list(weights.values())),
        rows.vocabulary,
        rows.memberships,
        [project.project_id for project in data.projects],
        data.years,
        targets,
    )


def _similarity_weights(heads: Mapping[str, Head]) -> dict[str, float]:
    """The indicators that decide resemblance, with weights that sum to 1.

    Each weighs as much as it moves the heads on average. Where the catalogue has zero-based
    heads only theirs decide, so that resemblance does not rest on the requested amount either.
    """
    deciding = [h for h in heads.values() if h.declaration.zero_based] or list(heads.values())
    total: dict[str, float] = {}
    for head in deciding:
        shares = head.importance / (head.importance.sum() or 1.0)
        for name, share in zip(head.terms, shares, strict=True):
            total[name] = total.get(name, 0.0) + float(share)
    best = sorted(total, key=lambda name: (-total[name], name))[:SIMILARITY_FEATURES]
    kept = {name: max(total[name], 1e-6) for name in best}
    scale = sum(kept.values())
    return {name: weight / scale for name, weight in kept.items()}


def _facts(
    data: AppraisalData,
    heads: Mapping[str, Head],
    left_out: Mapping[str, str],
    settings: TrainingSettings,
) -> ModelFacts:
    return ModelFacts(
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        data_digest=data.digest,
        years=(int(data.years.min()), int(data.years.max())),
        rows=len(data.projects),
        simulated=data.simulated,
        learned=tuple(heads),
        left_out=dict(left_out),
        software={
            "lingji": version("lingji"),
            "lightgbm": version("lightgbm"),
            "python": platform.python_version(),
            **settings.grower.software,
        },
        recipe=settings.recipe,
    )
