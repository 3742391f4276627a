"""What a reason can say of an indicator beside the project's peers."""

from __future__ import annotations

import math

import pytest

from models.comparison import Comparison
from models.indicator_among_peers import IndicatorAmongPeers, tells_alone

PEERS = Comparison(typical=100.0, share=0.1, projects=40, first_year=2020, last_year=2024)


def _among_peers(told_if_same: bool = False) -> IndicatorAmongPeers:
    return IndicatorAmongPeers("area", "facts", PEERS, told_if_same, middle=100.0)


@pytest.mark.parametrize(
    ("raw", "expected", "move", "alone"),
    [
        (250.0, 1, 0.5, True),  # more than the peers, and it helps as declared
        (250.0, 1, -0.5, False),  # more, and it would seem to harm
        (50.0, 1, -0.5, True),
        (50.0, 1, 0.5, False),
        (250.0, -1, -0.5, True),
        (250.0, -1, 0.5, False),
        (250.0, 0, -0.5, True),  # no direction, nothing to deny
        (100.04, 0, 0.5, False),  # the peers' value as far as it is shown
        (100.06, 0, 0.5, True),
        (math.nan, 1, -0.5, True),  # not comparable
    ],
)
def test_a_movement_is_told_alone_where_it_does_not_deny_its_direction(
    raw: float, expected: int, move: float, alone: bool
) -> None:
    _, side = _among_peers().shown(raw)
    assert tells_alone(side, expected, move) is alone


def test_the_side_of_a_value() -> None:
    found = [_among_peers().shown(raw) for raw in (250.0, 50.0, "north", math.nan, 100.0)]
    assert found == [(250.0, 1), (50.0, -1), ("north", 0), (None, 0), (100.0, None)]
    rare = _among_peers(told_if_same=True)  # a rare value says something
    assert rare.shown(100.0) == (100.0, -1)
