"""What changes for the same projects when another model answers: grades, ranks, reasons."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, starmap

import numpy as np

from features.declared_project import DeclaredProject
from features.head_declaration import HeadKind
from features.operations import Numbers
from models.appraised_project import AppraisedProject, appraised_project
from models.explanation import ExplainedHead
from models.model import Model
from models.priority import Standing, rank_key
from models.reasons import Reason
from training.evaluation import spearman

MOST_COMPARED = 5_000
TOP_REASONS = 3
TOGETHER = "together:"
"""Before a dimension's name: several of its facts told jointly, whichever they are."""
_BATCH = 500
Progress = Callable[[int], None]


@dataclass(frozen=True)
class ChangedProject:
    """One project as both models answer it: what a reviewer looks at first.

    grade: before and after, None where there is none. places: by how many the project moved up
    (+) or down (−) in the ranking of these projects. reasons: head → its first reason before and
    after, where it is no longer among the first three. moves: head → how far its value moved, in
    points, log of the amount, or probability.
    """

    project_id: str
    year: int
    grade: tuple[str, str] | None
    places: int | None
    reasons: Mapping[str, tuple[str, str]]
    moves: Mapping[str, float]

    @property
    def flipped(self) -> bool:
        """Whether the grade is another one."""
        return self.grade is not None and self.grade[0] != self.grade[1]


@dataclass(frozen=True)
class SameProjectsCompared:
    """Every compared project, with the shares that the comparison quotes; None: cannot be told."""

    projects: tuple[ChangedProject, ...]
    grade_flips: float | None
    rank_correlation: float | None
    changed_top_reasons: float | None

    def most_affected(self, most: int) -> list[ChangedProject]:
        """Flipped grades first, then by places moved, then by the greatest move of a head."""

        def weight(each: ChangedProject) -> tuple[bool, int, float]:
            greatest = max((abs(move) for move in each.moves.values()), default=0.0)
            return each.flipped, abs(each.places or 0), greatest

        return sorted(self.projects, key=weight, reverse=True)[:most]


def compare_same_projects(
    champion: Model,
    challenger: Model,
    projects: Sequence[DeclaredProject],
    progress: Progress = lambda rows: None,
) -> SameProjectsCompared:
    """Both models' answers to the same projects, evenly chosen where there are very many."""
    chosen = np.unique(np.linspace(0, len(projects) - 1, MOST_COMPARED).astype(int))
    some = [projects[i] for i in chosen] if len(projects) > MOST_COMPARED else list(projects)
    sides = [answers_of(model, some, progress) for model in (champion, challenger)]
    both = list(zip(*sides, strict=True))
    rated = [(b, a) for b, a in both if b.status == a.status == "rated"]
    places = places_moved(rated)
    changed = tuple(starmap(_changed, zip(rated, places, strict=True)))
    graded = [each for each in changed if each.grade is not None]
    told = [(len(each.reasons), _heads(*pair)) for each, pair in zip(changed, rated, strict=True)]
    heads = sum(number for _, number in told)
    return SameProjectsCompared(
        changed,
        sum(each.flipped for each in graded) / len(graded) if graded else None,
        _rank_correlation(rated),
        sum(number for number, _ in told) / heads if heads else None,
    )


def answers_of(
    model: Model, projects: Sequence[DeclaredProject], progress: Progress = lambda rows: None
) -> list[AppraisedProject]:
    """What a model says of each project, in order."""
    found = []
    for start in range(0, len(projects), _BATCH):
        batch = projects[start : start + _BATCH]
        prediction = model.predict(batch)
        found += [appraised_project(model, prediction, row) for row in range(len(batch))]
        progress(len(batch))
    return found


Pair = tuple[AppraisedProject, AppraisedProject]


def places_moved(rated: Sequence[Pair]) -> list[int | None]:
    """By how many places each project moved up (+) or down (−); None without a rank."""
    ranked = [i for i, pair in enumerate(rated) if all(side.standing for side in pair)]
    found: list[int | None] = [None] * len(rated)

    def place_of(side: int) -> dict[int, int]:
        order = sorted(ranked, key=lambda i: rank_key(_standing(rated[i][side]).ranked))
        return {i: place for place, i in enumerate(order)}

    before, after = place_of(0), place_of(1)
    for i in ranked:
        found[i] = before[i] - after[i]
    return found


def _standing(side: AppraisedProject) -> Standing:
    if side.standing is None:
        raise ValueError("expected a project with a standing")
    return side.standing


def _rank_correlation(rated: Sequence[Pair]) -> float | None:
    scores = [
        [float(_standing(side).ranked.rank_score) for side in pair]
        for pair in rated
        if all(side.standing for side in pair)
    ]
    if len(scores) < 2:
        return None
    before, after = np.array(scores).T
    found = spearman(before, after)
    return min(1.0, max(-1.0, found)) if np.isfinite(found) else None


def _shared(before: AppraisedProject, after: AppraisedProject) -> Iterator[str]:
    return (name for name in before.heads if name in after.heads)


def _heads(before: AppraisedProject, after: AppraisedProject) -> int:
    return sum(1 for _ in _shared(before, after))


def _changed(pair: Pair, places: int | None) -> ChangedProject:
    before, after = pair
    graded = before.standing is not None and after.standing is not None
    reasons, moves = {}, {}
    for name in _shared(before, after):
        moves[name] = _move(before.heads[name], after.heads[name])
        firsts = _other_first_reasons(before.heads[name], after.heads[name])
        if firsts is not None:
            reasons[name] = firsts
    return ChangedProject(
        before.project.project_id,
        before.project.year,
        (_standing(before).grade, _standing(after).grade) if graded else None,
        places,
        reasons,
        moves,
    )


def _move(before: ExplainedHead, after: ExplainedHead) -> float:
    values: Numbers = np.array([float(before.value), float(after.value)])
    if before.declaration.kind is HeadKind.AMOUNT:
        values = np.log(values)
    return float(values[1] - values[0])


def _other_first_reasons(before: ExplainedHead, after: ExplainedHead) -> tuple[str, str] | None:
    """Both first reasons, where either is not among the other model's first three."""
    tops = [[_name(reason) for reason in head.reasons[:TOP_REASONS]] for head in (before, after)]
    if not all(tops):
        return None if tops[0] == tops[1] else (_first(tops[0]), _first(tops[1]))
    kept = all(own[0] in other for own, other in (*pairwise(tops), *pairwise(tops[::-1])))
    return None if kept else (tops[0][0], tops[1][0])


def _first(names: Sequence[str]) -> str:
    return names[0] if names else ""


def _name(reason: Reason) -> str:
    return reason.indicator or f"{TOGETHER}{reason.dimension}"
