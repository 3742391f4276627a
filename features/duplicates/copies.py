"""Texts and targets that two projects have and hardly any other: taken over from one another."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from scipy import sparse

from features.duplicates.corpus import Corpus
from features.duplicates.marked_text import shared_passages
from features.duplicates.ngrams import UNSEEN, hashed_groups, only_columns
from features.duplicates.points import lowered_by
from features.duplicates.traits import Traits
from features.duplicates.wording import GAP

LEAST_PROJECTS = 30
"""With fewer nobody knows what is common, and copies are not sought."""
LEAST_LETTERS, MORE_LETTERS = 30, 4.5
"""Letters in rare groups that two projects must share for a text to count as copied; and how many
more for each e-fold of the projects beyond those that points are calibrated among."""
CHANCE_PAIRS = 0.02
"""Targets count as copied when so few pairs of the whole file would share as much by chance."""
LEAST_SHARE = 0.8
"""Of the lesser project's targets: of those in figures, and of all of them."""
_GROUP = 8  # letters
_BITS = 24
_FEW, _FEW_SHARE = 3, 0.0004  # of the projects may have a group that counts as rare
_FEW_TARGETS = 0.01  # of the projects may have a target by which pairs are sought
_AT_ONCE = 5_000
_BLOCK = 2_000


def copied_texts(corpus: Corpus) -> tuple[np.ndarray, np.ndarray]:
    """Pairs that share rare groups of letters, and how many letters those cover."""
    rare = _rare_groups(corpus)
    pairs, shared = _sharing(rare, 2)
    letters = shared + (_GROUP - 1)
    enough = letters >= least_letters(len(corpus.projects))
    return pairs[enough], letters[enough]


def copied_targets(corpus: Corpus) -> tuple[np.ndarray, np.ndarray]:
    """Pairs that share nearly all targets in figures, and how unlikely that is, in nats.

    Targets in words are left out: two projects of one kind that both promise 显著提升 have nothing
    from each other.
    """
    rows = corpus.figures
    have = np.bincount(rows.indices, minlength=rows.shape[1])
    few = only_columns(rows, have <= max(_FEW_TARGETS * rows.shape[0], _FEW))
    candidates, _ = _sharing(few.sign(), 2)
    if not len(candidates):
        return candidates, np.empty(0)
    shared, share = _shared(rows, candidates)
    _, of_all = _shared(corpus.targets, candidates)
    enough = shared >= least_surprise(rows.shape[0])
    enough &= (share >= LEAST_SHARE) & (of_all >= LEAST_SHARE)
    return candidates[enough], shared[enough]


def _shared(rows: sparse.csr_matrix, pairs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What the rows of each pair share, and as a share of what the lesser has."""
    one, other = pairs[:, 0], pairs[:, 1]
    shared = np.asarray(rows[one].minimum(rows[other]).sum(axis=1)).ravel()
    weight = np.asarray(rows.sum(axis=1)).ravel()
    return shared, shared / np.minimum(weight[one], weight[other])


def passages_of(one: Traits, other: Traits) -> list[str]:
    """The long passages that two projects' texts share, the longest first; at least one."""
    found = [
        passage
        for mine, its in zip(one.texts, other.texts, strict=True)
        if mine and its
        for passage in shared_passages(mine, its, _GROUP)
    ]
    ordered = sorted(dict.fromkeys(found), key=lambda passage: (-len(passage), passage))
    return [passage for passage in ordered if len(passage) >= LEAST_LETTERS] or ordered[:1]


def least_letters(projects: int) -> int:
    """Letters that two of so many projects must share for a text to count as copied."""
    return LEAST_LETTERS + math.ceil(MORE_LETTERS * lowered_by(projects))


def least_surprise(projects: int) -> float:
    """How unlikely the targets that two projects share must be, in nats, to count as copied.

    Each target is as unlikely as it is rare among the projects; of all pairs of them, CHANCE_PAIRS
    are then expected to share so much without one having been taken from the other.
    """
    return float(np.log((UNSEEN + projects) ** 2 / 2 / CHANCE_PAIRS))


def _rare_groups(corpus: Corpus) -> sparse.csr_matrix:
    """Which rare groups of letters each project's texts have."""
    texts = [
        GAP.join(text.replace(unit, GAP) if unit else text for text in project.texts)
        for project, unit in zip(corpus.projects, corpus.units, strict=True)
    ]
    have = np.zeros(1 << _BITS, np.int32)
    for start in range(0, len(texts), _AT_ONCE):
        _, column = _groups(texts[start : start + _AT_ONCE])
        have += np.bincount(column, minlength=1 << _BITS).astype(np.int32)
    few = max(_FEW, int(_FEW_SHARE * len(texts)))
    rare = (have >= 2) & (have <= few)
    rows, columns = [], []
    for start in range(0, len(texts), _AT_ONCE):
        row, column = _groups(texts[start : start + _AT_ONCE])
        kept = rare[column]
        rows.append(row[kept] + start)
        columns.append(column[kept])
    row = np.concatenate([*rows, np.empty(0, np.int64)])
    different, column = np.unique(np.concatenate([*columns, row[:0]]), return_inverse=True)
    ones = np.ones(len(row), np.float32)
    return sparse.csr_matrix((ones, (row, column)), shape=(len(texts), max(len(different), 1)))


def _groups(texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Row and column of every different group of letters of each text."""
    row, key = hashed_groups(texts, _GROUP)
    column = (key >> np.uint64(64 - _BITS)).astype(np.int64)
    both = np.unique(row.astype(np.int64) << _BITS | column)
    return both >> _BITS, both & ((1 << _BITS) - 1)


def _sharing(rows: sparse.csr_matrix, least: int) -> tuple[np.ndarray, np.ndarray]:
    """Pairs (first < second) that share at least so much, and how much."""
    columns = rows.T.tocsr()
    pairs, shared = [np.empty((0, 2), np.int64)], [np.empty(0)]
    for start in range(0, rows.shape[0], _BLOCK):
        product = (rows[start : start + _BLOCK] @ columns).tocoo()
        left = product.row.astype(np.int64) + start
        kept = (product.data >= least) & (left < product.col)
        pairs.append(np.stack([left[kept], product.col[kept].astype(np.int64)], axis=1))
        shared.append(product.data[kept].astype(float))
    return np.concatenate(pairs), np.concatenate(shared)
