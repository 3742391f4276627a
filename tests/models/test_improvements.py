"""Improvements: tried on the model, sorted, in few changes, and honest where nothing helps."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from features.declared_project import DeclaredProject, parse_project
from features.indicator_table import indicator_table, supposed_table
from models.appraised_project import appraised_project
from models.improvements import MOST_STEPS, MOST_TOGETHER, Improvements, improvements
from models.model import Model
from tests.rulers import catalogue_of, named, ruler
from tests.small_model import small_data, small_document, small_settings
from training.train import train


@cache
def model() -> Model:
    """A small model whose level and mandatory clause are the department's to change."""
    raw = ruler()
    for name in ("level", "mandatory", "people"):
        named(raw, "indicators", name)["changeable"] = {"by": "department"}
    data = small_data(catalogue_of(raw))
    return train(data, small_settings(data))


def project(**facts: object) -> DeclaredProject:
    """A project of the lowest standing, with other facts where they are given."""
    document = small_document(np.random.default_rng(3), 1, 2024)
    document |= {"level": "zoo", "mandatory": False, "people": 50, "type": "road"} | facts
    return parse_project({k: v for k, v in document.items() if v is not None}, model().catalogue)


@cache
def low() -> Improvements:
    return improvements(model(), project())


def test_each_single_change_is_what_the_changed_declaration_gets() -> None:
    assert low().single
    for tried in low().single:
        (change,) = tried.changes
        really = project(**{change.lever.indicator.name: change.after})
        expected = appraised_project(model(), model().predict([really]), 0)
        assert tried.after.standing == expected.standing
        for name, head in expected.heads.items():
            assert tried.after.heads[name].value == head.value


def test_the_ways_too_are_what_the_changed_declaration_gets() -> None:
    assert [way.axis for way in low().ways] == ["necessity", "importance"]
    for way in low().ways:
        facts = {change.lever.indicator.name: change.after for change in way.tried.changes}
        expected = appraised_project(model(), model().predict([project(**facts)]), 0)
        assert way.tried.after.standing == expected.standing


def test_what_does_most_comes_first_and_everything_does_something() -> None:
    before = low().before.standing
    assert before is not None
    gains = [
        tried.after.standing.ranked.rank_score - before.ranked.rank_score
        for tried in low().single
        if tried.after.standing
    ]
    assert gains == sorted(gains, reverse=True)
    assert min(gains) > 0


def test_verified_facts_are_never_moved() -> None:
    moved = {c.lever.indicator.name for t in low().single for c in t.changes}
    moved |= {c.lever.indicator.name for way in low().ways for c in way.tried.changes}
    assert moved == {"level", "mandatory"}


def test_control_the_verified_fact_would_be_worth_moving() -> None:
    """The number of people moves the risk, and the department may change it: it is verified."""
    assert model().catalogue.by_name["people"].changeable is not None
    few, many = (model().predict([project(people=n)]).heads["risk"].value[0] for n in (10, 450))
    assert few != many


def test_a_reachable_way_reaches_its_grade_and_no_change_of_it_can_be_left_out() -> None:
    reachable = [way for way in low().ways if way.reached]
    assert reachable
    for way in reachable:
        standing = way.tried.after.standing
        assert standing is not None
        assert getattr(standing.ranked, way.axis) >= 60
        assert 0 < len(way.tried.changes) <= MOST_TOGETHER
        for left_out in way.tried.changes:
            facts = {
                change.lever.indicator.name: change.after
                for change in way.tried.changes
                if change is not left_out
            }
            fewer = appraised_project(model(), model().predict([project(**facts)]), 0).standing
            assert fewer is not None
            assert getattr(fewer.ranked, way.axis) < 60


def test_what_has_all_of_it_already_is_told_of_nothing() -> None:
    best = improvements(model(), project(level="alp", mandatory=True))
    assert best.single == ()
    assert all(not way.reached and way.tried.changes == () for way in best.ways)


def test_an_unrated_project_is_tried_in_no_way() -> None:
    unrated = improvements(model(), project(type=None))
    assert unrated.before.missing == ("type",)
    assert (unrated.single, unrated.ways) == ((), ())


def test_no_change_goes_further_than_it_may() -> None:
    assert all(change.steps <= MOST_STEPS for tried in low().single for change in tried.changes)


def test_the_same_question_has_the_same_answer() -> None:
    again = improvements(model(), project())
    assert [t.changes for t in again.single] == [t.changes for t in low().single]
    assert [w.tried.changes for w in again.ways] == [w.tried.changes for w in low().ways]


@pytest.mark.parametrize("facts", [{"level": "alp"}, {"mandatory": True}, {"words": "需" * 9}])
def test_supposing_a_declared_fact_makes_the_table_of_the_project_that_has_it(
    facts: dict[str, object],
) -> None:
    catalogue = model().catalogue
    supposed = supposed_table(project(), catalogue, [{}, facts])
    plain = indicator_table([project(), project(**facts)], catalogue)
    for name in plain.columns:
        assert list(map(repr, supposed[name])) == list(map(repr, plain[name])), name


def test_supposing_a_derived_fact_moves_nothing_else() -> None:
    catalogue = model().catalogue
    supposed = supposed_table(project(words="需要"), catalogue, [{"wordy": 7.0}])
    plain = indicator_table([project(words="需要")], catalogue)
    assert supposed["wordy"][0] == 7.0
    assert plain["wordy"][0] == 2.0
    same = [name for name in plain.columns if repr(plain[name][0]) == repr(supposed[name][0])]
    assert set(plain.columns) - set(same) == {"wordy"}
