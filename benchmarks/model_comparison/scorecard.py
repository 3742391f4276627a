"""A linear scorecard as a learner: piecewise-linear curves and codes, with one weight each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from benchmarks.model_comparison.contestant import Predict, Settings, Wanted
from benchmarks.model_comparison.head_task import Columns
from features.operations import Numbers
from training.growing import TrainingRows


class Scorecard:
    """Ridge or logistic regression on curves with a few knots; unknown values have a weight too."""

    name = "linear scorecard"
    packages = ("sklearn",)
    quantiles = False
    space: Mapping[str, Sequence[Any]] = {"knots": (5, 3, 8), "penalty": (30.0, 3.0, 300.0)}

    def learn(
        self,
        fitted: TrainingRows,
        later: TrainingRows,
        columns: Columns,
        wanted: Wanted,
        settings: Settings,
        seed: int,
    ) -> Predict:
        """A prediction learned from `fitted`; `later` only chooses between settings."""
        from sklearn.linear_model import LogisticRegression, Ridge

        curves = _Curves.of(fitted.matrix, columns, settings["knots"])
        model: Any
        if wanted.event:
            model = LogisticRegression(C=1 / settings["penalty"], max_iter=500)
        else:
            model = Ridge(alpha=settings["penalty"])
        model.fit(curves(fitted.matrix), fitted.target)
        told = model.decision_function if wanted.event else model.predict
        return lambda matrix: np.asarray(told(curves(matrix)), dtype=np.float64)


class _Curves:
    """Each number as hinges at its quantiles, each code as a flag, in standard deviations."""

    def __init__(self, parts: Sequence[tuple[int, Numbers, bool]]) -> None:
        self._parts = parts
        self._mean: Numbers | float = 0.0
        self._spread: Numbers | float = 1.0

    @classmethod
    def of(cls, matrix: Numbers, columns: Columns, knots: int) -> _Curves:
        """The curves that the values of a matrix suggest."""
        parts = []
        for place in range(matrix.shape[1]):
            known = matrix[~np.isnan(matrix[:, place]), place]
            if place in columns.categorical:
                parts.append((place, np.unique(known), True))
            else:
                ends = np.quantile(known, np.linspace(0, 1, knots + 1)) if len(known) else known
                parts.append((place, np.unique(ends), False))
        found = cls(parts)
        raw = found._raw(matrix)
        spread = raw.std(axis=0)
        found._mean, found._spread = raw.mean(axis=0), np.where(spread > 0, spread, 1.0)
        return found

    def __call__(self, matrix: Numbers) -> Numbers:
        """The curves' values, shape (m, curves)."""
        return np.asarray((self._raw(matrix) - self._mean) / self._spread, dtype=np.float64)

    def _raw(self, matrix: Numbers) -> Numbers:
        found = []
        for place, marks, coded in self._parts:
            column = matrix[:, place]
            unknown = np.isnan(column)
            found.append(unknown.astype(np.float64))
            if coded:
                found += [(column == mark).astype(np.float64) for mark in marks]
            else:
                for left, right in pairwise(marks):
                    # How far the value has come between two knots: 0 to 1.
                    part = np.clip((column - left) / (right - left), 0, 1)
                    found.append(np.where(unknown, 0.0, part))
        return np.stack(found, axis=1)
