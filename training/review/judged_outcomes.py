"""Judgements handed over as outcomes: a contribution of their own kind, once per review."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from features.catalogue import Catalogue
from features.errors import TrainingError
from features.head_declaration import HeadDeclaration, HeadKind
from models.review.judgement import Judgement
from models.review.round import KeptRound
from training.contribution import Contribution, ContributionKind
from training.outcome_store import OutcomeStore
from training.review.agreement_report import By

_DIGITS = 4


def hand_over(
    store: OutcomeStore, kept: KeptRound, judgements: Mapping[By, Judgement], contributor: str
) -> tuple[Contribution, bool]:
    """The contribution that holds a round's judgements, and whether it is new.

    Of each case the mean of its experts' scores. Amounts are not handed over: what an expert finds
    reasonable is not what the treasury approved.

    Raises:
        TrainingError: when nobody has judged anything, or the catalogue learns no score directly.
        FormError: when a case is not what was kept.
    """
    lines = list(_lines(kept, judgements, store.catalogue))
    if not any(lines):
        raise TrainingError(f"expected judgements of round {kept.round.name}; got none")
    with tempfile.TemporaryDirectory(prefix="lingji-judged-") as folder:
        file = Path(folder) / "outcomes.jsonl"
        text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        file.write_text(text, encoding="utf-8")
        return store.add(file, contributor, kind=ContributionKind.JUDGEMENT)


def _lines(
    kept: KeptRound, judgements: Mapping[By, Judgement], catalogue: Catalogue
) -> Iterator[dict[str, Any]]:
    heads = {head.name: head for head in catalogue.heads if head.kind is HeadKind.SCORE}
    for entry in sorted(kept.round.cases, key=lambda each: each.id):
        said = [found for (case, _), found in sorted(judgements.items()) if case == entry.id]
        if not said:
            continue
        document = kept.case(entry).document
        line = {name: document[name] for name in (*catalogue.columns.id, catalogue.columns.time)}
        for name, head in heads.items():
            points = [each.scores[name] for each in said if name in each.scores]
            if points and head.outcome.column is not None:
                line[head.outcome.column] = round(_raw(float(np.mean(points)), head), _DIGITS)
        yield line


def _raw(points: float, head: HeadDeclaration) -> float:
    """The value that the outcome column would hold for these points."""
    return points / head.outcome.scale
