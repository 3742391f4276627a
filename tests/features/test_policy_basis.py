"""What cited policies amount to."""

from __future__ import annotations

import pytest

from features import policy_basis

ORDER = ["unit", "county", "city", "province", "central"]


def test_the_highest_level_wins_and_absence_has_a_code() -> None:
    assert policy_basis.highest_level(["county", "central", None], order=ORDER, absent="none") == (
        "central"
    )
    assert policy_basis.highest_level([], order=ORDER, absent="none") == "none"


def test_only_policies_that_can_be_looked_up_and_hold_count_in_force() -> None:
    level = policy_basis.highest_level_in_force(
        ["central", "province", "city", "county"],
        ["财预〔2015〕1号", "口头通知", "岚州财〔2023〕8号", "湾财〔2023〕2号"],
        ["2015-03-01", "2023-01-01", "2023-03-15", "2023-02-01"],
        ["2020-12-31", None, "2027-12-31", None],
        2025.0,
        order=ORDER,
        absent="none",
    )
    assert level == "city"  # central has expired, the province's has no number


@pytest.mark.parametrize(
    ("issued", "valid_to", "holds"),
    [
        ("2023-04-01", "2027-12-31", True),
        ("2023-04-01", "2025-01-31", True),  # for a part of the year
        ("2023-04-01", "2024-12-31", False),
        ("2023-04-01", None, True),
        ("2026-01-01", None, False),
        (None, "2027-12-31", False),
    ],
)
def test_in_force_in_2025(issued: str | None, valid_to: str | None, holds: bool) -> None:
    assert policy_basis.in_force(issued, valid_to, 2025.0) is holds


def test_share_in_force_of_all_cited() -> None:
    assert policy_basis.share_in_force(["2020-01-01"] * 2, ["2021-12-31", None], 2025.0) == 0.5
    assert policy_basis.share_in_force([], [], 2025.0) == 0


@pytest.mark.parametrize(
    "number",
    ["浙财预〔2023〕12号", "财预[2021]101号", "岚政办发（2024）第3号", "国务院令第493号",
     "中华人民共和国主席令第二十二号", " 浙财预 〔2023〕 12号 "],
)  # fmt: skip
def test_document_numbers(number: str) -> None:
    assert policy_basis.is_document_number(number)


@pytest.mark.parametrize(
    "number", ["", None, "12号", "浙财预2023年12号", "〔2023〕12号", "浙财预〔23〕12号", "见附件"]
)
def test_what_only_looks_like_a_document_number(number: str | None) -> None:
    assert not policy_basis.is_document_number(number)


def test_a_duty_that_has_expired_obliges_no_more() -> None:
    issued, valid_to = ["2020-01-01", "2020-01-01"], ["2021-12-31", None]
    assert policy_basis.any_mandatory([1.0, 0.0], issued, valid_to, 2025.0) == 0
    assert policy_basis.any_mandatory([1.0, 1.0], issued, valid_to, 2025.0) == 1
    assert policy_basis.any_mandatory([None], ["2020-01-01"], [None], 2025.0) == 0


def test_documented_needs_number_and_clause() -> None:
    numbers, clauses = ["财预〔2021〕1号", "财预〔2021〕1号", "见附件"], ["第八条", None, "第一条"]
    assert policy_basis.share_documented(numbers, clauses) == 1 / 3


def test_years_since_the_latest_policy_that_was_out() -> None:
    assert policy_basis.years_since_latest(["2018-06-01", "2023-04-01"], 2025.0) == 2
    assert policy_basis.years_since_latest(["2026-04-01"], 2025.0) is None


def test_urgency_falls_with_the_years_left() -> None:
    left = [policy_basis.urgency(due, 2025.0) for due in (2024.0, 2025.0, 2026.0, 2028.0, None)]
    assert left == [1.0, 1.0, 0.5, 0.25, 0.0]


def test_only_policies_that_can_be_looked_up_and_hold_are_counted_each_once() -> None:
    number, other = "岚州财〔2023〕8号", "岚州财〔2023〕9号"
    cited = (
        [number, " 岚州财 〔2023〕 8号", other, "口头通知", None, other],
        ["2023-03-15", "2023-03-15", "2023-04-01", "2023-01-01", "2023-01-01", None],
        [None, "2027-12-31", "2024-12-31", None, None, None],
    )
    assert policy_basis.count_verifiable(*cited, 2025.0) == 1
    assert policy_basis.count_verifiable(*cited, 2024.0) == 2  # the control: then it still held
    assert policy_basis.count_verifiable(*cited, 2024.0, limit=1) == 1
    assert policy_basis.count_verifiable([], [], [], 2025.0) == 0
