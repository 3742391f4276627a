"""Trees as text, with the names of their features: they predict and explain themselves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
    _explainer: TreeExplainer = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        nodes = read_trees(self.text)
        raise_unless(
            nodes.names == self.features,
            f"trees over the features {self.features}",
            f"{nodes.names}",
        )
        object.__setattr__(self, "_explainer", TreeExplainer(compiled(nodes)))

    @property
    def count(self) -> int:
        """How many trees there are."""
        return len(self._explainer.program.trees)

    @property
    def base(self) -> float:
        """The mean prediction of the training rows."""
        return self._explainer.program.base

    def over(self, columns: Sequence[str]) -> Trees:
        """The same trees for a matrix of these columns, the features among them."""
        places = [columns.index(feature) for feature in self.features]
        placed = copy(self)
        program = self._explainer.program.over(places)
        object.__setattr__(placed, "_explainer", TreeExplainer(program))
        return placed

    def predict(self, matrix: Numbers, threads: int = 1) -> Numbers:
        """The raw prediction of each row, shape (n,), from a matrix of shape (n, columns)."""
        return self._explainer.predict(matrix, threads)

    def explain(self, matrix: Numbers, threads: int = 1) -> TreeExplanation:
        """The raw prediction of each row of a matrix (n, columns), and what makes it."""
        return self._explainer.explain(matrix, threads)

    def begun(self, matrix: Numbers, explain: bool) -> Callable[[], tuple[Numbers, Numbers]]:
        """What gives the predictions (n,) and contributions (n, features), (n, 0) if not wanted.

        They may be worked out before they are asked for.
        """
        return self._explainer.begun(matrix, explain)
