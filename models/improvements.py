"""Improvements: what a department may lawfully change, each really tried on the model."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from features.added import added
from features.catalogue_sections import Priority
from features.declared_project import DeclaredProject
from features.head_declaration import HeadKind
from features.indicator_table import indicator_table, supposed_table
from features.levers import Lever, LeverValue, levers
from features.operations import Numbers
from models.appraised_project import AppraisedProject, appraised_project
from models.margin_map import probability
from models.model import Model
from models.part_scale import POINT, PROBABILITY

AXES = ("necessity", "importance")
MOST_STEPS = 10
"""How far one indicator is moved: enough to take a share from nothing to all of it."""
MOST_TOGETHER = 6
"""How many changes are combined: more is no improvement of a declaration but another one."""


@dataclass(frozen=True)
class Change:
    """One lever moved by some of its smallest meaningful steps."""

    lever: Lever
    before: LeverValue
    after: LeverValue
    steps: int


@dataclass(frozen=True)
class Tried:
    """Some changes together, and the project as it would be appraised with them."""

    changes: tuple[Change, ...]
    after: AppraisedProject


@dataclass(frozen=True)
class Way:
    """The way to a higher grade over one axis.

    tried: few changes that reach it; where it cannot be reached, all of them and what they reach.
    """

    grade: str
    axis: str
    reached: bool
    tried: Tried


@dataclass(frozen=True)
class Improvements:
    """What may be improved: single changes, those that do most first, and the ways to a grade.

    before: the project as declared; without a standing, or without a rating, nothing is tried.
    """

    before: AppraisedProject
    single: tuple[Tried, ...]
    ways: tuple[Way, ...]


def improvements(model: Model, project: DeclaredProject) -> Improvements:
    """What the department of a project may lawfully improve, and what that would do.

    All steps of all levers are tried in one batch; what is told has then been appraised in full.
    """
    before = appraised_project(model, model.predict([project]), 0)
    policy = model.catalogue.priority
    if before.standing is None or policy is None:
        return Improvements(before, (), ())
    search = _Search(model, project, policy)
    single: list[Changes] = [(change,) for change in search.best_changes()]
    planned = search.plans()
    # The project as it is goes through the model beside its trials: like is compared with like.
    told = search.appraised([(), *single, *(plan.changes for plan in planned)])
    before = told[0].after
    alone, together = told[1 : len(single) + 1], told[len(single) + 1 :]
    ordered = sorted(alone, key=lambda tried: _rank(tried, before, policy), reverse=True)
    ways = [Way(*plan[:3], tried) for plan, tried in zip(planned, together, strict=True)]
    return Improvements(before, tuple(ordered), tuple(ways))


def _rank(tried: Tried, before: AppraisedProject, policy: Priority) -> tuple[float, float]:
    """What orders single changes: the gain in the rank, then the fall of the risks."""
    gains = {
        name: float(head.value - before.heads[name].value)
        for name, head in tried.after.heads.items()
        if name in before.heads
    }
    rank = added(policy.weights[axis] * gains[getattr(policy, axis)] for axis in AXES)
    risks = [name for name, head in tried.after.heads.items() if head.log_odds is not None]
    return rank, -added(gains[name] for name in risks if name in gains)


Changes = tuple[Change, ...]


class _Plan(NamedTuple):
    """The way to a grade over an axis, whether it reaches it, and its changes."""

    grade: str
    axis: str
    reached: bool
    changes: Changes


class _Search:
    """Tries changes of one project on a model.

    The scores of a trial are points and probabilities in the order of `_heads`: the two axes, then
    the risks.
    """

    def __init__(self, model: Model, project: DeclaredProject, policy: Priority) -> None:
        self._model, self._project, self._policy = model, project, policy
        risks = [
            name
            for name, head in model.heads.items()
            if head.declaration.kind is HeadKind.PROBABILITY
        ]
        self._heads = (policy.necessity, policy.importance, *risks)
        self._units = np.array([float(POINT)] * len(AXES) + [float(PROBABILITY)] * len(risks))
        self._weights = np.array([policy.weights[axis] for axis in AXES])
        self._levers = levers(model.catalogue)
        self._start = self._scores([()])[0]

    @cached_property
    def _single(self) -> list[tuple[list[Change], Numbers]]:
        """For each lever that can move, its changes by 1, 2, … steps, and their scores."""
        moved = [found for lever in self._levers if (found := self._moves(lever))]
        scores = self._scores([(change,) for found in moved for change in found])
        ends = np.cumsum([len(found) for found in moved])[:-1]
        return list(zip(moved, np.split(scores, ends), strict=True)) if moved else []

    def _moves(self, lever: Lever) -> list[Change]:
        before = self._values.get(lever.indicator.name)
        if before is None:
            return []
        values = lever.steps_from(before, MOST_STEPS)
        return [Change(lever, before, value, n) for n, value in enumerate(values, 1)]

    @cached_property
    def _values(self) -> dict[str, LeverValue | None]:
        """What the project has of every lever, and of those that it takes along."""
        table = indicator_table([self._project], self._model.catalogue)
        found: dict[str, LeverValue | None] = {}
        for lever in self._levers:
            for name in (lever.indicator.name, *lever.weaker):
                value = float(table[name][0])
                codes = list(self._model.catalogue.by_name[name].codes or {})
                known = None if np.isnan(value) else value
                found[name] = codes[int(value)] if codes and known is not None else known
        return found

    def _supposition(self, changes: Iterable[Change]) -> dict[str, LeverValue]:
        """The values of the indicators that some changes move, weaker ones taken along."""
        found: dict[str, LeverValue] = {}
        for change in changes:
            found[change.lever.indicator.name] = change.after
            codes = list(change.lever.indicator.codes or {})
            for name in change.lever.weaker:
                places = [codes.index(str(change.after))]
                if (own := self._values[name]) is not None:
                    places.append(codes.index(str(own)))
                found[name] = codes[max(places) if change.lever.upward else min(places)]
        return found

    def _scores(self, trials: Sequence[Changes]) -> Numbers:
        """What the model says of each trial, shape (trials, heads): all of them in one batch."""
        if not trials:
            return np.empty((0, len(self._heads)))
        suppositions = [self._supposition(changes) for changes in trials]
        table = supposed_table(self._project, self._model.catalogue, suppositions)
        projects = [self._project] * len(trials)
        heads = self._model.predict_table(projects, table, explain=False).heads
        columns = []
        for name in self._heads:
            value = heads[name].value
            if heads[name].declaration.kind is HeadKind.PROBABILITY:
                value = probability(value)
            elif (clip := heads[name].declaration.outcome.clip) is not None:
                value = np.clip(value, *clip)
            columns.append(value)
        return np.array(columns).T

    def best_changes(self) -> list[Change]:
        """Of each lever the fewest steps that do as much as any number of them.

        Without levers that do nothing that would be seen.
        """
        found = []
        for changes, scores in self._single:
            gains = np.round((scores - self._start) / self._units)
            helps = gains[:, : len(AXES)] @ self._weights
            if helps.max() <= 0:
                helps = -gains[:, len(AXES) :].sum(axis=1)
            if len(helps) and helps.max() > 0:
                found.append(changes[int(helps.argmax())])
        return found

    def plans(self) -> list[_Plan]:
        """For each axis below its threshold, the way over it; the other one may stay below."""
        below = [
            place for place, axis in enumerate(AXES) if not self._reaches(self._start[place], axis)
        ]
        found = []
        for place in below:
            reached = {axis for other, axis in enumerate(AXES) if other not in below}
            grade = _GRADE[frozenset(reached | {AXES[place]})]
            changes = self._greedy(place)
            if changes is None:
                found.append(_Plan(grade, AXES[place], False, self._all()))
            else:
                found.append(_Plan(grade, AXES[place], True, changes))
        return found

    def _reaches(self, score: float, axis: str) -> bool:
        points = round(float(score) / float(POINT)) * POINT
        return float(points) >= self._policy.thresholds[axis]

    def _candidates(self, place: int) -> list[Change]:
        """For each lever the fewest steps that do most for one axis, alone."""
        found = []
        for changes, scores in self._single:
            gains = np.round((scores[:, place] - self._start[place]) / self._units[place])
            # What does nothing alone may do something with others: then as far as it goes.
            found.append(changes[int(gains.argmax()) if gains.max() > 0 else -1])
        return found

    def _all(self) -> Changes:
        return tuple(changes[-1] for changes, _ in self._single)

    def _greedy(self, place: int) -> Changes | None:
        """Few changes that reach the threshold of an axis, none of which can be left out.

        The best one is added at each step; then each is tried to be left out. None where
        `MOST_TOGETHER` do not suffice.
        """
        chosen: Changes = ()
        waiting = self._candidates(place)
        for _ in range(min(MOST_TOGETHER, len(waiting))):
            trials = [(*chosen, change) for change in waiting]
            scores = self._scores(trials)[:, place]
            best = int(scores.argmax())
            chosen = trials[best]
            waiting.pop(best)
            if self._reaches(scores[best], AXES[place]):
                return self._pruned(chosen, place)
        return None

    def _pruned(self, chosen: Changes, place: int) -> Changes:
        for change in chosen:
            fewer = tuple(each for each in chosen if each is not change)
            if fewer and self._reaches(self._scores([fewer])[0, place], AXES[place]):
                chosen = fewer
        return chosen

    def appraised(self, trials: Sequence[Changes]) -> list[Tried]:
        """The trials appraised in full, as an answer would tell them."""
        if not trials:
            return []
        suppositions = [self._supposition(changes) for changes in trials]
        table = supposed_table(self._project, self._model.catalogue, suppositions)
        prediction = self._model.predict_table([self._project] * len(trials), table)
        return [
            Tried(changes, appraised_project(self._model, prediction, row))
            for row, changes in enumerate(trials)
        ]


_GRADE = {
    frozenset({"necessity", "importance"}): "A",
    frozenset({"necessity"}): "B",
    frozenset({"importance"}): "C",
}
