"""Past projects: what is typical of a group, and which ones resemble a declared one."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.declared_project import parse_project
from features.indicator_table import Vocabulary, indicator_table
from models.past_projects import GREATEST_STORE, SPREAD, PastProjects, PeerSummary
from tests.rulers import catalogue_of, ruler

RULER = catalogue_of(ruler())
VOCABULARY = Vocabulary({"type": ("road", "care")})
NO = math.nan


def _summary(*documents: dict[str, Any], groups: list[int]) -> PeerSummary:
    projects = [
        parse_project({"code": f"P{n}", "year": 2020 + n} | document, RULER)
        for n, document in enumerate(documents)
    ]
    table = indicator_table(projects, RULER)
    members = np.column_stack([groups, np.zeros(len(groups), dtype=np.int64)])
    return PeerSummary.of(
        table, RULER, VOCABULARY, members, 2, np.array([p.year for p in projects])
    )


def test_what_is_typical_by_hand() -> None:
    summary = _summary(
        {"area": 1, "type": "care", "level": "zoo"},
        {"area": 5, "type": "care", "level": "alp"},
        {"area": 9, "type": "road", "level": "alp"},
        {"area": 100},
        groups=[1, 1, 1, -1],
    )
    place = summary.position
    assert summary.typical[1, place["area"]] == 5
    assert summary.typical[0, place["area"]] == 7  # the median of all four
    assert summary.typical[1, place["type"]] == 1  # care, the commonest
    assert summary.typical[1, place["level"]] == 2  # the median of an ordered category
    assert math.isnan(summary.typical[1, place["people"]])
    assert (summary.count.tolist(), summary.first_year.tolist()) == ([4, 3], [2020, 2020])
    assert summary.last_year.tolist() == [2023, 2022]
    assert "words" not in place  # a text is compared with nothing
    middle = SPREAD.index(0.5)
    assert summary.spread[middle, place["area"]] == 7
    assert np.isnan(summary.spread[:, place["people"]]).all()


def _store(
    matrix: list[list[float]], years: list[int] | None = None, unordered: bool = False
) -> PastProjects:
    count, width = len(matrix), len(matrix[0])
    names = ["type" if unordered else "a", "b", "c"][:width]
    return PastProjects.kept(
        np.array(matrix, dtype=np.float64),
        names,
        np.full(width, 1 / width),
        VOCABULARY,
        np.zeros((count, 1), dtype=np.int64),
        [f"P{n}" for n in range(count)],
        np.array(years or [2020] * count),
        {"axis": np.arange(count, dtype=np.float64)},
    )


def test_the_nearest_come_first_at_their_distance() -> None:
    # one feature of weight 1 and standard deviation √2 · 10: distances are differences ÷ 14.14
    store = _store([[0.0], [10.0], [20.0], [30.0], [40.0]])
    found = store.similar(np.array([11.0]), 0, "P9", count=3)
    assert [position for position, _ in found] == [1, 2, 0]
    assert [d for _, d in found] == pytest.approx([1 / 14.142, 9 / 14.142, 11 / 14.142], rel=1e-3)


NUMBER = st.sampled_from([NO, -50.0, 0.0, 0.5, 1.0, 2.0, 1000.0])
CODE = st.sampled_from([NO, 0.0, 1.0, 7.0])
ROW = st.tuples(CODE, NUMBER, NUMBER).map(list)


@given(st.lists(ROW, min_size=2, max_size=12), ROW, st.integers(0, 12))
def test_distances_are_those_of_the_definition(
    matrix: list[list[float]], row: list[float], own: int
) -> None:
    store = _store(matrix, unordered=True)
    filled = np.where(np.isnan([*matrix, row]), store.centre, [*matrix, row])
    apart = (filled[:-1] - filled[-1]) / store.scale
    apart[:, 0] = (filled[:-1, 0] != filled[-1, 0]) / store.scale[0]
    distances = np.sqrt((np.clip(apart, -3, 3) ** 2).sum(axis=1))
    order = [n for n in np.argsort(distances, kind="stable") if n != own][:5]
    found = store.similar(np.array(row), 0, f"P{own}")
    assert [distance for _, distance in found] == pytest.approx(distances[order].tolist())
    assert own not in dict(found)


def test_ones_own_earlier_rounds_do_not_count() -> None:
    store = _store([[0.0], [10.0], [20.0]])
    assert [p for p, _ in store.similar(np.array([10.0]), 0, "P1")] == [0, 2]
    assert store.similar(np.array([10.0]), 0, "other")[0][0] == 1  # control


def test_only_members_of_the_group_are_compared() -> None:
    store = _store([[0.0], [10.0], [20.0]])
    object.__setattr__(store, "memberships", np.array([[0], [3], [3]]))
    assert [p for p, _ in store.similar(np.array([0.0]), 3, "")] == [1, 2]
    assert store.similar(np.array([0.0]), 5, "") == []


def test_categories_differ_or_agree_whatever_their_number() -> None:
    store = _store([[0.0, 1.0], [1.0, 1.0], [5.0, 1.0]], unordered=True)
    found = dict(store.similar(np.array([1.0, 1.0]), 0, ""))
    assert found[1] == 0
    assert found[0] == found[2] == pytest.approx(math.sqrt(0.5))


def test_an_unknown_category_is_like_no_known_one() -> None:
    store = _store([[0.0, 1.0], [0.0, 1.0], [NO, 1.0]], unordered=True)
    found = dict(store.similar(np.array([NO, 1.0]), 0, ""))
    assert found[2] == 0
    assert found[0] == found[1] > 0


def test_an_unknown_number_counts_as_the_middle_one() -> None:
    store = _store([[0.0], [10.0], [NO], [20.0]])
    assert dict(store.similar(np.array([NO]), 0, ""))[1] == 0


def test_a_feature_that_nobody_knows_decides_nothing() -> None:
    store = _store([[NO, 0.0], [NO, 10.0]])
    assert [p for p, _ in store.similar(np.array([NO, 9.0]), 0, "")] == [1, 0]


def test_ties_keep_the_order_of_the_store() -> None:
    store = _store([[10.0], [0.0], [10.0]])
    assert [p for p, _ in store.similar(np.array([5.0]), 0, "")] == [0, 1, 2]


def test_the_newest_are_kept_when_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.past_projects.GREATEST_STORE", 2)
    store = _store([[0.0], [1.0], [2.0]], years=[2022, 2020, 2021])
    assert store.ids.tolist() == ["P0", "P2"]
    assert store.outcomes["axis"].tolist() == [0.0, 2.0]
    assert store.coordinates.shape == (2, 1)
    assert GREATEST_STORE == 20_000
