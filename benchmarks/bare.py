"""LightGBM alone on matrices that are ready: what the project is measured against."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import lightgbm
import numpy as np

from benchmarks.subject import Subject
from features.declared_project import DeclaredProject
from features.field import Kind
from features.head_declaration import HeadKind
from features.indicator_table import feature_matrix, indicator_table
from features.operations import Numbers
from models.head import Head
from training.growing import DETERMINISTIC

_OBJECTIVE = {HeadKind.SCORE: "regression", HeadKind.PROBABILITY: "binary"}
_SIGNS = {"+": 1, "-": -1, "free": 0}
Task = Callable[[], object]


def training(measured: Subject, head: str) -> Task:
    """Growing a head's trees on its prepared matrix, with nothing before or after.

    An amount takes three quantile models, as whoever uses LightGBM directly would train them.
    """
    rows, catalogue = measured.rows, measured.data.catalogue
    declaration, settings = catalogue.head(head), measured.settings.of(head)
    inputs = catalogue.inputs(head)
    target = measured.targets[head]
    amount = declaration.kind is HeadKind.AMOUNT
    chosen = rows.fit & ~np.isnan(target) & ((target > 0) | (not amount))
    matrix = rows.matrix(head)[chosen]
    goal = np.log(target[chosen]) if amount else target[chosen]
    parameters = {**DETERMINISTIC, **settings.parameters(len(inputs))}
    if amount:
        tail = (1 - declaration.level) / 2
        wanted = [{"objective": "quantile", "alpha": a} for a in (tail, 0.5, 1 - tail)]
    else:
        signs = [_SIGNS[i.use[head]] for i in inputs]
        objective = _OBJECTIVE[declaration.kind]
        wanted = [
            {
                "objective": objective,
                "monotone_constraints": signs,
                "monotone_constraints_method": "basic",
            }
        ]
    codes = [n for n, i in enumerate(inputs) if i.kind is Kind.CATEGORY and not i.ordered]

    def grown() -> None:
        for special in wanted:
            data = lightgbm.Dataset(matrix, label=goal, categorical_feature=codes)
            lightgbm.train({**parameters, **special}, data, settings.trees)

    return grown


def predictions(measured: Subject, projects: Sequence[DeclaredProject]) -> Task:
    """`predict` of every head's boosters, the ends of ranges included, on prepared matrices."""
    prepared = []
    for matrix, head in _matrices(measured, projects):
        for trees in (head.central, *(head.bounds or ())):
            prepared.append((lightgbm.Booster(model_str=trees.text), matrix))

    def predicted() -> None:
        for booster, matrix in prepared:
            booster.predict(matrix, raw_score=True, num_threads=1)

    return predicted


def contributions(measured: Subject, projects: Sequence[DeclaredProject]) -> Task:
    """`pred_contrib` of every head's central booster on prepared matrices."""
    prepared = [
        (lightgbm.Booster(model_str=head.central.text), matrix)
        for matrix, head in _matrices(measured, projects)
    ]

    def contributed() -> None:
        for booster, matrix in prepared:
            booster.predict(matrix, pred_contrib=True, num_threads=1)

    return contributed


def _matrices(measured: Subject, projects: Sequence[DeclaredProject]) -> list[tuple[Numbers, Head]]:
    model = measured.release.model
    table = indicator_table(projects, model.catalogue)
    return [
        (feature_matrix(table, head.central.features, model.vocabulary), head)
        for head in model.heads.values()
    ]
