"""The climber: how far declared facts alone can move a score, and whether it notices when far."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from features.indicator_table import indicator_table
from tests.rulers import catalogue_of, named, ruler
from tests.small_model import Trained, province, small, small_data, small_settings
from training.climber import climb, declared_only, gains
from training.train import train


def test_only_what_rests_on_declared_facts_is_climbed() -> None:
    catalogue = small().model.catalogue
    assert declared_only(catalogue, "axis") == ("type", "level", "mandatory", "wordy")
    assert declared_only(catalogue, "cost") == ("type",)  # area is verified
    assert "people" not in declared_only(catalogue, "risk")


def test_no_gain_is_negative_and_none_leaves_what_can_be_reached() -> None:
    trained = small()
    table = indicator_table(trained.newest[:40], trained.model.catalogue)
    head = trained.model.heads["axis"]
    found = gains(trained.model, head, table)
    assert (found >= 0).all()
    best = found + head.value(table, trained.model.vocabulary)
    assert best.max() - best.min() < 25  # every project ends near the same summit


def test_a_risk_is_climbed_downwards() -> None:
    trained = small()
    gained = climb(trained.model, trained.newest[:40])
    assert set(gained) == set(trained.model.heads)
    assert gained["risk"] >= 0


def _driven(by: str, verified: bool) -> Trained:
    """A model whose axis follows one flag and nothing else."""
    raw = ruler()
    named(raw, "indicators", by)["source"] = "verified" if verified else "declared"
    data = small_data(catalogue_of(raw))
    flags = np.array([float(p.values[by] or 0) for p in data.projects])
    data = replace(data, outcomes={**data.outcomes, "outcome_axis": 40 + 40 * flags})
    settings = small_settings(data)
    return Trained(data, settings.split, train(data, settings))


def test_a_declared_flag_that_drives_the_axis_is_found_out() -> None:
    open_to_claims, verified = (_driven("mandatory", v) for v in (False, True))
    claimed = climb(open_to_claims.model, open_to_claims.newest[:60])["axis"]
    checked = climb(verified.model, verified.newest[:60])["axis"]
    assert claimed > 5
    assert checked < 1  # control: the same flag, from another system


def test_the_axes_of_the_province_are_hard_to_climb() -> None:
    trained = province()
    gained = climb(trained.model, trained.newest[:60])
    assert gained["necessity"] < 15
    assert gained["importance"] < 15
    assert gained["reasonable_cost"] < 0.25  # on the logarithmic scale: a factor of 1.28
