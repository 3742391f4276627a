"""The sum of numbers, to the same last digit whichever Python adds them."""

from __future__ import annotations

import operator
from collections.abc import Iterable
from functools import reduce


def added(numbers: Iterable[float]) -> float:
    """Return the numbers added one after another, 0.0 for none.

    Since Python 3.12 `sum` makes good what rounding loses on the way, before it did not. What is
    recorded by one must come out of the other as well, so what answers depend on is added here.

    >>> added([0.1] * 10)
    0.9999999999999999
    """
    return reduce(operator.add, numbers, 0.0)
