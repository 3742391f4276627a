"""Trees grown beside the model, by the same settings: baselines, and groups left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from features.catalogue import Catalogue
from features.field import Kind
from features.indicator_table import IndicatorTable, Vocabulary, feature_matrix
from features.operations import Numbers
from models.trees import Trees
from training.growing import TrainingRows, TreeSettings, grow_trees
from training.objective import Objective
from training.split import Mask

_SIGNS = {"+": 1, "-": -1, "free": 0}


@dataclass(frozen=True)
class SideTrees:
    """Trees over named indicators of a table, learned from some of its rows."""

    trees: Trees
    table: IndicatorTable
    vocabulary: Vocabulary

    def predict(self) -> Numbers:
        """The raw prediction of every row of the table, shape (n,)."""
        matrix = feature_matrix(self.table, self.trees.features, self.vocabulary)
        return self.trees.predict(matrix)


@dataclass(frozen=True)
class Grower:
    """Grows side trees from one table."""

    catalogue: Catalogue
    table: IndicatorTable
    vocabulary: Vocabulary
    settings: TreeSettings

    def grown(
        self,
        head: str,
        names: Sequence[str],
        target: Numbers,
        learned: Mask,
        objective: Objective,
    ) -> SideTrees:
        """Trees for a head's target over the named indicators, with the head's directions.

        Args:
            target: (n,). learned: which rows to learn from, shape (n,).
        """
        inputs = [self.catalogue.by_name[name] for name in names]
        matrix = feature_matrix(self.table, list(names), self.vocabulary)
        trees = grow_trees(
            TrainingRows(matrix[learned], target[learned]),
            list(names),
            [i.name for i in inputs if i.kind is Kind.CATEGORY and not i.ordered],
            [_SIGNS[i.use.get(head, "free")] for i in inputs],
            objective,
            self.settings,
        )
        return SideTrees(trees, self.table, self.vocabulary)

    def inputs(self, head: str) -> list[str]:
        """The names of a head's own inputs."""
        return [i.name for i in self.catalogue.inputs(head)]
