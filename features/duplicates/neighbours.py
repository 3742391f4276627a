"""Pairs of projects that may be related: near in words, in places that contain each other.

A project of a county is compared with those of the county, its city and its province; without
places, with those of its department. Products of sparse rows are made a block at a time, so that
memory does not grow with the square of the projects.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from scipy import sparse

from features.duplicates.ngrams import only_columns
from features.duplicates.traits import Traits

LEAST_NEARNESS = 0.4
MOST_NEIGHBOURS = 40
MOST_YEARS = 1
"""Rounds between two projects that are compared."""
_COMMON, _ALWAYS_KEPT = 0.03, 60
_BLOCK = 512


def near_pairs(
    projects: Sequence[Traits], words: sparse.csr_matrix, rows: np.ndarray | None = None
) -> np.ndarray:
    """Pairs (first < second) of different projects that may be related, pairs × 2.

    Args:
        words: projects × columns; the product of two rows says how near they are.
        rows: look for the neighbours of these projects only.
    """
    have = np.bincount(words.indices, minlength=words.shape[1])
    rare = only_columns(words, have <= max(_COMMON * len(projects), _ALWAYS_KEPT))
    years = np.array([project.year for project in projects])
    codes = np.array([project.project_id for project in projects])
    wanted = (
        np.ones(len(projects), bool) if rows is None else np.isin(np.arange(len(projects)), rows)
    )
    found = [
        pair
        for one, other in _blocks(projects)
        for pair in _block_pairs(rare, one[wanted[one]] if rows is not None else one, other, years)
    ]
    if rows is not None:  # the wanted ones may stand on the other side as well
        found += [
            pair
            for one, other in _blocks(projects)
            for pair in _block_pairs(rare, other[wanted[other]], one, years)
        ]
    if not found:
        return np.empty((0, 2), np.int64)
    pairs = np.sort(np.concatenate(found), axis=1)
    pairs = np.unique(pairs[codes[pairs[:, 0]] != codes[pairs[:, 1]]], axis=0)
    return pairs


def place_prefix(code: str) -> str:
    """A division code without the pairs of zeros that stand for everything below it."""
    while len(code) > 2 and code.endswith("00"):
        code = code[:-2]
    return code


def _blocks(projects: Sequence[Traits]) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Rows of one place with the rows of all places in it; or of one department with themselves."""
    places = np.array([place_prefix(project.place) for project in projects])
    departments = np.array([project.department for project in projects])
    for place in np.unique(places):
        own = np.flatnonzero(places == place)
        if place:
            yield own, np.flatnonzero(np.char.startswith(places, place))
        else:
            for department in np.unique(departments[own]):
                same = own[departments[own] == department]
                yield same, same


def _block_pairs(
    words: sparse.csr_matrix, one: np.ndarray, other: np.ndarray, years: np.ndarray
) -> Iterator[np.ndarray]:
    columns = words[other].T.tocsr()
    for start in range(0, len(one), _BLOCK):
        rows = one[start : start + _BLOCK]
        product = (words[rows] @ columns).tocoo()
        left, right = rows[product.row], other[product.col]
        near = (product.data >= LEAST_NEARNESS) & (left != right)
        near &= np.abs(years[left] - years[right]) <= MOST_YEARS
        left, right, cosine = left[near], right[near], product.data[near]
        yield np.stack(_nearest(left, right, cosine), axis=1)


def _nearest(
    left: np.ndarray, right: np.ndarray, cosine: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The nearest neighbours of each left row."""
    order = np.lexsort((right, -cosine, left))
    left, right = left[order], right[order]
    first = np.searchsorted(left, left)
    kept = np.arange(len(left)) - first < MOST_NEIGHBOURS
    return left[kept], right[kept]
