"""Points for the catalogue `zero_base`, calibrated on faults planted in invented provinces."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from features.duplicates.compared_fields import Compared, Relation
from features.duplicates.corpus import Corpus
from features.duplicates.kinds import (
    CONTINUED,
    OTHER_YEAR,
    SAME_YEAR,
    SPLIT,
    split_below,
)
from features.duplicates.neighbours import near_pairs
from features.duplicates.points import STEPS, Points
from training.duplicates.calibration import calibrated
from training.duplicates.planted_truth import planted_pairs, traits_in
from training.province import simulate_province

SEEDS = (101, 102, 103)
PROJECTS = 10_000
_SAME = (SAME_YEAR, OTHER_YEAR, CONTINUED)
_OF_PARTS = ("name", "texts", "unit_price", "documents", "targets")
_OF_SAME = tuple(name for name in STEPS if name != "unit_price")


def planted_points(
    compared: Compared, seeds: Iterable[int] = SEEDS, projects: int = PROJECTS
) -> dict[Relation, Points]:
    """Points of both relations, from provinces of these seeds."""
    pieces = [_labelled(compared, seed, projects) for seed in seeds]
    closeness, same, part, may_be_part = (
        np.concatenate(piece) for piece in zip(*pieces, strict=True)
    )
    whole = ~part  # whether parts are the same project is not asked
    return {
        "same": calibrated(closeness[whole], same[whole], _OF_SAME),
        "part": calibrated(closeness[may_be_part], part[may_be_part], _OF_PARTS),
    }


def _labelled(
    compared: Compared, seed: int, projects: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Closeness of the pairs of a province, which are the same project, which parts of one."""
    with TemporaryDirectory() as folder:
        files = simulate_province(Path(folder), projects, seed=seed, planting=True)
        assert files.planted is not None  # noqa: S101
        told = traits_in(files.projects, compared.catalogue, compared.fields)
        truth = planted_pairs(files.planted)
    corpus = Corpus(told)
    pairs = near_pairs(told, corpus.marks)
    codes = [frozenset((told[one].project_id, told[other].project_id)) for one, other in pairs]
    same = set().union(*(truth[kind] for kind in _SAME))
    below = [split_below(told[one], told[other], compared.thresholds) for one, other in pairs]
    return (
        corpus.closeness(pairs),
        np.array([pair in same for pair in codes]),
        np.array([pair in truth[SPLIT] for pair in codes]),
        np.array([threshold is not None for threshold in below]),
    )
