"""Answers of the small model, as monitoring takes them in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np

from features.declared_project import DeclaredProject, parse_project
from models.model import Model
from models.monitoring.observed import Answered, AnsweredHead, Observed
from models.reference import leading_terms
from tests.small_model import small, small_document

Changed = Callable[[dict[str, Any]], dict[str, Any]]


def projects_of(
    count: int, seed: int, change: Changed = lambda each: each, year: int = 2025
) -> list[DeclaredProject]:
    """New projects of the small ruler, each changed as a test wants."""
    chance = np.random.default_rng(seed)
    catalogue = small().model.catalogue
    documents = (small_document(chance, number, year) for number in range(count))
    return [parse_project(change(document), catalogue) for document in documents]


def answered_by(
    model: Model, projects: Sequence[DeclaredProject], forecasts: Mapping[str, Any] | None = None
) -> Answered:
    """What a model says of projects, all of which are rated."""
    prediction = model.predict(projects)
    heads = {
        name: AnsweredHead(head.value, head.low, head.high, leading_terms(head.contributions))
        for name, head in prediction.heads.items()
    }
    keys = [(project.project_id, project.year) for project in projects]
    return Answered(keys, prediction.matrix, prediction.peer, heads, forecasts or {})


def observed_of(projects: Sequence[DeclaredProject], **given: Any) -> Observed:
    """The small model's answers about projects, observed."""
    model = small().model
    assert model.reference is not None
    found = Observed(model, model.reference)
    found.add(answered_by(model, projects, **given))
    return found


@cache
def usual(count: int = 600) -> Observed:
    """Answers about projects like those that were learned from."""
    return observed_of(projects_of(count, 11))
