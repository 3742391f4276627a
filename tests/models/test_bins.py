"""Bins: every value has one, and unknown has one of its own."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from models.bins import Bins

_VALUES = arrays(np.float64, st.integers(1, 60), elements=st.floats(-1e6, 1e6) | st.just(np.nan))


def test_numbers_are_counted_in_tenths() -> None:
    values = np.append(np.arange(1000.0), [np.nan] * 7)
    bins = Bins.of(values)
    assert bins.counts(values).tolist() == [7] + [100] * 10
    assert bins.places(np.array([-5.0, 2000.0, np.nan])).tolist() == [1, 10, 0]


def test_codes_have_a_bin_each_and_others_the_last() -> None:
    bins = Bins.of(np.array([3.0, 3.0, 1.0, np.nan]), codes=True)
    assert bins.places(np.array([3.0, 1.0, 2.0, np.nan])).tolist() == [1, 2, 3, 0]


@given(_VALUES, _VALUES, st.booleans())
def test_each_value_is_counted_once(before: np.ndarray, after: np.ndarray, codes: bool) -> None:
    bins = Bins.of(before, codes)
    assert bins.counts(after).sum() == len(after)
    assert len(bins.counts(after)) == len(bins)
    assert bins.counts(after)[0] == np.isnan(after).sum()
    again = Bins.from_json(bins.to_json())
    assert again.places(after).tolist() == bins.places(after).tolist()
