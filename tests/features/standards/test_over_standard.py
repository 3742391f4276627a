"""Lines beside their standards: thresholds, excess and which standard counts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from features.standards.over_standard import Position, compared, over_standard, total_excess
from features.standards.priced_item import Family, PricedItem, Subject
from tests.standards import learned, library, set_standard

BUILDING = Subject(Family.LINE, "31006", "平方米")
MEETING = Subject(Family.LINE, "30215", "人天")


def line(subject: Subject = BUILDING, **changes: Any) -> PricedItem:
    """200 square metres at 90 yuan in a county of the first group, in 2025."""
    item = PricedItem(
        project_id="P1",
        year=2025,
        place="lines[1]",
        subject=subject,
        task="修缮施工",
        project_type="repair",
        division="990101",
        region_level="county",
        price_index=1.0,
        quantity=200.0,
        scale=200.0,
        price=90.0,
        amount=18_000.0,
        driver=False,
    )
    return replace(item, **changes)


def project(amount: float) -> PricedItem:
    """A whole project that asks for an amount."""
    whole = Subject(Family.PROJECT, "", "平方米")
    return line(whole, place="", amount=amount, price=amount / 200)


@pytest.mark.parametrize(
    ("price", "position"),
    [(79.0, "below"), (80.0, "within"), (120.0, "within"), (121.0, "above"), (170.0, "above")],
)
def test_a_price_lies_below_within_or_above_the_range(price: float, position: str) -> None:
    [found] = compared([line(price=price)], library())
    assert (found.position, found.excess) == (Position(position), 0.0)
    assert over_standard([line(price=price)], library()) == []


def test_a_price_over_the_ceiling_tells_threshold_actual_and_excess() -> None:
    [found] = over_standard([line(price=180.0)], library())
    assert (found.item.place, found.standard.code) == ("lines[1]", "L-31006-平方米-all")
    assert (found.actual, found.threshold) == (180.0, 170.0)
    assert found.excess == pytest.approx(10 * 200)


def test_prices_follow_the_published_index() -> None:
    dear = line(price=180.0, price_index=1.1)  # ceiling 187
    assert over_standard([dear], library()) == []
    unindexed = library(learned=(learned(reference_index=None),))
    assert len(over_standard([dear], unindexed)) == 1


def test_the_finest_cell_counts_and_others_fall_back() -> None:
    county = learned(code="county", region_group="county_1", ceiling=300.0, parent="all")
    small = learned(code="small", below=100.0, ceiling=500.0)
    own = learned(code="own", project_type="repair", ceiling=400.0)
    fine = library(learned=(learned(), county))
    assert fine.learned_for(line()) == county
    assert fine.learned_for(line(division="999999")) == learned()
    assert library(learned=(learned(), own)).learned_for(line()) == own
    banded = library(learned=(small, learned(code="large", least=100.0)))
    assert banded.learned_for(line(scale=99.9)).code == "small"  # type: ignore[union-attr]
    assert banded.learned_for(line(scale=100.0)).code == "large"  # type: ignore[union-attr]
    assert library().learned_for(line(MEETING)) is None


def test_a_set_price_counts_only_where_and_while_it_holds() -> None:
    asked = line(MEETING, price=700.0, quantity=10.0, amount=7_000.0)
    [found] = over_standard([asked], library())
    assert (found.threshold, found.actual, found.excess) == (650.0, 700.0, 500.0)
    for changes in ({"year": 2022}, {"subject": BUILDING, "price": 90.0}):
        assert over_standard([replace(asked, **changes)], library()) == []
    expired = library(set=(set_standard(end="2024-12-31"),))
    assert over_standard([asked], expired) == []
    elsewhere = library(set=(set_standard(region_levels=("city",)),))
    assert over_standard([asked], elsewhere) == []


def test_shares_and_limits_are_of_the_request_and_of_the_line() -> None:
    asked = line(MEETING, price=100.0, quantity=40.0, amount=4_000.0)
    share = library(set=(set_standard(form="ratio", value=0.03),))
    [found] = over_standard([project(100_000.0), asked], share)
    assert (found.actual, found.threshold) == (0.04, 0.03)
    assert found.excess == pytest.approx(1_000.0)
    limit = library(set=(set_standard(form="limit", value=3_500.0),))
    assert [each.excess for each in over_standard([asked], limit)] == [500.0]


def test_of_several_standards_the_firmest_that_is_exceeded_is_told() -> None:
    asked = line(MEETING, price=700.0, quantity=10.0, amount=7_000.0)
    interim = set_standard(code="A-INTERIM", standing="interim", value=100.0)
    statutory = set_standard(code="Z-LAW", standing="statutory", value=690.0)
    found = over_standard([asked], library(set=(interim, set_standard(), statutory)))
    assert [each.standard.code for each in found] == ["Z-LAW"]
    assert total_excess(found) == pytest.approx(100.0)


def test_a_whole_project_is_compared_but_not_flagged() -> None:
    whole = learned(code="P", family=Family.PROJECT, economic_code="", ceiling=150.0)
    asked = project(40_000.0)  # 200 a square metre
    priced = library(learned=(whole,))
    assert [each.position for each in compared([asked], priced)] == [Position.OVER]
    assert over_standard([asked], priced) == []
