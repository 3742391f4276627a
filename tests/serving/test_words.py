"""Values and reasons as a clerk would say them, in both languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from models.comparison import Comparison, ShownValue
from models.reasons import Reason
from serving.wording.explained_score import Json, explained_score
from serving.wording.phrasebook import phrasebook
from serving.wording.words import LANGUAGES, said_amount, said_frame, said_value
from serving.wording.written import Written
from tests.rulers import catalogue_of, indicator, label, ruler
from tests.small_model import province, small


def _ruler() -> Any:
    raw = ruler()
    raw["indicators"] += [
        indicator("share", "share"),
        indicator("first", "count", unit={"zh": "年", "en": "year"}),
        indicator("rate", unit={"zh": "%", "en": "%"}),
        indicator("place", "category"),
    ]
    return catalogue_of(raw)


RULER = _ruler()


@pytest.mark.parametrize(
    ("name", "value", "zh", "en"),
    [
        ("asked", 3_200_000.0, "320万元", "3,200,000 yuan"),
        ("asked", 3_205_000.0, "320.5万元", "3,205,000 yuan"),
        ("asked", 9_999.0, "9,999元", "9,999 yuan"),
        ("asked", 0.0, "0元", "0 yuan"),
        ("asked", 123_456_789.0, "12,346万元", "123,456,789 yuan"),
        ("share", 0.95, "95%", "95%"),
        ("share", 1 / 3, "33.33%", "33.33%"),
        ("mandatory", 1.0, "是", "yes"),
        ("mandatory", 0.0, "否", "no"),
        ("first", 2025.0, "2025年", "2025"),
        ("begun", 2024.37, "2024年", "2024"),
        ("level", "city", label("city")["zh"], label("city")["en"]),
        ("place", "north", "north", "north"),
        ("area", 1200.0, "1,200平方米", "1,200 m²"),
        ("area", 0.1234567, "0.1235平方米", "0.1235 m²"),
        ("area", 12345.6, "12,346平方米", "12,346 m²"),
        ("rate", 12.5, "12.5%", "12.5%"),
        ("people", 500.0, "500", "500"),
        ("people", -3.0, "-3", "-3"),
        ("area", None, "未提供", "not given"),
        ("level", None, "未提供", "not given"),
    ],
)
def test_a_value_of_each_kind(name: str, value: ShownValue, zh: str, en: str) -> None:
    assert said_value(RULER, name, value, "zh") == zh
    assert said_value(RULER, name, value, "en") == en


def test_amounts_of_other_currencies_are_not_counted_in_wan() -> None:
    raw = ruler()
    raw["currency"] = {"code": "JPY", "unit": "百万日元", "unit_en": "million yen"}
    assert said_amount(catalogue_of(raw), 12_345, "zh") == "12,345百万日元"
    assert said_amount(catalogue_of(raw), Decimal("1.5"), "en") == "1.5 million yen"


def _said(head: str, **reason: Any) -> tuple[str, str]:
    words = phrasebook(RULER).sentence(head, Reason(**reason))
    return words["zh"], words["en"]


COMPARED = Comparison(typical=100.0, share=0.1, projects=1312, first_year=2020, last_year=2024)


def test_a_frame_goes_around_the_value_with_the_comparison_in_it() -> None:
    said = said_frame(RULER, "area", COMPARED, False, "zh")
    assert said.compared == "2020—2024年1,312个同类项目中位数为100平方米"
    assert (said.before, said.after) == ("area（中）：", f"（{said.compared}），")
    bare = said_frame(RULER, "area", None, False, "en")
    assert (bare.before, bare.after, bare.compared) == ("The area: ", ". This ", "")


def test_a_reason_of_points() -> None:
    zh, en = _said(
        "axis", indicator="area", dimension="facts", contribution=Decimal("8.7"), value=1200.0,
        compared=COMPARED,
    )  # fmt: skip
    assert zh == (
        "area（中）：1,200平方米（2020—2024年1,312个同类项目中位数为100平方米），axis（中）提高8.7分。"
    )
    assert en == (
        "The area: 1,200 m² (median of 1,312 similar projects of 2020–2024: 100 m²). "
        "This raises the axis by 8.7 points."
    )


@pytest.mark.parametrize(
    ("contribution", "zh", "en"),
    [
        ("-0.012", "risk（中）降低1.2个百分点。", "lowers the risk by 1.2 percentage points."),
        ("0.010", "risk（中）提高1个百分点。", "raises the risk by 1 percentage point."),
        ("0.000", "对risk（中）几乎没有影响。", "hardly moves the risk."),
    ],
)
def test_a_reason_of_percentage_points(contribution: str, zh: str, en: str) -> None:
    said = _said(
        "risk",
        indicator="people",
        dimension="facts",
        contribution=Decimal(contribution),
        value=3.0,
        log_odds=Decimal("0.01"),
    )
    assert said[0].endswith(zh)
    assert said[1].endswith(en)


@pytest.mark.parametrize(
    ("factor", "zh", "en"),
    [
        ("1.3500", "提高35%（乘以1.35）。", "raises the cost by 35% (× 1.35)."),
        ("0.9512", "降低4.88%（乘以0.9512）。", "lowers the cost by 4.88% (× 0.9512)."),
        ("1.1000", "提高10%（乘以1.1）。", "raises the cost by 10% (× 1.1)."),
        ("2.500", "成倍提高（乘以2.5）。", "raises the cost (× 2.5)."),
        ("1200", "成倍提高（乘以1200）。", "raises the cost (× 1200)."),
        ("1.07006704000123", "提高7.01%（乘以1.07）。", "raises the cost by 7.01% (× 1.07)."),
    ],
)
def test_a_factor(factor: str, zh: str, en: str) -> None:
    said = _said(
        "cost", indicator="area", dimension="facts", contribution=Decimal(factor), value=3.0
    )
    assert said[0].endswith(zh)
    assert said[1].endswith(en)


def test_a_joint_reason_names_its_members() -> None:
    zh, en = _said(
        "axis", indicator=None, dimension="facts", contribution=Decimal("-1.0"),
        joint=("area", "people"),
    )  # fmt: skip
    assert zh.startswith("area（中）、people（中）")
    assert zh.endswith("axis（中）降低1分。")
    assert en.startswith("The area, The people")
    assert en.endswith("lowers the axis by 1 point.")


def test_categories_and_flags_are_compared_by_share() -> None:
    compared = Comparison(0.0, 0.614, 57, 2024, 2024)
    zh, en = _said(
        "axis", indicator="mandatory", dimension="facts", contribution=Decimal("2.0"), value=1.0,
        compared=compared,
    )  # fmt: skip
    assert "（2024年57个同类项目中61%为否）" in zh
    assert "(61% of 57 similar projects of 2024: no)" in en


def test_peers_that_have_the_same_value_are_told_as_such() -> None:
    compared = Comparison(1.0, 0.25, 410, 2020, 2024)
    zh, en = _said(
        "axis", indicator="mandatory", dimension="facts", contribution=Decimal("2.0"), value=1.0,
        compared=compared,
    )  # fmt: skip
    assert "（2020—2024年410个同类项目中25%与此相同）" in zh
    assert "(25% of 410 similar projects of 2020–2024: the same)" in en


# Over many projects: nothing that only a program would say.

NEVER = re.compile(r"\b(nan|None|inf|null|NaN)\b|\d[eE][+-]?\d|\{|\}|-0(?![.\d])|。。|\.\.")


def _texts(answer: Json) -> Iterator[tuple[str, str]]:
    """Every text of an answer with its language."""
    waiting: list[Any] = [answer]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            texts = [(lang, item[lang]) for lang in LANGUAGES if isinstance(item.get(lang), str)]
            yield from texts
            waiting += list(item.values())
        elif isinstance(item, list | Written):
            waiting += item


@pytest.mark.parametrize("model", [province, small])
def test_no_text_speaks_like_a_program(model: Any) -> None:
    trained = model()
    projects = trained.newest[:200]
    prediction = trained.model.predict(projects)
    count = 0
    for row in range(len(projects)):
        for language, text in _texts(explained_score(trained.release, prediction, row)):
            count += 1
            assert text.strip()
            assert not NEVER.search(text), text
            assert language == "en" or model is small or re.search("[一-鿿]|%|^[\\d,.]+$", text)
    assert count > 2_000


@pytest.mark.parametrize("text", ["area: nan", "1e-05 points", "None", "x {y}"])
def test_control_such_a_text_is_found(text: str) -> None:
    assert NEVER.search(text)
