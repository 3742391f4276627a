"""Real programmes that went on from year to year: points for `japan_review`, and what is found.

A programme's sheets of two years bear the same name. The name's equality is the label here; it
stands in no comparison as such, only through how much the names have in common.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from features.duplicates.compared_fields import Compared, Relation
from features.duplicates.corpus import Corpus
from features.duplicates.neighbours import near_pairs
from features.duplicates.points import STEPS, Points
from features.duplicates.traits import Traits
from training.duplicates.calibration import calibrated
from training.duplicates.planted_truth import traits_in

CALIBRATED_ON, TESTED_ON = (2015, 2016), (2018, 2019)
"""Sheets of two years each; no year of the one is in the other."""
_MAY_BE_RENAMED = 0.85
_COMPARED = ("name", "texts", "amount")


def sheets_of(file: Path, compared: Compared, years: Collection[int]) -> list[Traits]:
    """The sheets of some years; each bears its year in its id, so that any two may be a pair."""
    told = traits_in(file, compared.catalogue, compared.fields)
    return [
        replace(sheet, project_id=f"{sheet.year}|{sheet.project_id}")
        for sheet in told
        if sheet.year in years
    ]


def programme_of(sheet: Traits) -> str:
    """The programme that a sheet is of."""
    return sheet.project_id.partition("|")[2]


def japan_points(sheets: Sequence[Traits]) -> dict[Relation, Points]:
    """Points for two sheets to be of the same programme.

    Sheets of different names whose texts are nearly the same are left out: the programme may have
    been renamed, and then the label would be wrong.
    """
    corpus = Corpus(sheets)
    pairs = near_pairs(sheets, corpus.marks)
    same = np.array(
        [programme_of(sheets[one]) == programme_of(sheets[other]) for one, other in pairs]
    )
    closeness = corpus.closeness(pairs)
    certain = same | ~(closeness[:, list(STEPS).index("texts")] >= _MAY_BE_RENAMED)
    return {"same": calibrated(closeness[certain], same[certain], _COMPARED)}
