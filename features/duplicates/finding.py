"""Duplicates, splits, copies and continuations among declared projects."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from features.duplicates.compared_fields import Compared
from features.duplicates.copies import LEAST_PROJECTS, copied_targets, copied_texts
from features.duplicates.corpus import Corpus
from features.duplicates.found_pair import FoundPair
from features.duplicates.kinds import (
    COPIED_TARGETS,
    COPIED_TEXT,
    KINDS,
    SPLIT,
    kind_of_same,
    split_below,
)
from features.duplicates.neighbours import near_pairs
from features.duplicates.points import STEPS, Points, lowered_by
from features.duplicates.traits import Traits
from features.duplicates.wording import names_part

_Rows = tuple[int, int]


def found_pairs(
    projects: Sequence[Traits], compared: Compared, rows: np.ndarray | None = None
) -> list[FoundPair]:
    """The pairs of different projects that are related, the surest of each kind first.

    A pair of projects that is declared in several rounds is told once: of one round if it can be,
    and in its surest declarations. The same code in another round is the same project by its name
    and not told. Memory grows with the projects, not with their pairs.

    Args:
        rows: tell the pairs of these projects only; all are compared all the same.
    """
    corpus = Corpus(projects)
    pairs = near_pairs(projects, corpus.marks, rows)
    closeness = corpus.closeness(pairs)
    found = [
        *_same(corpus, compared, pairs, closeness),
        *_split(corpus, compared, pairs, closeness),
    ]
    copies = [*_copies(corpus)] if len(projects) >= LEAST_PROJECTS else []
    if rows is not None:
        wanted = set(rows.tolist())
        copies = [pair for pair in copies if wanted & set(pair.rows)]
    return sorted(_once([*found, *copies]), key=lambda p: (KINDS.index(p.kind), -p.score, p.rows))


def _same(
    corpus: Corpus, compared: Compared, pairs: np.ndarray, closeness: np.ndarray
) -> Iterator[FoundPair]:
    points = compared.points.get("same")
    if points is None:
        return
    score = points.total(closeness) - lowered_by(len(corpus.projects))
    for place in np.flatnonzero(score >= points.limit):
        one, other = (corpus.projects[row] for row in pairs[place])
        if not _parts(one, other):
            kind = kind_of_same(one, other)
            yield _scored(corpus, kind, pairs[place], points, closeness[place], score[place])


def _split(
    corpus: Corpus, compared: Compared, pairs: np.ndarray, closeness: np.ndarray
) -> Iterator[FoundPair]:
    points = compared.points.get("part")
    if points is None:
        return
    score = points.total(closeness) - lowered_by(len(corpus.projects))
    for place in np.flatnonzero(score >= points.limit):
        one, other = (corpus.projects[row] for row in pairs[place])
        threshold = split_below(one, other, compared.thresholds)
        if threshold is not None:
            yield _scored(
                corpus, SPLIT, pairs[place], points, closeness[place], score[place], threshold
            )


def _parts(one: Traits, other: Traits) -> bool:
    """Whether the names tell two parts of one project apart."""
    return names_part(one.name) and names_part(other.name) and one.name != other.name


def _scored(
    corpus: Corpus,
    kind: str,
    pair: np.ndarray,
    points: Points,
    closeness: np.ndarray,
    score: float,
    threshold: float | None = None,
) -> FoundPair:
    one, other = (int(row) for row in pair)
    of_each = points.of(closeness[None])[0]
    told = ((n, v) for n, v in zip(STEPS, of_each, strict=True) if n in points.steps)
    return FoundPair(
        kind, (one, other), corpus.projects[one], corpus.projects[other], float(score),
        _known(closeness), points.base - lowered_by(len(corpus.projects)),
        {name: float(value) for name, value in told}, threshold,
    )  # fmt: skip


def _known(closeness: np.ndarray) -> dict[str, float]:
    told = zip(STEPS, closeness, strict=True)
    return {name: float(value) for name, value in told if not np.isnan(value)}


def _copies(corpus: Corpus) -> Iterator[FoundPair]:
    for kind, (pairs, shared) in (
        (COPIED_TEXT, copied_texts(corpus)),
        (COPIED_TARGETS, copied_targets(corpus)),
    ):
        codes = [project.project_id for project in corpus.projects]
        different = np.array([codes[one] != codes[other] for one, other in pairs], dtype=bool)
        pairs, shared = pairs[different], shared[different]
        for pair, score, closeness in zip(pairs, shared, corpus.closeness(pairs), strict=True):
            one, other = (int(row) for row in pair)
            yield FoundPair(
                kind, (one, other), corpus.projects[one], corpus.projects[other], float(score),
                _known(closeness),
            )  # fmt: skip


def _once(found: Sequence[FoundPair]) -> Iterator[FoundPair]:
    """Each pair of codes once, as the first of KINDS that it is, of one round where it can be."""
    best: dict[frozenset[str], FoundPair] = {}
    for pair in found:
        codes = frozenset((pair.one.project_id, pair.other.project_id))
        if codes not in best or _rank(pair) < _rank(best[codes]):
            best[codes] = pair
    yield from best.values()


def _rank(pair: FoundPair) -> tuple[int, int, float, _Rows]:
    apart = abs(pair.one.year - pair.other.year)
    return KINDS.index(pair.kind), apart, -pair.score, pair.rows
