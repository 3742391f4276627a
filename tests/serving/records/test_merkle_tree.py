"""The tree is RFC 6962's: its published roots, and proofs against the definition itself."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.records.merkle_tree import (
    Node,
    Range,
    consistency_ranges,
    frontier_nodes,
    grown,
    inclusion_ranges,
    node_count,
    nodes_of,
    proof,
    range_hash,
)
from serving.records.verification import (
    EMPTY_ROOT,
    Frontier,
    is_consistent,
    joined,
    leaf_hash,
    root_from_inclusion,
)

# The inputs and roots of the reference implementation of RFC 6962 (certificate-transparency).
LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def naive_root(leaves: list[bytes]) -> bytes:
    """MTH(D[n]) as RFC 6962, section 2.1, defines it."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0]).digest()
    left = 1
    while left * 2 < len(leaves):
        left *= 2
    return hashlib.sha256(b"\1" + naive_root(leaves[:left]) + naive_root(leaves[left:])).digest()


def naive_path(index: int, leaves: list[bytes]) -> list[bytes]:
    """PATH(m, D[n]) as section 2.1.1 defines it."""
    if len(leaves) == 1:
        return []
    left = 1
    while left * 2 < len(leaves):
        left *= 2
    if index < left:
        return [*naive_path(index, leaves[:left]), naive_root(leaves[left:])]
    return [*naive_path(index - left, leaves[left:]), naive_root(leaves[:left])]


def naive_consistency(old: int, leaves: list[bytes], whole: bool = True) -> list[bytes]:
    """SUBPROOF(m, D[n], b) as section 2.1.2 defines it."""
    if old == len(leaves):
        return [] if whole else [naive_root(leaves)]
    left = 1
    while left * 2 < len(leaves):
        left *= 2
    if old <= left:
        return [*naive_consistency(old, leaves[:left], whole), naive_root(leaves[left:])]
    return [*naive_consistency(old - left, leaves[left:], False), naive_root(leaves[:left])]


def leaves_of(size: int) -> list[bytes]:
    return [str(number).encode() for number in range(size)]


def nodes_of_tree(leaves: list[bytes]) -> dict[Node, bytes]:
    return grown(0, [], [leaf_hash(leaf) for leaf in leaves])


sizes = st.integers(1, 70)


@pytest.mark.parametrize("size", range(9))
def test_roots_are_the_published_ones(size: int) -> None:
    nodes = nodes_of_tree(LEAVES[:size])
    assert joined([nodes[node] for node in frontier_nodes(size)]).hex() == ROOTS[size]
    assert naive_root(LEAVES[:size]).hex() == ROOTS[size]


def test_control_a_tree_without_separated_hashes_has_other_roots() -> None:
    left, right = (hashlib.sha256(leaf).digest() for leaf in LEAVES[:2])
    assert hashlib.sha256(left + right).hexdigest() != ROOTS[2]


@given(sizes, st.data())
def test_a_tree_grown_in_two_steps_is_the_tree_of_the_definition(
    size: int, data: st.DataObject
) -> None:
    first = data.draw(st.integers(0, size))
    leaves = leaves_of(size)
    hashes = [leaf_hash(leaf) for leaf in leaves]
    nodes = grown(0, [], hashes[:first])
    nodes |= grown(first, [nodes[node] for node in frontier_nodes(first)], hashes[first:])
    assert range_hash(Range(0, size), nodes) == naive_root(leaves)
    running = Frontier()
    for hashed in hashes:
        running.append(hashed)
    assert running.root() == naive_root(leaves)
    assert running.hashes == [nodes[node] for node in frontier_nodes(size)]


@given(sizes)
def test_nodes_come_into_being_in_the_order_of_their_positions(size: int) -> None:
    positions = [node.position for node in nodes_of_tree(leaves_of(size))]
    assert positions == list(range(node_count(size)))


@given(sizes, st.data())
def test_inclusion_proofs_are_those_of_the_definition(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    leaves = leaves_of(size)
    found = proof(inclusion_ranges(index, size), nodes_of_tree(leaves))
    assert list(found) == naive_path(index, leaves)
    root, leaf = naive_root(leaves), leaf_hash(leaves[index])
    assert root_from_inclusion(index, size, leaf, found) == root
    # Controls: another leaf, another place, a proof that is cut, grown or altered.
    assert root_from_inclusion(index, size, leaf_hash(b"other"), found) != root
    for other in {index - 1, index + 1, size} - {index}:
        assert root_from_inclusion(other, size, leaf, found) != root
    assert root_from_inclusion(index, size, leaf, [*found, EMPTY_ROOT]) != root
    for place in range(len(found)):
        altered = [*found[:place], bytes(32), *found[place + 1 :]]
        assert root_from_inclusion(index, size, leaf, altered) != root
        assert root_from_inclusion(index, size, leaf, found[:place]) != root


@given(sizes, st.data())
def test_consistency_proofs_are_those_of_the_definition(size: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, size))
    leaves = leaves_of(size)
    found = proof(consistency_ranges(old, size), nodes_of_tree(leaves))
    assert list(found) == naive_consistency(old, leaves)
    old_root, root = naive_root(leaves[:old]), naive_root(leaves)
    assert is_consistent(old, old_root, size, root, found)
    # Controls: another history, another end, and a proof that is cut, grown or altered.
    assert not is_consistent(old, naive_root([b"x", *leaves[1:old]]), size, root, found)
    assert not is_consistent(old, old_root, size, naive_root([b"x", *leaves[1:]]), found)
    assert not is_consistent(old, old_root, size, root, [*found, EMPTY_ROOT])
    for place in range(len(found)):
        altered = [*found[:place], bytes(32), *found[place + 1 :]]
        assert not is_consistent(old, old_root, size, root, altered)
        assert not is_consistent(old, old_root, size, root, found[:place])


def test_an_empty_log_is_the_beginning_of_every_log() -> None:
    assert consistency_ranges(0, 5) == []
    assert is_consistent(0, EMPTY_ROOT, 5, naive_root(leaves_of(5)), [])
    assert not is_consistent(0, bytes(32), 5, naive_root(leaves_of(5)), [])
    assert not is_consistent(5, naive_root(leaves_of(5)), 4, naive_root(leaves_of(4)), [])


@given(st.integers(2, 10**12), st.data())
def test_proofs_need_few_nodes(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    wanted = [node for leaves in inclusion_ranges(index, size) for node in nodes_of(leaves)]
    assert len(wanted) <= 2 * size.bit_length()
