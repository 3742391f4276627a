"""The figures at the top of the page: distances, doubt, and labels that stay inside."""

from __future__ import annotations

from typing import Any

import pytest

from features.catalogue import load_catalogue
from serving.page.figures import PLANE_SIDE, RANGE_WIDTH, cost_range, plane, risk
from tests.serving.conftest import CATALOGUE


def priority(necessity: float, importance: float, grade: str, spread: float = 2.0) -> Any:
    def axis(score: float, zh: str, en: str) -> Any:
        ends = [score - spread, score + spread]
        return {"score": score, "label": {"zh": zh, "en": en}, "interval": ends, "level": 0.8}

    return {
        "grade": grade,
        "rank_score": 50.0,
        "thresholds": {"necessity": 60, "importance": 50},
        "necessity": axis(necessity, "必要性", "Necessity"),
        "importance": axis(importance, "重要性", "Importance"),
    }


def test_a_d_is_told_what_each_higher_grade_would_take_the_nearest_first() -> None:
    found = plane(priority(54.6, 47.2, "D"), "zh")
    assert found.ways == [
        "重要性再提高2.8分，等级为C（重点但非必须）。",
        "必要性再提高5.4分，等级为B（非重点但必须）。",
        "两项均达到，等级为A（重点且必须）。",
    ]
    assert [axis.distance for axis in found.axes] == ["还差5.4分", "还差2.8分"]
    assert found.doubt == "在80%可能区间内，等级均为D。"


def test_with_one_axis_reached_the_other_leads_to_an_a() -> None:
    b, c = plane(priority(61, 47.5, "B"), "en"), plane(priority(59.9, 50, "C"), "en")
    assert b.ways == ["2.5 points more of Importance: grade A (key and indispensable)."]
    assert c.ways == ["0.1 points more of Necessity: grade A (key and indispensable)."]
    assert [axis.reached for axis in c.axes] == [False, True]
    assert c.axes[1].distance == "0 points above"


def test_an_a_has_nothing_above_it() -> None:
    assert plane(priority(90, 80, "A"), "en").ways == ["This is the highest grade."]


def test_every_grade_that_the_ranges_touch_is_named() -> None:
    assert "A, B, C, D" in plane(priority(60, 50, "A"), "en").doubt
    assert "B、D" in plane(priority(59, 20, "D"), "zh").doubt


def test_necessity_goes_up_and_importance_to_the_right() -> None:
    found = plane(priority(75, 20, "B", spread=5), "en")
    assert (found.x, found.y) == (PLANE_SIDE * 0.2, PLANE_SIDE * 0.25)
    assert found.x_range == (PLANE_SIDE * 0.15, PLANE_SIDE * 0.25)
    assert found.y_range == (PLANE_SIDE * 0.2, PLANE_SIDE * 0.3)
    places = {name: (x < found.x_line, y < found.y_line) for name, _, x, y in found.legend}
    assert places == {
        "A": (False, True),
        "B": (True, True),
        "C": (False, False),
        "D": (True, False),
    }


def cost(low: float | None, mid: float, high: float | None, requested: float | None) -> Any:
    label = {"zh": "合理成本", "en": "Reasonable cost"}
    amounts = {"low": low, "mid": mid, "high": high, "requested": requested}
    return {"label": label, "level": 0.8, "position": None, "excess": None} | amounts


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(
    ("low", "mid", "high", "requested"),
    [
        (1, 1_000, 9e9, 8e9),
        (5e6, 5.1e6, 5.2e6, 1.0),
        (5e6, 5.1e6, 5.2e6, 9e9),
        (0, 0, 0, 0),
        (None, 3e5, None, None),
    ],
)
def test_no_label_of_the_range_is_cut_off(
    low: float | None, mid: float, high: float | None, requested: float | None, lang: str
) -> None:
    catalogue = load_catalogue(CATALOGUE)
    found = cost_range(cost(low, mid, high, requested), [("P1", 7e6)], catalogue, lang)
    for mark in (found.low, found.mid, found.high, found.requested):
        if mark is None:
            continue
        room = sum(7 if letter.isascii() else 13 for letter in mark.text)
        before = {"start": 0, "middle": room / 2, "end": room}[mark.anchor]
        assert mark.x - before >= 0
        assert mark.x - before + room <= RANGE_WIDTH
    assert all(0 <= x <= RANGE_WIDTH for x, _ in found.similar)


def test_similar_past_projects_are_marked_with_their_amounts() -> None:
    past = [("P1", 2e5), ("P2", 4e5)]
    catalogue = load_catalogue(CATALOGUE)
    found = cost_range(cost(1e5, 2e5, 3e5, None), past, catalogue, "zh")
    assert [said for _, said in found.similar] == ["P1 20万元", "P2 40万元"]
    assert found.similar[1][0] == pytest.approx(2 * found.similar[0][0], abs=0.1)
    assert found.similar[0][0] == found.mid.x


def test_a_risk_is_compared_with_that_of_similar_projects() -> None:
    label = {"zh": "风险", "en": "Risk"}
    shown = {"label": label, "probability": 0.22, "base": 0.141}
    assert risk(shown, "zh").compared == "比同类项目高7.9个百分点"
    assert risk(shown | {"base": 0.22}, "en").compared == "the same as similar projects"
