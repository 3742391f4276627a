"""Reasons are the same, whether all are asked for, one, or the leading ones."""

from __future__ import annotations

import math
from decimal import Decimal

from features.declared_project import parse_project
from features.indicator_table import IndicatorTable, indicator_table
from models.comparison import Comparison
from models.indicator_among_peers import IndicatorAmongPeers
from models.part_scale import FACTORS, POINTS, PROBABILITIES, Part, PartScale
from models.reasons import Reason, Reasons
from models.shown_row import ShownRow
from models.terms_among_peers import TermsAmongPeers
from tests.rulers import catalogue_of, ruler

RULER = catalogue_of(ruler())
PEERS = Comparison(typical=100.0, share=0.1, projects=40, first_year=2020, last_year=2024)


TERMS = [
    IndicatorAmongPeers(name, "facts", PEERS, told_if_same=False, middle=100.0)
    for name in ("area", "people", "asked", "last")
]
AMONG_PEERS = TermsAmongPeers.of(TERMS, range(4), [0] * 4)


def _values(**values: float) -> ShownRow:
    project = parse_project({"code": "P", "year": 2024, **values}, RULER)
    table: IndicatorTable = indicator_table([project], RULER)
    return ShownRow.of(TERMS, table, 0)


VALUES = _values(area=250.0, people=7, asked=100.0, last=100.0)


def _reasons(
    parts: list[Part], scale: PartScale[Part], odds: list[int] | None = None
) -> Reasons[Part]:
    moves = [float(part) / 10 for part in parts]
    return Reasons(AMONG_PEERS, VALUES, moves, parts, scale, odds)


def test_those_that_have_the_peers_value_are_pooled() -> None:
    # asked and last are what the peers have: −0.2 and +0.5 are told as +0.3 together
    told = _reasons([1, -12, -2, 5], POINTS)
    assert list(told) == [
        Reason("people", "facts", Decimal("-1.2"), None, 7.0, PEERS),
        Reason(None, "facts", Decimal("0.3"), joint=("asked", "last")),
        Reason("area", "facts", Decimal("0.1"), None, 250.0, PEERS),
    ]
    assert told.by_dimension() == {"facts": Decimal("-0.8")}


def test_factors_are_multiplied_and_ordered_by_their_ratio() -> None:
    parts = [Decimal("1.5"), Decimal("0.5"), Decimal("1.1"), Decimal("1.2")]
    told = _reasons(parts, FACTORS)
    assert [reason.contribution for reason in told] == [
        Decimal("0.5"), Decimal("1.5"), Decimal("1.32"),
    ]  # fmt: skip
    assert told.by_dimension() == {"facts": math.prod(parts)}


def test_what_cancels_out_as_shown_is_not_told() -> None:
    assert [r.indicator for r in _reasons([3, 0, -2, 2], POINTS)] == ["area"]
    assert len(_reasons([3, 0, -2, 3], POINTS)) == 2  # control


def test_log_odds_alone_are_a_movement() -> None:
    told = _reasons([0, 0, 0, 0], PROBABILITIES, [2, 0, 0, 0])
    assert [(r.contribution, r.log_odds) for r in told] == [(Decimal("0.000"), Decimal("0.02"))]
    assert not _reasons([0, 0, 0, 0], PROBABILITIES)[:]  # control


def test_the_leading_ones_are_the_first_of_all() -> None:
    told = _reasons([1, -12, -2, 5], POINTS)
    every = list(told)
    assert told[:2] == tuple(every[:2])
    assert [told[place] for place in range(len(told))] == every
    assert told == every
    assert told != every[::-1]  # control
