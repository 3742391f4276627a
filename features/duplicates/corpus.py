"""Projects with their words, ready to be compared with each other."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property

import numpy as np
from scipy import sparse

from features.duplicates.ngrams import counted, discount, items, weighed
from features.duplicates.points import STEPS
from features.duplicates.traits import Traits, aim_of
from features.duplicates.wording import letters_compared, unit_names, without_part

_NAME_WEIGHT = 2.0  # of the name beside the first text, when neighbours are sought
# What the other marks of a neighbour may add to the cosine of its subject.
_DOCUMENTS_WEIGHT, _TARGETS_WEIGHT, _SIZES_WEIGHT = 0.3, 0.3, 0.3
_SIZE_STEP = 0.1  # of the logarithm
_AT_ONCE = 20_000
_FIGURE = re.compile(r"\d")


class Corpus:
    """A sequence of projects; rows are places in it. What is common among them counts little."""

    def __init__(self, projects: Sequence[Traits]) -> None:
        self.projects = projects
        self.units = unit_names(projects)

    @cached_property
    def names(self) -> sparse.csr_matrix:
        """Words of the names, rows of length one."""
        return self._words(lambda p: without_part(p.name))

    @cached_property
    def texts(self) -> sparse.csr_matrix:
        """Words of all texts together, rows of length one."""
        return self._words(lambda p: "\n".join(p.texts))

    @cached_property
    def subjects(self) -> sparse.csr_matrix:
        """Words of the name and the first text, by which neighbours are found."""
        first = self._words(lambda p: p.texts[0] if p.texts else "")
        return _unit((self.names * _NAME_WEIGHT + first).tocsr())

    @cached_property
    def marks(self) -> sparse.csr_matrix:
        """What neighbours are found by: subjects, and less so documents, targets, sizes."""
        sizes = items(_sizes(project) for project in self.projects)
        parts = (
            (1.0, self.subjects),
            (_DOCUMENTS_WEIGHT, _unit(_weighed_items(self.documents))),
            (_TARGETS_WEIGHT, _unit(self.targets)),
            (_SIZES_WEIGHT, _unit(_weighed_items(sizes))),
        )
        weighed_parts = [part * np.float32(np.sqrt(weight)) for weight, part in parts]
        return sparse.hstack(weighed_parts, format="csr", dtype=np.float32)

    @cached_property
    def targets(self) -> sparse.csr_matrix:
        """Targets of each project, each weighing the more the fewer projects have it."""
        return _weighed_items(items(project.targets for project in self.projects))

    @cached_property
    def figures(self) -> sparse.csr_matrix:
        """Those targets that are in figures: words such as 显著提升 are set by everybody."""
        kept = (filter(_in_figures, project.targets) for project in self.projects)
        return _weighed_items(items(kept))

    @cached_property
    def documents(self) -> sparse.csr_matrix:
        """Documents that each project cites."""
        return items(project.documents for project in self.projects)

    def closeness(self, pairs: np.ndarray) -> np.ndarray:
        """How close each pair is, pairs × comparisons (as in STEPS), 0–1; NaN: not known."""
        pieces = [
            self._closeness(pairs[start : start + _AT_ONCE])
            for start in range(0, len(pairs), _AT_ONCE)
        ]
        return np.concatenate(pieces) if pieces else np.empty((0, len(STEPS)))

    def _closeness(self, pairs: np.ndarray) -> np.ndarray:
        one, other = pairs[:, 0], pairs[:, 1]
        columns = {
            "name": _cosine(self.names, one, other),
            "texts": _cosine(self.texts, one, other),
            "documents": _overlap(self.documents, one, other),
            "targets": _overlap(self.targets, one, other),
        }
        for name in ("amount", "quantity", "unit_price", "people"):
            values = self._numbers(name)
            low = np.minimum(values[one], values[other])
            columns[name] = low / np.maximum(values[one], values[other])
        return np.stack([columns[name] for name in STEPS], axis=1)

    def _numbers(self, name: str) -> np.ndarray:
        given = (getattr(project, name) for project in self.projects)
        return np.array([np.nan if value is None else value for value in given], dtype=float)

    def _words(self, text: Callable[[Traits], str]) -> sparse.csr_matrix:
        told = [
            letters_compared(text(project), unit)
            for project, unit in zip(self.projects, self.units, strict=True)
        ]
        rows = counted(told)
        return weighed(rows, discount(rows))


def _in_figures(target: str) -> bool:
    return _FIGURE.search(aim_of(target)) is not None


def _sizes(project: Traits) -> Iterator[str]:
    """Amount and quantity as marks that projects of nearly the same size share."""
    if project.quantity is not None:
        yield f"{project.sort} {project.quantity:.6g}"
    for name, size in (("amount", project.amount), ("quantity", project.quantity)):
        if size is not None:
            for shift in (0.0, 0.5):
                yield f"{project.sort} {name} {shift} {int(np.log(size) / _SIZE_STEP + shift)}"


def _unit(rows: sparse.csr_matrix) -> sparse.csr_matrix:
    """The rows at length one; empty ones stay empty."""
    length = np.sqrt(np.asarray(rows.multiply(rows).sum(axis=1)).ravel())
    scale = np.divide(1, length, out=np.zeros_like(length), where=length > 0)
    values = (rows.data * np.repeat(scale, np.diff(rows.indptr))).astype(np.float32)
    return sparse.csr_matrix((values, rows.indices, rows.indptr), shape=rows.shape)


def _weighed_items(rows: sparse.csr_matrix) -> sparse.csr_matrix:
    weight = discount(rows)
    return sparse.csr_matrix((weight[rows.indices], rows.indices, rows.indptr), shape=rows.shape)


def _cosine(rows: sparse.csr_matrix, one: np.ndarray, other: np.ndarray) -> np.ndarray:
    cosine = np.asarray(rows[one].multiply(rows[other]).sum(axis=1)).ravel().astype(float)
    told = np.diff(rows.indptr) > 0
    return np.where(told[one] & told[other], np.minimum(cosine, 1.0), np.nan)


def _overlap(rows: sparse.csr_matrix, one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """What two rows share ÷ what the lesser of them has."""
    weight = np.asarray(rows.sum(axis=1)).ravel()
    shared = np.asarray(rows[one].minimum(rows[other]).sum(axis=1)).ravel()
    lesser = np.minimum(weight[one], weight[other])
    empty = lesser <= 0
    share: np.ndarray = np.where(empty, np.nan, shared / np.where(empty, 1, lesser))
    most: np.ndarray = np.minimum(share, 1.0)
    return most
