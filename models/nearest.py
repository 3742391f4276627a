"""The nearest of many points to a row: in C, or with the same bits in NumPy.

A row is placed by its frame: an unknown value counts as `centre`, and what a value is beyond
`origin` is counted in `unit`. A distance is the root of the sum of the squares of what two lie
apart in each feature, of which no more than `limit` counts.
"""

from __future__ import annotations

import numpy as np

from features.operations import Numbers


def frame(centre: Numbers, origin: Numbers, unit: Numbers, limit: Numbers) -> Numbers:
    """How rows are placed and what counts of a distance, (4, features)."""
    return np.array([centre, origin, unit, limit], dtype=np.float64)


def nearest_in_numpy(
    points: Numbers, members: int, frame: Numbers, row: Numbers, count: int
) -> list[tuple[int, float]]:
    """The places and distances of the `count` nearest points, nearest first, ties in their order.

    Args:
        points: (features, members), placed already, contiguous, all finite.
        frame: as the function of that name makes it.
        row: (features,), NaN where unknown.
    """
    centre, origin, unit, limit = frame
    placed = (np.where(np.isnan(row), centre, row) - origin) / unit
    apart = np.minimum(np.abs(points - placed[:, None]), limit[:, None])
    sums = np.zeros(members)
    for squares in np.square(apart):  # one after another, as in C
        sums += squares
    distances = np.sqrt(sums)
    places = np.arange(members)
    if count < members:
        places = np.flatnonzero(distances <= np.partition(distances, count)[count])
    chosen = places[np.argsort(distances[places], kind="stable")][:count]
    return list(zip(chosen.tolist(), distances[chosen].tolist(), strict=True))


try:
    from models._nearest import nearest as nearest
except ImportError:  # installed without a C compiler
    nearest = nearest_in_numpy
