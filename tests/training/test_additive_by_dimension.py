"""A head that is additive by dimension: what a dimension contributes is its own trees' output."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import lightgbm
import numpy as np
import pytest

from features.operations import Numbers
from models.trees import Trees
from tests.small_model import province
from training.fit_head import LearningRows, grow_head
from training.growing import TreeSettings
from training.train import known_targets, learning_rows

HEADS = ("necessity", "importance")
TREES = TreeSettings(trees=60, leaves=8, learning_rate=0.1)


@cache
def _learned() -> tuple[LearningRows, Mapping[str, Numbers]]:
    trained = province()
    return learning_rows(trained.data, trained.split)[0], known_targets(trained.data)[0]


@dataclass(frozen=True)
class Grown:
    """A head's trees with the matrix of the tested projects and each column's dimension."""

    trees: Trees
    matrix: Numbers
    dimensions: np.ndarray

    def totals(self, matrix: Numbers | None = None) -> dict[str, Numbers]:
        """What each dimension contributes to each row."""
        found = self.trees.explain(self.matrix if matrix is None else matrix).contributions
        return {
            str(name): found[:, self.dimensions == name].sum(axis=1)
            for name in np.unique(self.dimensions)
        }


@cache
def _grown(head: str, by_dimension: bool) -> Grown:
    rows, targets = _learned()
    declaration = rows.catalogue.head(head)
    declaration = declaration.model_copy(update={"additive_by_dimension": by_dimension})
    matrix = rows.matrix(head)
    trees, _ = grow_head(declaration, targets[head], rows, matrix, rows.fit, TREES)
    dimensions = np.array([i.dimension for i in rows.catalogue.inputs(head)])
    return Grown(trees, matrix[~rows.fit & ~rows.calibrate][:300], dimensions)


def _dimensions_of_trees(grown: Grown) -> list[set[str]]:
    """The dimensions whose indicators each tree asks for."""
    dumped = lightgbm.Booster(model_str=grown.trees.text).dump_model()["tree_info"]

    def asked(node: dict) -> set[str]:
        if "split_feature" not in node:
            return set()
        own = {str(grown.dimensions[node["split_feature"]])}
        return own | asked(node["left_child"]) | asked(node["right_child"])

    return [asked(tree["tree_structure"]) for tree in dumped]


def test_necessity_is_declared_so_and_importance_is_not() -> None:
    heads = {head.name: head.additive_by_dimension for head in _learned()[0].catalogue.heads}
    assert [name for name, declared in heads.items() if declared] == ["necessity"]


@pytest.mark.parametrize("head", HEADS)
def test_no_tree_asks_for_two_dimensions(head: str) -> None:
    assert max(map(len, _dimensions_of_trees(_grown(head, True)))) == 1
    assert len(set.union(*_dimensions_of_trees(_grown(head, True)))) > 2
    assert max(map(len, _dimensions_of_trees(_grown(head, False)))) > 1  # control


@pytest.mark.parametrize("head", HEADS)
def test_the_total_of_a_dimension_is_the_output_of_its_trees(head: str) -> None:
    """Told from one project to the next, so that no base enters."""
    grown = _grown(head, True)
    booster = lightgbm.Booster(model_str=grown.trees.text)
    outputs = {name: np.zeros(len(grown.matrix)) for name in grown.totals()}
    for number, dimensions in enumerate(_dimensions_of_trees(grown)):
        (own,) = dimensions
        outputs[own] += booster.predict(grown.matrix, start_iteration=number, num_iteration=1)
    moved = 0
    for name, total in grown.totals().items():
        np.testing.assert_allclose(np.diff(total), np.diff(outputs[name]), rtol=0, atol=1e-10)
        moved += float(np.ptp(total)) > 0.5
    assert moved >= 2


@pytest.mark.parametrize("head", HEADS)
def test_a_total_does_not_move_with_facts_of_other_dimensions(head: str) -> None:
    def greatest(grown: Grown) -> float:
        totals, apart = grown.totals(), []
        for name, total in totals.items():
            # Every fact of the other dimensions is another project's.
            changed = np.roll(grown.matrix, 1, axis=0)
            changed[:, grown.dimensions == name] = grown.matrix[:, grown.dimensions == name]
            apart.append(float(np.abs(grown.totals(changed)[name] - total).max()))
        return max(apart)

    assert greatest(_grown(head, True)) < 1e-10
    assert greatest(_grown(head, False)) > 0.5  # control: points, with free interactions
