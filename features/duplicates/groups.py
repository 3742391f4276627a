"""Pairs joined to groups, without a chain of resemblances making one of everything."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

LEAST_LINKED = 0.5
"""Share of the pairs across two groups that must be found for the groups to become one."""


def groups_of(pairs: Iterable[tuple[int, int, float]]) -> list[tuple[int, ...]]:
    """The groups that pairs (one, other, score) make, each sorted, in the order of their first.

    The best pairs join first. Two groups become one only where at least half of the pairs across
    them were found: that a is like b and b is like c does not make a and c the same.
    """
    ordered = sorted(pairs, key=lambda pair: (-pair[2], pair[:2]))
    linked = {frozenset(pair[:2]) for pair in ordered}
    group: dict[int, tuple[int, ...]] = {row: (row,) for pair in ordered for row in pair[:2]}
    for one, other, _ in ordered:
        left, right = group[one], group[other]
        if left is not right and _share_linked(left, right, linked) >= LEAST_LINKED:
            joined = tuple(sorted((*left, *right)))
            group.update(dict.fromkeys(joined, joined))
    return sorted({members for members in group.values() if len(members) > 1})


def _share_linked(left: Sequence[int], right: Sequence[int], linked: set[frozenset[int]]) -> float:
    found = sum(frozenset((one, other)) in linked for one in left for other in right)
    return found / (len(left) * len(right))
