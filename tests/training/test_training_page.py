"""The page about training tells the settings and the metrics that there are."""

from __future__ import annotations

import re
from dataclasses import asdict
from pathlib import Path

import numpy as np

from features.catalogue import load_catalogue
from features.field import Role
from features.head_declaration import HeadKind
from training.evaluation import _MEASURES
from training.growing import TreeSettings

PAGE = (Path(__file__).parents[2] / "docs" / "training.md").read_text(encoding="utf-8")
NOT_TOLD = {"n", "n_positive", "positive", "mean_predicted", "ranges", "width", "log_width_median"}
"""Counts and companions that need no explanation."""


def test_the_settings_and_their_defaults_are_told() -> None:
    told = dict(re.findall(r"^\| `(\w+)` \| ([\d.]+) \|", PAGE, re.MULTILINE))
    assert told == {name: str(value) for name, value in asdict(TreeSettings()).items()}


def test_every_metric_is_told() -> None:
    catalogue = load_catalogue("zero_base")
    kinds = {head.kind: head for head in catalogue.heads}
    assert set(kinds) == set(HeadKind)
    column = np.array([0.2, 0.4, 0.6, 0.8])
    outcome = np.array([0.0, 1.0, 0.0, 1.0])
    for kind, head in kinds.items():
        found = _MEASURES[kind](head, column, outcome, column - 0.1, column + 0.1)
        untold = {name for name in found.keys() - NOT_TOLD if f"`{name}`" not in PAGE}
        assert untold == set()


def test_every_role_whose_swap_is_logged_is_told() -> None:
    assert [role for role in Role if f"`{role.value}`" not in PAGE] == []
