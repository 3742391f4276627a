"""General operations on the items of a part."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features import items

YEARS = [2023.0, 2021.0, 2024.0]


def test_counts_only_what_is_given() -> None:
    assert items.count_items(["a", None, " ", "a"]) == 2
    assert items.count_distinct(["a", None, "a ", "b"]) == 2
    assert items.count_distinct(["a", "b", "c"], limit=2) == 2


def test_sums_means_and_extremes_skip_the_absent() -> None:
    assert items.sum_items([1.0, None, 2.0]) == 3
    assert items.mean_items([1.0, None, 2.0]) == 1.5
    assert items.maximum_item([1.0, None, 2.0]) == 2
    assert items.minimum_item([1.0, None, 2.0]) == 1


def test_no_items_are_unknown_where_zero_would_be_a_claim() -> None:
    assert items.mean_items([None]) is None
    assert items.maximum_item([]) is None
    assert items.minimum_item([]) is None
    assert items.ratio_of_sums([1.0], []) is None
    assert items.sum_items([]) == 0


def test_shares_by_code_and_by_prefix() -> None:
    codes = ["30217", "30902", None, "31013"]
    assert items.share_of_items(codes, any_of=["30217", "31013"]) == 0.5
    assert items.share_of_items(codes, prefixes=["309", "310"]) == 0.5
    assert items.share_of_items(codes, any_of=["30217"], prefixes=["310"]) == 0.5
    assert items.share_of_items([], any_of=["30217"]) == 0
    assert items.share_given(["询价", "", None, "合同"]) == 0.5


def test_share_of_sum_weighs_by_amount() -> None:
    assert items.share_of_sum(["a", "b", "a"], [10.0, 60.0, 30.0], any_of=["a"]) == 0.4
    assert items.share_of_sum(["a"], [0.0], any_of=["a"]) is None


def test_any_item_asks_for_truth_or_for_a_code() -> None:
    assert items.any_item([0.0, None, 1.0]) == 1
    assert items.any_item([0.0, None]) == 0
    assert items.any_item(["政策依据"], any_of=["政策依据"]) == 1
    assert items.any_item(["其他"], any_of=["政策依据"]) == 0


def test_weights_add_up_within_the_tolerance() -> None:
    assert items.sums_to_any_of([22.5, 22.5, 22.5, 22.5], totals=[90, 100]) == 1
    assert items.sums_to_any_of([50.0, 45.0], totals=[90, 100]) == 0
    assert items.sums_to_any_of([], totals=[90, 100]) == 0


def test_latest_is_by_year_and_not_by_position() -> None:
    assert items.latest_item(YEARS, [80.0, 70.0, 90.0]) == 90
    assert items.latest_item(YEARS, [80.0, 70.0, None]) == 80
    assert items.latest_item(YEARS, ["SELF", "DEPT", "FINANCE"]) == "FINANCE"
    assert items.latest_item([], []) is None


def test_nothing_of_the_year_itself_or_later_is_seen() -> None:
    assert items.latest_item(YEARS, [80.0, 70.0, 90.0], 2024.0) == 80
    assert items.mean_over_years(YEARS, [80.0, 70.0, 90.0], 2024.0) == 75
    assert items.count_years(YEARS, 2024.0) == 2
    assert items.change_over_years(YEARS, [80.0, 70.0, 90.0], 2024.0) == 10
    assert items.change_over_years(YEARS, [80.0, 70.0, 90.0], 2023.0) is None


def test_fields_given_and_lookup() -> None:
    assert items.share_of_fields_given("a", None, "", 0.0) == 0.5
    assert items.is_given("  ") == 0
    assert items.lookup("it_system", table={"it_system": "it"}) == "it"
    assert items.lookup("road", table={"it_system": "it"}, otherwise="other") == "other"


@pytest.mark.parametrize("value", [2024, 2024.0, "2024-05-11", date(2024, 5, 11), "2024"])
def test_a_year_is_read_from_years_dates_and_texts(value: object) -> None:
    assert items.year_of(value) == 2024  # type: ignore[arg-type]


def test_a_text_where_a_number_is_needed_is_refused() -> None:
    with pytest.raises(TypeError, match="a number is needed, not a str"):
        items.sum_items(["95"])


@given(st.lists(st.one_of(st.none(), st.sampled_from(["a", "b", ""]))))
def test_shares_lie_between_zero_and_one_in_any_order(values: list[str | None]) -> None:
    share = items.share_of_items(values, any_of=["a"])
    assert 0 <= share <= 1
    assert share == items.share_of_items(values[::-1], any_of=["a"])
