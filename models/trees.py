"""Trees as text, with the names of their features: they predict and explain themselves."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, field

from features.operations import Numbers
from models.errors import raise_unless
from models.tree_explainer import TreeExplainer, TreeExplanation
from models.tree_program import compiled
from models.tree_text import read_trees


@dataclass(frozen=True)
class Trees:
    """Trees as LightGBM's text, with the names of the features in the order of the matrix."""

    text: str
    features: tuple[str, ...]
    explainer: TreeExplainer = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        nodes = read_trees(self.text)
        raise_unless(
            nodes.names == self.features,
            f"trees over the features {self.features}",
            f"{nodes.names}",
        )
        object.__setattr__(self, "explainer", TreeExplainer(compiled(nodes)))

    @property
    def count(self) -> int:
        """How many trees there are."""
        return len(self.explainer.program.trees)

    def over(self, columns: Sequence[str]) -> Trees:
        """The same trees for a matrix of these columns, the features among them."""
        places = [columns.index(feature) for feature in self.features]
        placed = copy(self)
        program = self.explainer.program.over(places)
        object.__setattr__(placed, "explainer", TreeExplainer(program))
        return placed

    def predict(self, matrix: Numbers, threads: int = 1) -> Numbers:
        """The raw prediction of each row, shape (n,), from a matrix of shape (n, columns)."""
        return self.explainer.predict(matrix, threads)

    def explain(self, matrix: Numbers, threads: int = 1) -> TreeExplanation:
        """The raw prediction of each row of a matrix (n, columns), and what makes it."""
        return self.explainer.explain(matrix, threads)
