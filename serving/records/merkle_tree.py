"""The log's Merkle tree (RFC 6962, RFC 9162): how it grows, and proofs from its stored nodes.

A node is complete when every leaf below it exists; complete nodes never change and are stored, in
the order in which they come into being. Everything else is computed from at most O(log n) of them:
first ask which nodes are needed (`nodes_of`), fetch them at once, then compute.

The hashes themselves are in `serving.records.verification`, the one place that says what they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from serving.records.verification import joined, node_hash


class Node(NamedTuple):
    """A complete node: its level, leaves being 0, and its place in that level, from the left."""

    level: int
    place: int

    @property
    def position(self) -> int:
        """Its number in the order in which complete nodes come into being: no gap, no repeat."""
        last_leaf = ((self.place + 1) << self.level) - 1
        return 2 * last_leaf - last_leaf.bit_count() + self.level


class Range(NamedTuple):
    """The leaves from `start` up to, not including, `end`, below one node of the tree."""

    start: int
    end: int


Nodes = Mapping[Node, bytes]


def node_count(size: int) -> int:
    """The number of complete nodes in a tree of that many leaves."""
    return 2 * size - size.bit_count()


def nodes_of(leaves: Range) -> list[Node]:
    """The complete nodes that make up a range, from left to right; O(log n) of them."""
    found, start = [], leaves.start
    while start < leaves.end:
        level = (leaves.end - start).bit_length() - 1
        if start:
            level = min(level, (start & -start).bit_length() - 1)
        found.append(Node(level, start >> level))
        start += 1 << level
    return found


def range_hash(leaves: Range, nodes: Nodes) -> bytes:
    """The hash of the node above a range, from the complete nodes that make it up."""
    return joined([nodes[node] for node in nodes_of(leaves)])


def frontier_nodes(size: int) -> list[Node]:
    """The complete nodes that make up a whole tree: what is needed to append to it."""
    return nodes_of(Range(0, size))


def grown(size: int, frontier: Sequence[bytes], leaves: Iterable[bytes]) -> dict[Node, bytes]:
    """The complete nodes that come into being when hashed leaves are appended, in that order.

    Args:
        size: the number of leaves before.
        frontier: the hashes of `frontier_nodes(size)`.
        leaves: the hashes of the new leaves.
    """
    made: dict[Node, bytes] = {}
    edge = list(zip(frontier_nodes(size), frontier, strict=True))
    for index, leaf in enumerate(leaves, start=size):
        node, found = Node(0, index), leaf
        made[node] = found
        while node.place & 1:
            _, left = edge.pop()
            node, found = Node(node.level + 1, node.place >> 1), node_hash(left, found)
            made[node] = found
        edge.append((node, found))
    return made


def inclusion_ranges(index: int, size: int) -> list[Range]:
    """The ranges whose hashes prove that a leaf is in a tree, in the proof's order."""
    return list(_siblings(index, Range(0, size)))[::-1]


def _siblings(index: int, whole: Range) -> Iterator[Range]:
    while whole.end - whole.start > 1:
        middle = whole.start + _left_part(whole.end - whole.start)
        left, right = Range(whole.start, middle), Range(middle, whole.end)
        sibling, whole = (right, left) if index < middle else (left, right)
        yield sibling


def consistency_ranges(old: int, new: int) -> list[Range]:
    """The ranges whose hashes prove that a tree grew from a smaller one, in the proof's order."""
    if old in (0, new):
        return []
    found: list[Range] = []
    whole, is_old_tree = Range(0, new), True
    while whole.end != old:
        middle = whole.start + _left_part(whole.end - whole.start)
        if old <= middle:
            found.append(Range(middle, whole.end))
            whole = Range(whole.start, middle)
        else:
            found.append(Range(whole.start, middle))
            whole, is_old_tree = Range(middle, whole.end), False
    if not is_old_tree:
        found.append(whole)
    return found[::-1]


def _left_part(size: int) -> int:
    """The largest power of two below `size`: how many leaves hang on the left."""
    return 1 << ((size - 1).bit_length() - 1)


def proof(ranges: Iterable[Range], nodes: Nodes) -> tuple[bytes, ...]:
    """The hashes of the ranges."""
    return tuple(range_hash(leaves, nodes) for leaves in ranges)
