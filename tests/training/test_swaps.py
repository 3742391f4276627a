"""Swapping what a head must not see: no change at all, and a change where it may see it."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from features.declared_project import parse_project
from features.field import Role
from tests.rulers import catalogue_of, head, named, ruler
from tests.small_model import Trained, province, small, small_data, small_settings
from training.swaps import swap, swap_effects
from training.train import train

ZERO_BASED = ("necessity", "importance", "reasonable_cost")


def test_amounts_move_no_zero_based_head_of_the_province() -> None:
    trained = province()
    for role in (Role.REQUESTED_AMOUNT, Role.LAST_BUDGET):
        effects = swap_effects(trained.model, trained.newest[:150], role)
        assert [effects[name] for name in ZERO_BASED] == [0.0, 0.0, 0.0]
        assert effects["low_execution"] > 0  # control: the risks do see amounts


def test_who_declares_moves_nothing_at_all() -> None:
    for trained in (province(), small()):
        effects = swap_effects(trained.model, trained.newest[:150], Role.DECLARER)
        assert set(effects) == set(trained.model.heads)
        assert set(effects.values()) == {0.0}


@cache
def _leaky() -> Trained:
    """A model of a catalogue that forgot to say what its request is."""
    raw = ruler()
    named(raw, "indicators", "asked").pop("role")
    named(raw, "indicators", "asked")["use"]["axis"] = "free"
    data = small_data(catalogue_of(raw))
    axis = data.outcomes["outcome_axis"] + [p.values["asked"] / 1e5 for p in data.projects]
    data = replace(data, outcomes={**data.outcomes, "outcome_axis": axis})
    settings = small_settings(data)
    return Trained(data, settings.split, train(data, settings))


def test_control_a_leak_is_measured() -> None:
    leaky = _leaky()
    raw = ruler()
    raw["heads"] = [head(h["name"], h["kind"]) for h in raw["heads"]]
    named(raw, "indicators", "asked")["use"]["axis"] = "free"
    knowing = replace(leaky.model, catalogue=catalogue_of(raw))  # knows the role, may use it
    assert swap_effects(knowing, leaky.newest[:100], Role.REQUESTED_AMOUNT)["axis"] > 1


RULER = catalogue_of(ruler())


def _project(**values: object) -> object:
    return parse_project({"code": "P1", "year": 2024} | values, RULER)


def test_a_swap_takes_every_field_of_the_role_and_no_other() -> None:
    own = _project(asked=5, last=7, lines=[{"task": "a", "amount": 1}, {"task": "b", "amount": 2}])
    other = _project(code="P2", asked=50, last=70, lines=[{"task": "c", "amount": 10}])
    swapped = swap(own, other, RULER, Role.REQUESTED_AMOUNT)  # type: ignore[arg-type]
    assert swapped.values["asked"] == 50
    assert swapped.values["last"] == 7
    assert swapped.values["lines"] == (
        {"task": "a", "amount": 10.0},
        {"task": "b", "amount": 10.0},
    )
    assert swapped.project_id == "P1"


def test_where_the_other_has_no_lines_amounts_change_all_the_same() -> None:
    own = _project(lines=[{"task": "a", "amount": 1}, {"task": "b"}])
    swapped = swap(own, _project(), RULER, Role.REQUESTED_AMOUNT)  # type: ignore[arg-type]
    assert [line["amount"] for line in swapped.values["lines"]] == [3.0, None]  # type: ignore


def test_identity_is_kept_when_the_declarer_is_swapped() -> None:
    own, other = _project(office="A"), _project(code="P2", office="B")
    swapped = swap(own, other, RULER, Role.DECLARER)  # type: ignore[arg-type]
    assert (swapped.values["code"], swapped.values["office"]) == ("P1", "B")
