"""A planted shift is found whatever the number of projects; without one hardly anything is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy.stats import chi2_contingency

from models.monitoring.drifts import Drift, Moved, drifts
from models.monitoring.shift import SMALL, Verdict, shift_of_counts, told_from_chance
from models.reference import Reference
from tests.models.monitoring.answered import observed_of, projects_of, usual
from tests.small_model import small

NOMINAL = 0.05


def _of(found: list[Drift], kind: Moved) -> dict[str, Verdict]:
    return {each.name: each.verdict for each in found if each.kind is kind}


def test_projects_like_those_learned_from_have_not_moved() -> None:
    found = drifts(usual())
    assert {kind: set(_of(found, kind).values()) for kind in Moved} == {
        kind: {Verdict.STABLE} for kind in Moved
    }


def _larger(document: dict[str, Any]) -> dict[str, Any]:
    return document | {"area": document["area"] * 4}


def test_a_planted_shift_is_found_where_it_is_and_in_what_it_moves() -> None:
    found = drifts(observed_of(projects_of(600, 11, _larger)))
    inputs = _of(found, Moved.INPUT)
    assert inputs["area"] is Verdict.SHIFTED
    assert {v for name, v in inputs.items() if name != "area"} == {Verdict.STABLE}
    assert _of(found, Moved.VALUE)["cost"] is Verdict.SHIFTED
    assert _of(found, Moved.VALUE)["axis"] is Verdict.STABLE


def test_a_planted_change_of_what_leads_is_found() -> None:
    def decreed(document: dict[str, Any]) -> dict[str, Any]:
        return document | {"level": "alp", "mandatory": True}

    found = drifts(observed_of(projects_of(600, 11, decreed)))
    assert _of(found, Moved.REASON)["axis"] is not Verdict.STABLE


def test_values_that_are_missing_more_often_have_moved() -> None:
    def without(document: dict[str, Any]) -> dict[str, Any]:
        return document | {"people": None if document["area"] < 150 else document.get("people")}

    (people,) = (
        d for d in drifts(observed_of(projects_of(600, 11, without))) if d.name == "people"
    )
    assert people.verdict is not Verdict.STABLE
    assert people.unknown > 0.3


@pytest.mark.parametrize("moved", [0.0, 0.05, 0.8])
def test_the_same_shift_has_the_same_verdict_at_200_and_at_200_000(moved: float) -> None:
    chance, p = np.random.default_rng(5), np.full(10, 0.1)
    q = p + moved * np.array([0.1, -0.1] * 5)
    before = chance.multinomial(20_000, p)
    verdicts = []
    for size in (200, 200_000):
        some = [chance.multinomial(size, q) for _ in range(20)]
        told = [_drift(before, after).verdict for after in some]
        verdicts.append(max(set(told), key=told.count))
        assert told.count(verdicts[-1]) >= 18
    assert verdicts[0] is verdicts[1]


INPUTS = 60


def _drift(before: Any, after: Any) -> Drift:
    """One of as many as a usual model reads."""
    effect, error = shift_of_counts(before, after)
    told = told_from_chance(before, after, INPUTS)
    return Drift(Moved.INPUT, "x", effect, error, int(after.sum()), told)


@pytest.mark.parametrize("bins", [3, 11, 22])
def test_of_two_hundred_unmoved_projects_false_alarms_are_rarer_than_nominal(bins: int) -> None:
    chance, p = np.random.default_rng(7), np.full(bins, 1 / bins)
    reports = [
        any(
            _drift(chance.multinomial(2_000, p), chance.multinomial(200, p)).verdict
            is not Verdict.STABLE
            for _ in range(INPUTS)
        )
        for _ in range(200)
    ]
    assert np.mean(reports) <= NOMINAL  # any alarm at all, of all inputs together


def test_control_what_is_not_told_from_chance_would_alarm_more_often() -> None:
    chance, p = np.random.default_rng(7), np.full(22, 1 / 22)
    untaken = []
    for _ in range(500):
        before, after = chance.multinomial(2_000, p), chance.multinomial(200, p)
        shares = (before / before.sum(), (after + 0.5) / (after.sum() + 11))
        index = ((shares[0] - shares[1]) * np.log(shares[0] / shares[1])).sum()
        untaken.append(index > SMALL)  # the usual index, without chance taken off
    assert np.mean(untaken) > NOMINAL


def test_control_a_test_of_significance_alarms_at_a_shift_that_is_none() -> None:
    p = np.full(10, 0.1)
    q = p + 0.002 * np.array([1, -1] * 5)
    small_shift = [np.round(size * np.array([p, q])) for size in (200, 200_000)]
    few, many = (chi2_contingency(each).pvalue for each in small_shift)
    assert few > 0.9
    assert many < 0.001
    for before, after in small_shift:
        assert _drift(before.astype(int), after.astype(int)).verdict is Verdict.STABLE


def test_a_reference_survives_its_bundle() -> None:
    reference = small().model.reference
    assert reference is not None
    again = Reference.from_json(reference.to_json())
    model = replace(small().model, reference=again)
    first, second = drifts(usual()), drifts(observed_of(projects_of(600, 11)))
    assert model.reference is again
    assert again.to_json() == reference.to_json()
    assert [each.as_json() for each in first] == [each.as_json() for each in second]
