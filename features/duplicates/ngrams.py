"""Texts as sparse rows: how often each pair of neighbouring letters occurs, the common discounted.

Pairs are hashed to columns. All work is on arrays, so that a hundred thousand texts take seconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from scipy import sparse

from features.duplicates.wording import GAP

COLUMNS = 1 << 18
UNSEEN = 100
_GAP = ord(GAP)
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_AT_ONCE = 5_000  # texts that are counted together, which bounds the memory


def counted(texts: Sequence[str], length: int = 2) -> sparse.csr_matrix:
    """How often each group of `length` neighbouring letters is in each text, texts × COLUMNS."""
    rows = [
        _counted(texts[start : start + _AT_ONCE], length)
        for start in range(0, len(texts), _AT_ONCE)
    ]
    return sparse.vstack(rows, format="csr") if rows else _counted([], length)


def _counted(texts: Sequence[str], length: int) -> sparse.csr_matrix:
    row, key = hashed_groups(texts, length)
    column = (key >> np.uint64(64 - 18)).astype(np.int64)
    both, count = np.unique(row.astype(np.int64) * COLUMNS + column, return_counts=True)
    shape = (len(texts), COLUMNS)
    ends = np.searchsorted(both, np.arange(len(texts) + 1, dtype=np.int64) * COLUMNS)
    return sparse.csr_matrix(
        (count.astype(np.float32), (both % COLUMNS).astype(np.int32), ends), shape=shape
    )


def hashed_groups(texts: Sequence[str], length: int) -> tuple[np.ndarray, np.ndarray]:
    """Row and 64-bit hash of every group of `length` letters that has no gap in it."""
    joined = "".join(text + GAP for text in texts)
    letters = np.frombuffer(joined.encode("utf-32-le"), dtype=np.uint32)
    count = max(len(letters) - length + 1, 0)
    gaps = np.concatenate([[0], np.cumsum(letters == _GAP)])
    whole = gaps[length:][:count] == gaps[:count]
    key = np.zeros(count, dtype=np.uint64)
    for place in range(length):
        key ^= letters[place : place + count]
        key *= _MULTIPLIER
        key ^= key >> np.uint64(29)
    key *= _MULTIPLIER
    row = np.repeat(np.arange(len(texts)), [len(text) + 1 for text in texts])
    return row[:count][whole], key[whole]


def discount(rows: sparse.csr_matrix) -> np.ndarray:
    """The weight of each column: logarithm of how few of the texts have it.

    UNSEEN texts without it are added in thought: what both of two texts have is not yet common.
    """
    have = np.bincount(rows.indices, minlength=rows.shape[1])
    weight: np.ndarray = np.log((UNSEEN + rows.shape[0]) / (1 + have))
    return weight.astype(np.float32)


def weighed(rows: sparse.csr_matrix, weight: np.ndarray) -> sparse.csr_matrix:
    """Rows of length one: damped counts × the columns' weights; empty rows stay empty."""
    values = (1 + np.log(rows.data)) * weight[rows.indices]
    heavy = sparse.csr_matrix((values, rows.indices, rows.indptr), shape=rows.shape)
    length = np.sqrt(np.asarray(heavy.multiply(heavy).sum(axis=1)).ravel())
    scale = np.divide(1, length, out=np.zeros_like(length), where=length > 0)
    heavy.data *= np.repeat(scale, np.diff(heavy.indptr)).astype(heavy.data.dtype)
    return heavy


def only_columns(rows: sparse.csr_matrix, kept: np.ndarray) -> sparse.csr_matrix:
    """The same rows without the columns that are not kept."""
    values = rows.data * kept[rows.indices]
    fewer = sparse.csr_matrix((values, rows.indices.copy(), rows.indptr.copy()), shape=rows.shape)
    fewer.eliminate_zeros()
    return fewer


def items(lists: Iterable[Iterable[str]]) -> sparse.csr_matrix:
    """Which items each row has, rows × different items, as ones."""
    known: dict[str, int] = {}
    indices: list[int] = []
    ends = [0]
    for some in lists:
        indices += sorted(known.setdefault(item, len(known)) for item in sorted(some))
        ends.append(len(indices))
    shape = (len(ends) - 1, max(len(known), 1))
    return sparse.csr_matrix((np.ones(len(indices), np.float32), indices, ends), shape=shape)
