"""Levers: only what a department may lawfully change, the way that helps, step by step."""

from __future__ import annotations

from typing import Any

import pytest

from features.catalogue import load_catalogue
from features.levers import Lever, levers, rests_on_verified, verified_facts
from tests.rulers import LEVELS, catalogue_of, indicator, named, ruler

BY_DEPARTMENT = {"by": "department", "step": 0.1}


def found(extra: list[Any] | None = None, **changed: Any) -> dict[str, Lever]:
    """The levers of the small ruler in which entries are changed and others added."""
    raw = ruler()
    for name, more in changed.items():
        named(raw, "indicators", name).update(more)
    raw["indicators"] += extra or []
    return {lever.indicator.name: lever for lever in levers(catalogue_of(raw))}


def test_nothing_is_a_lever_unless_the_catalogue_says_so() -> None:
    assert found() == {}
    assert list(found(level={"changeable": {"by": "department"}})) == ["level"]


def test_control_what_others_may_change_is_none() -> None:
    assert found(level={"changeable": {"by": "treasury"}}) == {}


def test_a_verified_fact_is_never_a_lever_at_any_depth() -> None:
    rests = indicator(
        "crowded", "flag", source="derived", changeable=BY_DEPARTMENT, use={"axis": "+"}
    ) | {"derive": {"operation": "is_given", "of": ["people"]}}
    said = indicator(
        "told", "flag", source="derived", changeable=BY_DEPARTMENT, use={"axis": "+"}
    ) | {"derive": {"operation": "is_given", "of": ["words"]}}
    assert list(found([rests, said], people={"changeable": BY_DEPARTMENT})) == ["told"]


def test_a_free_direction_or_none_is_no_lever() -> None:
    assert found(wordy={"changeable": BY_DEPARTMENT}) == {}
    assert found(begun={"changeable": BY_DEPARTMENT}) == {}


def test_where_heads_welcome_opposite_values_nothing_is_suggested() -> None:
    use = {"axis": "+", "risk": "+"}
    assert found(mandatory={"changeable": BY_DEPARTMENT, "use": use}) == {}
    agreed = found(mandatory={"changeable": BY_DEPARTMENT, "use": use | {"risk": "-"}})
    assert agreed["mandatory"].upward
    lowered = found(mandatory={"changeable": BY_DEPARTMENT, "use": {"axis": "-"}})
    assert not lowered["mandatory"].upward


def test_what_decides_an_amount_is_no_lever() -> None:
    use = {"axis": "+", "cost": "+"}
    assert found(mandatory={"changeable": BY_DEPARTMENT, "use": use}) == {}


def test_the_request_is_no_lever() -> None:
    assert found(asked={"changeable": BY_DEPARTMENT, "use": {"risk": "+"}}) == {}


def lever(kind: str, upward: bool = True, **more: Any) -> Lever:
    """A lever for necessity of the small ruler, of some kind."""
    use = {"axis": "+" if upward else "-"}
    entry = indicator("moved", kind, use=use, **({"changeable": BY_DEPARTMENT} | more))
    return found([entry])["moved"]


def test_a_share_goes_by_its_step_to_the_end_of_its_range() -> None:
    assert lever("share").steps_from(0.75, 10) == [0.85, 0.95, 1.0]
    assert lever("share").steps_from(0.0, 3) == [0.1, 0.2, 0.3]
    assert lever("share", upward=False).steps_from(0.15, 10) == [0.05, 0.0]
    assert lever("share").steps_from(1.0, 10) == []


def test_a_count_without_an_upper_end_goes_as_far_as_asked() -> None:
    twenty = {"by": "department", "step": 20}
    assert lever("count", changeable=twenty).steps_from(5, 2) == [25.0, 45.0]
    limited = lever("count", changeable=twenty, range=[0, 30])
    assert limited.steps_from(5, 9) == [25.0, 30.0]
    assert limited.steps_from(31, 9) == []


def test_a_flag_goes_one_way_once() -> None:
    assert lever("flag").steps_from(0.0, 5) == [True]
    assert lever("flag").steps_from(1.0, 5) == []
    assert lever("flag", upward=False).steps_from(1.0, 5) == [False]


def test_an_ordered_category_goes_along_its_codes() -> None:
    up = lever("category", ordered=True, codes=LEVELS)
    down = lever("category", upward=False, ordered=True, codes=LEVELS)
    assert up.steps_from("zoo", 5) == ["city", "alp"]
    assert up.steps_from("zoo", 1) == ["city"]
    assert down.steps_from("alp", 5) == ["city", "zoo"]


@pytest.mark.parametrize("kind", ["share", "count", "flag"])
def test_what_is_unknown_is_not_moved(kind: str) -> None:
    assert lever(kind).steps_from(None, 5) == []


def test_of_two_levels_only_that_of_documents_in_force_is_a_lever() -> None:
    by_name = {each.indicator.name: each for each in levers(load_catalogue("zero_base"))}
    assert "policy_level" not in by_name
    assert by_name["policy_level_in_force"].weaker == ("policy_level",)


@pytest.mark.parametrize("name", ["zero_base", "japan_review"])
def test_no_lever_of_a_shipped_catalogue_is_verified_or_money(name: str) -> None:
    catalogue = load_catalogue(name)
    verified = verified_facts(catalogue)
    for each in levers(catalogue):
        assert each.indicator.name not in verified
        assert not rests_on_verified(each.indicator.name, catalogue)
        assert each.indicator.role is None


def test_control_the_default_catalogue_lets_the_department_change_verified_facts_too() -> None:
    """Rectifying a finding is the department's to do, but not by declaring it."""
    catalogue = load_catalogue("zero_base")
    assert catalogue.by_name["findings_open"].changeable is not None
    assert rests_on_verified("findings_open", catalogue)
    assert "findings_open" not in {each.indicator.name for each in levers(catalogue)}
