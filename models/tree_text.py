"""Trees read from LightGBM's text, strictly: what is not as expected is refused, never guessed.

LightGBM's own reader ends the process on damaged text; this one raises. It reads what the project
grows: one output, constant leaves, numerical and categorical splits.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from features.operations import Numbers
from models.errors import raise_unless

Integers = npt.NDArray[np.int64]

_VERSION = "v4"
_CATEGORICAL = 1
_WORD = 32


@dataclass(frozen=True)
class TreeNodes:
    """The nodes of a forest, all trees one after another.

    Splits: features, thresholds (for a categorical split the number of its bit set), decisions
    (LightGBM's decision_type), left and right, counts; each of shape (splits,). A child is the
    number of a split in the whole forest, or −1 − the number of a leaf. Leaves: values and
    leaf_counts, (leaves,). split_starts, leaf_starts: (trees + 1,), where each tree's begin.
    sets: the bit sets in words of 32 bits, by number; set_starts: (trees + 1,).
    """

    names: tuple[str, ...]
    features: Integers
    thresholds: Numbers
    decisions: Integers
    left: Integers
    right: Integers
    counts: Numbers
    values: Numbers
    leaf_counts: Numbers
    split_starts: Integers
    leaf_starts: Integers
    sets: tuple[tuple[int, ...], ...]
    set_starts: Integers

    @property
    def categorical(self) -> npt.NDArray[np.bool_]:
        """Whether each split is by category, shape (splits,)."""
        return (self.decisions & _CATEGORICAL).astype(bool)


def read_trees(text: str) -> TreeNodes:
    """The trees of a LightGBM text.

    Raises:
        BundleError: when the text is not such trees, naming the tree and the field.
    """
    header, *blocks = text.partition("\nend of trees")[0].split("\nTree=")
    raise_unless("\nend of trees" in text, "trees up to a line 'end of trees'", "a text without")
    names = _names(_fields(header, "header"))
    trees = [_fields(f"Tree={block}", f"Tree={number}") for number, block in enumerate(blocks)]
    for number, tree in enumerate(trees):
        raise_unless(tree.get("Tree") == str(number), f"Tree={number}", f"Tree={tree.get('Tree')}")
        raise_unless(
            tree.get("is_linear", "0") == "0", f"Tree={number} of constant leaves", "linear"
        )
    leaves = _whole(trees, "num_leaves", [1] * len(trees))
    raise_unless(bool((leaves >= 1).all()), "trees of at least one leaf", "fewer")
    splits = leaves - 1
    set_counts = _whole(trees, "num_cat", [1] * len(trees))
    sets = tuple(_bit_sets(trees, set_counts))
    found = TreeNodes(
        names,
        _whole(trees, "split_feature", splits),
        _numbers(trees, "threshold", splits),
        _whole(trees, "decision_type", splits),
        _children(trees, "left_child", splits, leaves),
        _children(trees, "right_child", splits, leaves),
        _numbers(trees, "internal_count", splits),
        _numbers(trees, "leaf_value", leaves),
        _leaf_counts(trees, splits, leaves),
        _starts(splits),
        _starts(leaves),
        sets,
        _starts(set_counts),
    )
    _check(found)
    return found


def _names(header: Mapping[str, str]) -> tuple[str, ...]:
    version = header.get("version")
    raise_unless(version == _VERSION, f"LightGBM text of version {_VERSION}", f"{version}")
    for field in ("num_class", "num_tree_per_iteration"):
        raise_unless(header.get(field) == "1", f"{field}=1", f"{header.get(field)}")
    names = tuple(header.get("feature_names", "").split())
    greatest = header.get("max_feature_idx")
    raise_unless(greatest == str(len(names) - 1), f"{len(names)} feature names", f"{greatest} + 1")
    return names


def _fields(block: str, place: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in block.splitlines():
        name, equals, value = line.partition("=")
        if equals:
            raise_unless(name not in found, f"{name} once in {place}", "a second time")
            found[name] = value
    return found


def _words(
    trees: Sequence[Mapping[str, str]], field: str, lengths: Sequence[int] | Integers
) -> list[str]:
    """The words of a field of all trees, of the length that each tree should have."""
    found: list[str] = []
    for number, (tree, length) in enumerate(zip(trees, lengths, strict=True)):
        words = tree.get(field, "").split()
        raise_unless(
            len(words) == length, f"{length} words of {field} in Tree={number}", f"{len(words)}"
        )
        found += words
    return found


def _numbers(
    trees: Sequence[Mapping[str, str]], field: str, lengths: Sequence[int] | Integers
) -> Numbers:
    words = _words(trees, field, lengths)
    try:
        found = np.array([float(word) for word in words], dtype=np.float64)
    except ValueError as error:
        found = np.array([np.nan])
        raise_unless(False, f"numbers in {field}", str(error))
    raise_unless(not np.isnan(found).any(), f"numbers in {field}", "one that is not")
    return found


def _whole(
    trees: Sequence[Mapping[str, str]], field: str, lengths: Sequence[int] | Integers
) -> Integers:
    words = _words(trees, field, lengths)
    try:
        return np.array([int(word) for word in words], dtype=np.int64)
    except (ValueError, OverflowError) as error:
        raise_unless(False, f"whole numbers in {field}", str(error))
        raise


def _leaf_counts(trees: Sequence[Mapping[str, str]], splits: Integers, leaves: Integers) -> Numbers:
    """The counts of all leaves; 1 for that of a tree without splits, which need not say it."""
    found = np.ones(int(leaves.sum()))
    splitting = splits > 0
    found[np.repeat(splitting, leaves)] = _numbers(
        [tree for tree, splits_it in zip(trees, splitting, strict=True) if splits_it],
        "leaf_count",
        leaves[splitting],
    )
    return found


def _children(
    trees: Sequence[Mapping[str, str]], field: str, splits: Integers, leaves: Integers
) -> Integers:
    """Children numbered through the whole forest: splits from 0 up, leaves from −1 down."""
    own = _whole(trees, field, splits)
    first_split = np.repeat(_starts(splits)[:-1], splits)
    first_leaf = np.repeat(_starts(leaves)[:-1], splits)
    inside = (own < np.repeat(splits, splits)) & (own >= -np.repeat(leaves, splits))
    raise_unless(bool(inside.all()), f"{field} within its tree", "another number")
    return np.where(own >= 0, own + first_split, own - first_leaf)


def _bit_sets(trees: Sequence[Mapping[str, str]], counts: Integers) -> Iterator[tuple[int, ...]]:
    for number, (tree, count) in enumerate(zip(trees, counts, strict=True)):
        if count == 0:
            continue
        ends = _whole([tree], "cat_boundaries", [int(count) + 1])
        ordered = ends[0] == 0 and bool((np.diff(ends) >= 1).all())
        raise_unless(ordered, f"rising cat_boundaries in Tree={number}", f"{ends.tolist()}")
        words = _whole([tree], "cat_threshold", [int(ends[-1])]).tolist()
        small = all(0 <= word < 1 << _WORD for word in words)
        raise_unless(small, f"32-bit words of cat_threshold in Tree={number}", "others")
        for start, end in itertools.pairwise(ends.tolist()):
            yield tuple(words[start:end])


def _starts(lengths: Integers) -> Integers:
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)


def _check(nodes: TreeNodes) -> None:
    """That each tree is a tree, and that features and bit sets are there.

    Raises:
        BundleError: when not.
    """
    features = (nodes.features >= 0) & (nodes.features < len(nodes.names))
    raise_unless(bool(features.all()), "splits by the named features", "another feature")
    children = np.concatenate([nodes.left, nodes.right])
    roots = nodes.split_starts[:-1][np.diff(nodes.split_starts) > 0]
    alone = nodes.leaf_starts[:-1][np.diff(nodes.split_starts) == 0]
    splits = np.sort(np.concatenate([children[children >= 0], roots]))
    leaves = np.sort(np.concatenate([-1 - children[children < 0], alone]))
    raise_unless(
        np.array_equal(splits, np.arange(len(nodes.features)))
        and np.array_equal(leaves, np.arange(len(nodes.values))),
        "every node under one parent",
        "nodes that are lost or shared",
    )
    # Under one parent each, nodes could still go round in a circle: a child comes after its parent.
    parents = np.tile(np.arange(len(nodes.features)), 2)
    later = children > parents
    raise_unless(bool((later | (children < 0)).all()), "children after their parents", "a circle")
    finite = np.isfinite(nodes.values).all() and np.isfinite(nodes.leaf_counts).all()
    raise_unless(
        bool(finite and np.isfinite(nodes.counts).all()), "finite leaf values and counts", "others"
    )
    chosen = nodes.thresholds[nodes.categorical]
    tree = np.repeat(np.arange(len(nodes.split_starts) - 1), np.diff(nodes.split_starts))
    most = np.diff(nodes.set_starts)[tree[nodes.categorical]]
    whole = (chosen == np.floor(chosen)) & (chosen >= 0) & (chosen < most)
    raise_unless(bool(whole.all()), "bit sets of categorical splits", "another number")
    kinds = (nodes.decisions >= 0) & (nodes.decisions >> 2 <= 2)
    raise_unless(bool(kinds.all()), "decision types that LightGBM knows", "another")
