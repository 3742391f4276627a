"""Peer groups: who is compared with whom, from the finest group that is large enough."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from features.catalogue import Catalogue
from features.declared_project import parse_project
from features.indicator_table import IndicatorTable, indicator_table
from models.peers import ALL, PeerGroups, finest
from tests.rulers import catalogue_of, ruler


def _catalogue() -> Catalogue:
    raw = ruler()
    raw["peers"] = ["type", "level"]
    return catalogue_of(raw)


RULER = _catalogue()


def _table(*pairs: tuple[Any, Any]) -> IndicatorTable:
    projects = [
        parse_project({"code": f"P{n}", "year": 2024, "type": kind, "level": level}, RULER)
        for n, (kind, level) in enumerate(pairs)
    ]
    return indicator_table(projects, RULER)


PAST = _table(*[("road", "alp")] * 5, *[("care", "alp")] * 2, (None, "zoo"), (None, None))


def test_groups_of_enough_members_are_kept_with_all_first() -> None:
    found = PeerGroups.learned(PAST, RULER, least=3)
    kept = [(group.indicator, group.code) for group in found.groups]
    assert kept == [("", ALL), ("type", "road"), ("level", "alp")]
    every = PeerGroups.learned(PAST, RULER, least=1)
    assert [(g.indicator, g.code) for g in every.groups[1:]] == [
        ("type", "care"),
        ("type", "road"),
        ("level", "alp"),
        ("level", "zoo"),
    ]


def test_memberships_are_finest_first() -> None:
    found = PeerGroups.learned(PAST, RULER, least=3)
    rows = _table(("road", "zoo"), ("care", "alp"), ("road", "alp"), (None, None))
    members = found.memberships(rows, RULER)
    assert members.tolist() == [[1, -1, 0], [-1, 2, 0], [1, 2, 0], [-1, -1, 0]]
    assert finest(members).tolist() == [1, 2, 1, 0]


def test_a_code_that_reads_none_is_not_an_unknown_one() -> None:
    raw = ruler()
    raw["indicators"][3]["codes"] = {"None": {"zh": "无", "en": "none"}}
    catalogue = catalogue_of(raw)
    projects = [
        parse_project({"code": f"P{n}", "year": 2024, "type": kind}, catalogue)
        for n, kind in enumerate(["None", None])
    ]
    table = indicator_table(projects, catalogue)
    found = PeerGroups.learned(table, catalogue, least=1)
    assert found.memberships(table, catalogue).tolist() == [[1, 0], [-1, 0]]


def test_no_levels_leave_all() -> None:
    raw = ruler()
    raw["peers"] = []
    catalogue = catalogue_of(raw)
    found = PeerGroups.learned(PAST, catalogue)
    assert found.memberships(PAST, catalogue).tolist() == [[0]] * PAST.length


def test_groups_are_the_same_after_json() -> None:
    found = PeerGroups.learned(PAST, RULER, least=1)
    again = PeerGroups.from_json(json.loads(json.dumps(found.to_json())))
    assert again == found
    np.testing.assert_array_equal(again.memberships(PAST, RULER), found.memberships(PAST, RULER))
