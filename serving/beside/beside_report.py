"""What differs between the answers that were given and those made beside them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from features.added import added
from features.catalogue import Catalogue
from features.head_declaration import HeadKind
from serving.beside.beside_pairs import Pair, Read
from serving.beside.beside_record import Purpose
from serving.wording.envelope import Json

FORMAT = 1
MOST_AFFECTED = 20
LEAST_GROUP = 20
"""Pairs that a group needs to have figures of its own."""


@dataclass(frozen=True)
class HeadMove:
    """How far one head's answers differ: in points, as the logarithm of a factor, or as a share."""

    head: str
    kind: HeadKind
    mean: float
    median_size: float
    large_size: float
    changed_reasons: float
    n: int

    def as_json(self) -> Json:
        """The move for machines; `large_size` is exceeded by one in ten."""
        return {**vars(self), "kind": self.kind.value}


def beside_report(
    pairs: Sequence[Pair], read: Read, catalogue: Catalogue, purpose: Purpose, by: str
) -> Json:
    """The comparison as JSON.

    `beside` − `given` everywhere: of a shadow, challenger − champion; of a pilot, where the pilot's
    answer was given, champion − challenger.
    """
    groups = Counter(pair.group for pair in pairs)
    return {
        "format": FORMAT,
        "purpose": purpose,
        "catalogue": catalogue.identity,
        "beside": _version(read, 0),
        "given": _version(read, 1),
        "time": {"first": read.first, "last": read.last},
        "answers": {"given": read.answers, "compared": len(pairs), "without": read.missing},
        "grouped_by": by,
        "all": _compared(pairs, catalogue),
        "groups": [
            {
                "group": group,
                **_compared([pair for pair in pairs if pair.group == group], catalogue),
            }
            for group, count in sorted(groups.items(), key=lambda each: (-each[1], each[0]))
            if count >= LEAST_GROUP
        ],
        "small_groups": sum(count < LEAST_GROUP for count in groups.values()),
        "most_affected": [_affected(pair) for pair in _most_affected(pairs)],
    }


def _version(read: Read, place: int) -> Json | None:
    if read.versions is None:
        return None
    return {"version": read.versions[place], "digest": read.digests[place]}


def _compared(pairs: Sequence[Pair], catalogue: Catalogue) -> Json:
    graded = [(p.given.grade, p.beside.grade) for p in pairs if p.given.grade and p.beside.grade]
    flips = Counter(pair for pair in graded if pair[0] != pair[1])
    ranks = [
        (p.given.rank_score, p.beside.rank_score)
        for p in pairs
        if p.given.rank_score is not None and p.beside.rank_score is not None
    ]
    return {
        "pairs": len(pairs),
        "status_changed": sum(p.given.status != p.beside.status for p in pairs),
        "graded": len(graded),
        "grade_flips": sum(flips.values()) / len(graded) if graded else None,
        "flips": [
            {"given": given, "beside": beside, "count": count}
            for (given, beside), count in sorted(flips.items(), key=lambda each: -each[1])
        ],
        "rank_correlation": rank_correlation(ranks),
        "amounts": _amounts(pairs, catalogue),
        "heads": [
            move.as_json()
            for head in catalogue.heads
            if (move := _moved(pairs, head.name, head.kind))
        ],
    }


def _amounts(pairs: Sequence[Pair], catalogue: Catalogue) -> Json | None:
    """What both would have as reasonable cost, in all, of the projects of which both say one."""
    if catalogue.cost is None:
        return None
    head = catalogue.cost.head
    both = [
        (p.given.values[head], p.beside.values[head])
        for p in pairs
        if head in p.given.values and head in p.beside.values
    ]
    given, beside = (added(each[side] for each in both) for side in (0, 1))
    return {"given": given, "beside": beside, "n": len(both)}


def _moved(pairs: Sequence[Pair], head: str, kind: HeadKind) -> HeadMove | None:
    both = [p for p in pairs if head in p.given.values and head in p.beside.values]
    if not both:
        return None
    given, beside = (
        np.array([getattr(p, side).values[head] for p in both]) for side in ("given", "beside")
    )
    moved = np.log(beside) - np.log(given) if kind is HeadKind.AMOUNT else beside - given
    size = np.abs(moved)
    changed = sum(_other_reasons(p, head) for p in both) / len(both)
    figures = (float(moved.mean()), float(np.median(size)), float(np.quantile(size, 0.9)))
    return HeadMove(head, kind, *figures, changed, len(both))


def _other_reasons(pair: Pair, head: str) -> bool:
    """Whether either side's first reason is not among the other's first three."""
    given, beside = pair.given.reasons.get(head, ()), pair.beside.reasons.get(head, ())
    if not given or not beside:
        return given != beside
    return given[0] not in beside or beside[0] not in given


def rank_correlation(ranks: Sequence[tuple[float, float]]) -> float | None:
    """Spearman's correlation of two orders, ties at their mean rank; None where there is none."""
    if len(ranks) < 2:
        return None
    from scipy.stats import rankdata  # which takes longer to import than all else that answers

    first, second = (rankdata([each[side] for each in ranks]) for side in (0, 1))
    if first.std() == 0 or second.std() == 0:
        return None
    return float(np.corrcoef(first, second)[0, 1])


def _most_affected(pairs: Sequence[Pair]) -> list[Pair]:
    """Flipped grades first, then by how far the rank score moved."""

    def weight(pair: Pair) -> tuple[bool, float]:
        return pair.given.grade != pair.beside.grade, abs(_rank_move(pair) or 0.0)

    moved = [pair for pair in pairs if any(weight(pair))]
    return sorted(moved, key=weight, reverse=True)[:MOST_AFFECTED]


def _rank_move(pair: Pair) -> float | None:
    if pair.given.rank_score is None or pair.beside.rank_score is None:
        return None
    return pair.beside.rank_score - pair.given.rank_score


def _affected(pair: Pair) -> dict[str, Any]:
    return {
        "project_id": pair.project_id,
        "group": pair.group,
        "grade": [pair.given.grade, pair.beside.grade],
        "rank_score": [pair.given.rank_score, pair.beside.rank_score],
    }
