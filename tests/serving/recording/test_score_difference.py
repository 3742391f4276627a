"""Why two scores differ: every step is really replaced, and the steps add up exactly."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from functools import cache
from itertools import combinations
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from anyio.from_thread import BlockingPortal
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from features.head_declaration import HeadKind
from models.model import Model
from models.registry import Release
from serving.access.access import Access
from serving.appraisal import appraised
from serving.command_line.program import PROGRAM
from serving.recording.score_difference import (
    STEPS,
    NotComparable,
    ScoreDifference,
    Side,
    score_difference,
    shared_out,
)
from tests.serving.conftest import tiny_project
from tests.serving.recording.conftest import Recorded, recorded_service
from tests.small_model import small, small_data, small_document
from training.growing import TreeSettings
from training.split import TimeSplit
from training.train import TrainingSettings, train

MODEL = small().model


@cache
def other_model() -> Model:
    """Another model of the same ruler, with other thresholds."""
    data = small_data(MODEL.catalogue, seed=11)
    model = train(data, TrainingSettings(TimeSplit.of(data.years), TreeSettings(trees=9, leaves=5)))
    policy = MODEL.catalogue.priority
    assert policy is not None
    raised = policy.model_copy(update={"thresholds": dict.fromkeys(policy.thresholds, 75.0)})
    return replace(model, catalogue=model.catalogue.model_copy(update={"priority": raised}))


def documents(count: int = 12) -> list[dict[str, Any]]:
    chance = np.random.default_rng(4)
    return [small_document(chance, number, 2025) | {"type": "road"} for number in range(count)]


def require_adding_up(found: ScoreDifference) -> None:
    """Every head's steps lead from the first score to the last without a gap, as do indicators."""
    assert tuple(step.name for step in found.steps) == STEPS
    for name in found.heads:
        moved = [step.heads[name] for step in found.steps]
        first, last = found.first.heads[name], found.last.heads[name]
        if first.declaration.kind is HeadKind.AMOUNT:
            whole = Fraction(last.value) / Fraction(first.value)
            assert prod((each.factor for each in moved), start=Fraction(1)) == whole
        else:
            assert sum(each.change for each in moved) == last.value - first.value
            for each in moved:
                if each.indicators:
                    assert sum(each.indicators.values()) == each.change
        if first.log_odds and last.log_odds:
            odds = [(each.before.log_odds, each.after.log_odds) for each in moved]
            change = sum(after[1] - before[1] for before, after in odds if before and after)
            assert change == last.log_odds[1] - first.log_odds[1]


@pytest.mark.parametrize("second", [MODEL, None], ids=["one model", "two models"])
def test_many_pairs_add_up(second: Model | None) -> None:
    pairs = list(combinations(documents(), 2))
    assert len(pairs) == 66
    for one, other in pairs:
        model = other_model() if second is None else second
        found = score_difference(Side(one, MODEL), Side(other, model))
        assert found.heads
        require_adding_up(found)
        ends = appraised(one, Release(small().release.version, MODEL)), found.last
        assert found.first.heads["axis"].value == ends[0].heads["axis"].value


def test_the_last_state_is_what_the_second_side_answers() -> None:
    one, other = documents(2)
    found = score_difference(Side(one, MODEL), Side(other, other_model()))
    answered = appraised(other, Release(small().release.version, other_model()))
    assert {n: h.value for n, h in found.last.heads.items()} == {
        n: h.value for n, h in answered.heads.items()
    }
    assert found.last.standing == answered.standing


def test_the_same_score_differs_in_nothing() -> None:
    side = Side(documents(1)[0], MODEL)
    assert all(step.nothing for step in score_difference(side, side).steps)


def test_only_the_data_step_moves_when_only_data_changed() -> None:
    document = documents(1)[0]
    changed = document | {"mandatory": not document.get("mandatory", False)}
    data, *others = score_difference(Side(document, MODEL), Side(changed, MODEL)).steps
    assert set(data.changed) >= {"mandatory"}
    assert all(step.nothing for step in others)


def test_another_group_moves_bases_and_no_value() -> None:
    document = documents(1)[0]
    found = score_difference(Side(document, MODEL), Side(document | {"type": "care"}, MODEL))
    group = found.steps[1]
    assert all(each.change == 0 for each in group.heads.values())
    assert any(each.before.base != each.after.base for each in group.heads.values())


def test_other_thresholds_move_the_grade_and_no_head() -> None:
    policy = MODEL.catalogue.priority
    assert policy is not None
    low = policy.model_copy(update={"thresholds": dict.fromkeys(policy.thresholds, 0.0)})
    high = policy.model_copy(update={"thresholds": dict.fromkeys(policy.thresholds, 100.0)})
    one, other = (
        replace(MODEL, catalogue=MODEL.catalogue.model_copy(update={"priority": each}))
        for each in (low, high)
    )
    document = documents(1)[0]
    rules = score_difference(Side(document, one), Side(document, other)).steps[2]
    assert [s and s.grade for s in rules.standing] == ["A", "D"]
    assert all(each.change == 0 for each in rules.heads.values())


def test_a_document_that_the_other_side_refuses_cannot_be_compared() -> None:
    document = documents(1)[0]
    with pytest.raises(NotComparable, match="colour: expected a field of the catalogue"):
        score_difference(Side(document, MODEL), Side(document | {"colour": "red"}, MODEL))


@given(st.lists(st.floats(-50, 50), min_size=1, max_size=12), st.integers(-300, 300))
def test_parts_are_shared_out_exactly(parts: list[float], whole: int) -> None:
    shared = shared_out(parts, whole)
    assert sum(shared) == whole
    if whole == round(sum(parts)):
        furthest = max(abs(step - part) for step, part in zip(shared, parts, strict=True))
        assert furthest <= 1.0 + 1e-9


@pytest.fixture
def logged(
    tmp_path: Path, release: Release, access: Access, portal: BlockingPortal
) -> Iterator[tuple[Recorded, list[str]]]:
    with recorded_service(tmp_path, release, access, portal) as made:
        ids = [
            made.service.post("/score", {"project": project}).json()["record_id"]
            for project in (tiny_project(), tiny_project(policy="city", area=2_400.0))
        ]
        yield made, ids


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_command(home: Path, logged: tuple[Recorded, list[str]], lang: str) -> None:
    made, ids = logged
    place = ["--home", str(home), "--records", f"sqlite:///{made.file}"]
    done = CliRunner().invoke(PROGRAM, ["audit", "diff", *ids, "--lang", lang, *place])
    assert done.exit_code == 0, done.output
    assert "area): 1200 → 2400" in done.output
    done = CliRunner().invoke(PROGRAM, ["audit", "diff", *ids, "--json", *place])
    told = json.loads(done.stdout)
    assert [step["step"] for step in told["steps"]] == list(STEPS)
    same = CliRunner().invoke(PROGRAM, ["audit", "diff", ids[0], "1", "--json", *place])
    assert json.loads(same.stdout)["difference"]["necessity"]["change"] == 0
    for wrong in ([ids[0], "none"], [ids[0], "7"]):
        assert CliRunner().invoke(PROGRAM, ["audit", "diff", *wrong, *place]).exit_code == 1
