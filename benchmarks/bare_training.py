"""Bare LightGBM growing a head's trees: what training is measured against."""

from __future__ import annotations

import lightgbm
import numpy as np

from benchmarks.subject import Subject
from benchmarks.timing import Task
from features.field import Kind
from features.head_declaration import HeadKind
from training.growing import DETERMINISTIC

_OBJECTIVE = {HeadKind.SCORE: "regression", HeadKind.PROBABILITY: "binary"}
_SIGNS = {"+": 1, "-": -1, "free": 0}


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
