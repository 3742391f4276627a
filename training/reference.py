"""The reference that a model is later held against, from the rounds that made it."""

from __future__ import annotations

import numpy as np

from features.field import Kind
from features.head_declaration import HeadKind
from features.indicator_table import feature_matrix, indicator_table
from features.operations import Numbers
from models.head import HeadPrediction
from models.model import Model
from models.peers import Groups
from models.reference import (
    Binned,
    Cells,
    HeadReference,
    Reference,
    leading_counts,
    leading_terms,
)
from training.appraisal_data import AppraisalData
from training.split import Mask, TimeSplit
from training.targets import target

MOST_ANSWERED = 20_000
_TOGETHER = 2_000


def reference_of(model: Model, data: AppraisalData, split: TimeSplit) -> Reference:
    """The reference of a model made from the rounds that the split fits and calibrates on."""
    learned = data.where(split.fit(data.years) | split.calibrate(data.years))
    table = indicator_table(learned.projects, learned.catalogue)
    matrix = feature_matrix(table, model.columns, model.vocabulary)
    inputs = {
        name: Binned.of(matrix[:, place], _unordered(model, name))
        for place, name in enumerate(model.columns)
    }
    return Reference(inputs, _heads(model, _evenly(data, split.calibrate(data.years))))


def _unordered(model: Model, name: str) -> bool:
    indicator = model.catalogue.by_name[name]
    return indicator.kind is Kind.CATEGORY and not indicator.ordered


def _evenly(data: AppraisalData, chosen: Mask) -> AppraisalData:
    """The chosen rows, evenly thinned where they are very many."""
    rows = np.flatnonzero(chosen)
    if len(rows) > MOST_ANSWERED:
        rows = rows[np.linspace(0, len(rows) - 1, MOST_ANSWERED).astype(int)]
    kept = np.zeros(len(chosen), dtype=bool)
    kept[rows] = True
    return data.where(kept)


def _heads(model: Model, data: AppraisalData) -> dict[str, HeadReference]:
    parts: dict[str, list[HeadPrediction]] = {name: [] for name in model.heads}
    peers: list[Groups] = []
    for start in range(0, len(data.projects), _TOGETHER):
        prediction = model.predict(data.projects[start : start + _TOGETHER])
        peers.append(prediction.peer)
        for name, head in prediction.heads.items():
            parts[name].append(head)
    if not peers:
        return {}
    peer = np.concatenate(peers)
    return {name: _head(model, name, some, peer, data) for name, some in parts.items()}


def _head(
    model: Model, name: str, parts: list[HeadPrediction], peer: Groups, data: AppraisalData
) -> HeadReference:
    value, low, high = (
        np.concatenate([getattr(part, end) for part in parts]) for end in ("value", "low", "high")
    )
    leading = np.concatenate([leading_terms(part.contributions) for part in parts])
    cells = None
    if model.heads[name].range is not None:
        outcome = _additive(model, name, data)
        told = ~np.isnan(value) & ~np.isnan(low) & ~np.isnan(outcome)
        inside = ((outcome >= low) & (outcome <= high)).astype(np.float64)
        if told.any():
            groups = len(model.peers.groups)
            cells = Cells.of(value[told], peer[told], inside[told], groups)
    terms = len(model.heads[name].terms)
    return HeadReference(Binned.of(value), leading_counts(leading, terms), cells)


def _additive(model: Model, name: str, data: AppraisalData) -> Numbers:
    """The outcomes of a head on its additive scale, shape (n,); an amount of 0 is −∞."""
    declared = model.catalogue.head(name)
    outcome = target(declared, data.outcomes)
    if declared.kind is not HeadKind.AMOUNT:
        return outcome
    with np.errstate(divide="ignore"):
        return np.log(outcome)
