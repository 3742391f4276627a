"""How many rows reach each leaf and inner node of trees, counted and written into their text.

Where the rows lie on several machines LightGBM keeps estimates made of second derivatives, which
for a loss whose second derivative varies are off by a factor in small leaves. Path-dependent
contributions weigh the branches of a tree by these counts.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from training.joined_text import without_sizes

Counts = npt.NDArray[np.int64]
"""Per tree and leaf, shape (trees, greatest number of leaves); 0 beyond a tree's own leaves."""

_TREE = re.compile(r"^Tree=\d+\n(?:.+\n)*", re.MULTILINE)
_LIST = r"^{}=(.+)$"


def recounted(text: str, counts: Counts) -> str:
    """The text of trees with so many rows in their leaves, and in the inner nodes above them."""
    of_trees = iter(counts.tolist())
    return _TREE.sub(lambda found: _recounted(found[0], next(of_trees)), without_sizes(text))


def _recounted(tree: str, leaves: Sequence[int]) -> str:
    left, right = _numbers(tree, "left_child"), _numbers(tree, "right_child")
    inner = [0] * len(left)
    for node in reversed(range(len(inner))):  # a node's children come after it
        inner[node] = sum(
            inner[child] if child >= 0 else leaves[~child] for child in (left[node], right[node])
        )
    tree = _replaced(tree, "leaf_count", leaves[: len(inner) + 1])
    return _replaced(tree, "internal_count", inner)


def _numbers(tree: str, name: str) -> list[int]:
    found = re.search(_LIST.format(name), tree, re.MULTILINE)
    return [int(number) for number in found[1].split()] if found else []


def _replaced(tree: str, name: str, values: Sequence[int]) -> str:
    line = f"{name}={' '.join(map(str, values))}"
    return re.sub(_LIST.format(name), line, tree, count=1, flags=re.MULTILINE)
