"""Stability of inputs: how far each has moved since the rounds learned from, as an effect size."""

from __future__ import annotations

from collections.abc import Sequence

from features.declared_project import DeclaredProject
from features.field import Kind
from features.indicator_table import feature_matrix, indicator_table
from models.model import Model
from models.monitoring.shift import Shift, shift


def input_shifts(
    model: Model, earlier: Sequence[DeclaredProject], later: Sequence[DeclaredProject]
) -> list[Shift]:
    """The shift of each indicator that any head reads, greatest first."""
    columns = dict.fromkeys(name for head in model.heads.values() for name in head.central.features)
    matrices = [
        feature_matrix(indicator_table(side, model.catalogue), list(columns), model.vocabulary)
        for side in (earlier, later)
    ]
    found = []
    for place, name in enumerate(columns):
        indicator = model.catalogue.by_name[name]
        unordered = indicator.kind is Kind.CATEGORY and not indicator.ordered
        before, after = (matrix[:, place] for matrix in matrices)
        found.append(Shift(name, *shift(before, after, unordered)))
    return sorted(found, key=lambda each: (-each.effect, each.indicator))
