"""The promises on the Japanese programme reviews, on the real file where it is present."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from features.derivation import origins
from features.field import Role
from features.indicator_table import indicator_table
from training.evaluation import auc, evaluate
from training.growing import TreeSettings
from training.objective import LOG_LOSS
from training.results.japan_data import SPLIT, JapanReview, read_japan_review
from training.results.japan_floors import COVERAGE, FLOORS
from training.results.japan_probability import HEADS, baseline_inputs
from training.targets import target
from training.train import TrainingSettings, train

# Half the trees at twice the pace: what the published page says is learned in half the time.
QUICK = TreeSettings(trees=150, learning_rate=0.06)
AMOUNT = "executed_amount"


@pytest.fixture(scope="module")
def japan(japan_review_file: Path) -> JapanReview:
    """The reviews with a model of fewer trees; the head that no promise is about is left out."""
    data = read_japan_review(japan_review_file)
    heads = tuple(head for head in data.catalogue.heads if head.name in (*HEADS, AMOUNT))
    data = replace(data, catalogue=data.catalogue.model_copy(update={"heads": heads}))
    settings = TrainingSettings(SPLIT, QUICK)
    model = train(data, settings)
    table = indicator_table(data.projects, data.catalogue)
    memberships = model.peers.memberships(table, data.catalogue)
    evaluation = evaluate(model, data.where(SPLIT.test(data.years)))
    return JapanReview(data, settings, model, table, memberships, evaluation)


@pytest.mark.parametrize("head", HEADS)
def test_probabilities_order_better_than_their_floors(japan: JapanReview, head: str) -> None:
    found = japan.evaluation[head]
    assert found.metrics["auc"] >= FLOORS[head].total
    assert found.metrics["brier"] <= FLOORS[head].brier
    # The control: the sceptic's baseline, measured alike, stays below the floor.
    goal = target(japan.data.catalogue.head(head), japan.data.outcomes)
    names = baseline_inputs(japan.data.catalogue, head)
    learned = japan.fit & ~np.isnan(goal)
    baseline = japan.grower().grown(head, names, goal, learned, LOG_LOSS).predict()
    rows = japan.tested(head)
    assert auc(baseline[rows], goal[rows]) < FLOORS[head].total


def test_the_range_holds_in_a_round_unlike_those_before(japan: JapanReview) -> None:
    found, head = japan.evaluation[AMOUNT], japan.model.heads[AMOUNT]
    low, high = COVERAGE
    assert low <= found.metrics["coverage"] <= high
    # The control: raw quantiles do not.
    rows = japan.tested(AMOUNT)
    raw = head.raw_range(japan.table.rows(rows), japan.model.vocabulary)
    held = (found.outcome >= np.exp(raw.low)) & (found.outcome <= np.exp(raw.high))
    assert held.mean() < low


def test_who_declares_is_no_input(japan: JapanReview) -> None:
    catalogue = japan.data.catalogue
    declarers = {i.name for i in catalogue.given if i.role is Role.DECLARER}
    assert {"ministry", "bureau", "division"} <= declarers
    for name, head in japan.model.heads.items():
        for feature in head.central.features:
            assert not origins(feature, catalogue.by_name) & declarers, (name, feature)


def test_unseen_programmes_are_on_no_earlier_sheet(japan: JapanReview) -> None:
    ids = np.array([project.project_id for project in japan.data.projects])
    unseen = japan.unseen()
    assert not set(ids[unseen]) & set(ids[~japan.test])
    # As many as the data's own description counts.
    counted = {head: int(unseen[japan.tested(head)].sum()) for head in HEADS}
    assert counted == {"cut": 405, "low_execution": 422, "low_outcome": 206}
