"""Raw ranges and the scores that calibrate them, by hand."""

from __future__ import annotations

from typing import Any

import numpy as np

from models.raw_range import NARROWEST, RawRange, raw_range


class _Fixed:
    """Trees that predict what they are told."""

    def __init__(self, *values: float) -> None:
        self.values = np.array(values)

    def predict(self, matrix: Any) -> Any:
        return self.values


def _range(middle: _Fixed, *ends: _Fixed, offset: float = 0.0) -> RawRange:
    bounds: Any = (ends[0], ends[1]) if ends else None
    return raw_range(middle, bounds, np.zeros((2, 1)), np.full(2, offset))  # type: ignore[arg-type]


def test_without_ends_the_range_is_the_middle_and_counts_in_points() -> None:
    found = _range(_Fixed(50, 60))
    below, above = found.scores(np.array([47.0, 60.0]))
    assert (found.low.tolist(), found.high.tolist()) == ([50, 60], [50, 60])
    assert (below.tolist(), above.tolist()) == ([3, 0], [-3, 0])


def test_with_ends_scores_count_in_widths() -> None:
    found = _range(_Fixed(5, 5), _Fixed(4, 4), _Fixed(8, 6), offset=1.0)
    assert (found.low.tolist(), found.high.tolist()) == ([5, 5], [9, 7])
    below, above = found.scores(np.array([4.0, 8.0]))
    assert below.tolist() == [0.25, -1.5]  # one below the low end, of a width of four
    assert above.tolist() == [-1.25, 0.5]


def test_ends_that_cross_the_middle_are_held_at_it() -> None:
    found = _range(_Fixed(5, 5), _Fixed(6, 4), _Fixed(4, 5))
    assert (found.low.tolist(), found.high.tolist()) == ([5, 4], [5, 5])
    assert found.unit.tolist() == [NARROWEST, 1.0]


def test_an_outcome_without_a_logarithm_is_out_of_reach() -> None:
    below, above = _range(_Fixed(5, 5)).scores(np.array([-np.inf, 5.0]))
    assert below.tolist() == [np.inf, 0]
    assert above.tolist() == [-np.inf, 0]
