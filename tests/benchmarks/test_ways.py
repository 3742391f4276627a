"""Ways to do the same thing: their ratios, and which of them were tried."""

from __future__ import annotations

from benchmarks.sample import Sample
from benchmarks.ways import Ways

WAYS = Ways({"ours": Sample((1.0, 2.0)), "theirs": Sample((4.0, 4.0))}, {"gone": "not installed"})


def test_ratio_is_taken_turn_by_turn() -> None:
    # 4 and 2 times as long
    assert str(WAYS.ratio("theirs", "ours")) == "3 (2.5–3.5)"


def test_no_ratio_where_a_way_has_no_figure() -> None:
    assert WAYS.ratio("gone", "ours") is None
    assert WAYS.ratio("ours", "gone") is None


def test_ways_that_were_tried_come_in_the_order_asked_for() -> None:
    assert WAYS.entered(("theirs", "never", "gone", "ours")) == ["theirs", "gone", "ours"]
