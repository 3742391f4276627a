"""The climber: how far a score moves when only what a department merely declares is changed.

It measures an upper bound. Every indicator that rests on declared facts alone may take any value
that past projects had, each for itself, whether or not all can be had at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from features.catalogue import Catalogue
from features.declared_project import DeclaredProject
from features.head_declaration import HeadKind
from features.indicator_table import IndicatorTable, feature_matrix, indicator_table
from features.levers import rests_on_verified
from features.operations import Numbers
from models.head import Head
from models.model import Model

PASSES = 2


def declared_only(catalogue: Catalogue, head: str) -> tuple[str, ...]:
    """The inputs of a head that rest on nothing verified, in catalogue order.

    A part counts as verified when the catalogue says so.
    """
    return tuple(i.name for i in catalogue.inputs(head) if not rests_on_verified(i.name, catalogue))


def climb(model: Model, projects: Sequence[DeclaredProject]) -> dict[str, float]:
    """The mean gain of each head, on its additive scale, that the climber reaches.

    Heads whose rise a department would not want (probabilities) are climbed downwards.
    """
    table = indicator_table(projects, model.catalogue)
    return {name: float(np.mean(gains(model, head, table))) for name, head in model.heads.items()}


def gains(model: Model, head: Head, table: IndicatorTable) -> Numbers:
    """The gain of each project, shape (n,), after `PASSES` rounds over every declared input."""
    wish = -1.0 if head.declaration.kind is HeadKind.PROBABILITY else 1.0
    features = head.central.features
    matrix = feature_matrix(table, features, model.vocabulary)
    values = _values(model, features)
    start = wish * head.central.predict(matrix)
    best = start.copy()
    names = declared_only(model.catalogue, head.name)
    for _ in range(PASSES):
        for name in names:
            column = features.index(name)
            for value in values[name]:
                tried = matrix.copy()
                tried[:, column] = value
                reached = wish * head.central.predict(tried, threads=2)
                better = reached > best
                matrix[better, column] = value
                best = np.where(better, reached, best)
    return (best - start) * abs(head.margin.slope)


def _values(model: Model, features: Sequence[str]) -> Mapping[str, Numbers]:
    """The values that the climber tries: every code, or the quantiles of past projects."""
    found: dict[str, Numbers] = {}
    for name in features:
        if name in model.vocabulary.codes:
            found[name] = np.arange(len(model.vocabulary.codes[name]), dtype=np.float64)
            continue
        stored = model.summary.spread[:, model.summary.position[name]]
        found[name] = stored[~np.isnan(stored)]
    return found
