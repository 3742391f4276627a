"""Choosing the cases of a review: chance draws from each kind, so that weights lead back to all.

Each kind is a set of projects, fixed by the rule; from each a simple random sample is drawn, and
what any of them holds is a case. The draws are independent of each other, so that the chance of a
project is known, 1 − ∏(1 − drawn/size) over the kinds that it belongs to, and a case stands for
1/chance projects (Horvitz and Thompson, 1952).
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from features.catalogue import Catalogue
from features.head_declaration import HeadKind
from models.appraised_project import AppraisedProject
from models.review.case import Kind, ModelRole
from models.review.round import StratumSize
from training.review.case_policy import CasePolicy
from training.same_projects import places_moved

_ORDER, _SIDES = 1, 2
"""What the chance of the order of cases, and of their sides, begins with beside the seed."""


@dataclass(frozen=True)
class Answered:
    """A project as the challenger and, where there is one, the champion answer it."""

    challenger: AppraisedProject
    champion: AppraisedProject | None

    @property
    def both(self) -> tuple[AppraisedProject, ...]:
        """The answers there are, the champion's first."""
        there = () if self.champion is None else (self.champion,)
        return (*there, self.challenger)

    @property
    def rated(self) -> bool:
        """Whether every model rates it."""
        return all(answer.status == "rated" for answer in self.both)


@dataclass(frozen=True)
class Chosen:
    """One case: the place of its project, the strata it belongs to, its chance, and the sides."""

    place: int
    strata: tuple[str, ...]
    chance: float
    sides: tuple[ModelRole, ...]


@dataclass(frozen=True)
class Choice:
    """The cases in the order in which they are shown, and how large each stratum was."""

    cases: tuple[Chosen, ...]
    strata: Mapping[str, StratumSize]


def choose_cases(answered: Sequence[Answered], catalogue: Catalogue, rule: CasePolicy) -> Choice:
    """The cases among the rated projects, and by which chance; the same for the same projects."""
    strata = {name: places for name, places in _strata(answered, catalogue, rule) if places}
    drawn = {name: min(rule.drawn[_kind(name)], len(places)) for name, places in strata.items()}
    taken: set[int] = set()
    for name, places in strata.items():
        chance = np.random.default_rng([rule.seed, zlib.crc32(name.encode())])
        taken |= {places[i] for i in chance.choice(len(places), drawn[name], replace=False)}
    order = np.random.default_rng([rule.seed, _ORDER]).permutation(sorted(taken))
    sides = np.random.default_rng([rule.seed, _SIDES])
    belongs = {name: frozenset(places) for name, places in strata.items()}
    cases = []
    for place in map(int, order):
        own = tuple(name for name in strata if place in belongs[name])
        missed = math.prod(1 - drawn[name] / len(strata[name]) for name in own)
        roles = tuple(ModelRole) if answered[place].champion else (ModelRole.CHALLENGER,)
        turned = roles if sides.random() < 0.5 else roles[::-1]
        cases.append(Chosen(place, own, 1 - missed, turned))
    sizes = {n: StratumSize(projects=len(strata[n]), drawn=drawn[n]) for n in strata}
    return Choice(tuple(cases), sizes)


def _kind(stratum: str) -> Kind:
    return Kind(stratum.partition("=")[0])


def _strata(
    answered: Sequence[Answered], catalogue: Catalogue, rule: CasePolicy
) -> Iterator[tuple[str, list[int]]]:
    """Each stratum with the places of its projects, in a fixed order."""
    rated = [i for i, each in enumerate(answered) if each.rated]
    compared = [i for i in rated if answered[i].champion is not None]
    yield Kind.GRADE.value, [i for i in compared if _other_grade(answered[i])]
    yield Kind.RANK.value, _far_moved(answered, compared, rule.rank_share)
    yield (
        Kind.AMOUNT.value,
        [i for i in compared if _amount_change(answered[i]) > rule.amount_change],
    )
    yield (
        Kind.BOUNDARY.value,
        [i for i in rated if _distance(answered[i], catalogue) <= rule.boundary_points],
    )
    yield Kind.LARGE.value, _largest(answered, rated, catalogue, rule.large_share)
    topics = {i: _topic(answered[i], catalogue, rule) for i in rated}
    for code in sorted({code for code in topics.values() if code}):
        yield f"{Kind.TOPIC.value}={code}", [i for i in rated if topics[i] == code]
    yield Kind.RANDOM.value, rated


def _other_grade(each: Answered) -> bool:
    grades = {answer.standing.grade for answer in each.both if answer.standing}
    return len(grades) > 1


def _far_moved(answered: Sequence[Answered], compared: list[int], share: float) -> list[int]:
    pairs = [(each.champion, each.challenger) for i in compared if (each := answered[i]).champion]
    places = places_moved([(before, after) for before, after in pairs if before])
    ranked = sum(moved is not None for moved in places)
    return [
        i
        for i, moved in zip(compared, places, strict=True)
        if moved and abs(moved) >= share * ranked
    ]


def _amount_change(each: Answered) -> float:
    """The greatest change of an amount: the greater over the smaller, less one."""
    if each.champion is None:
        return 0.0
    changes = [0.0]
    for name, head in each.challenger.heads.items():
        other = each.champion.heads.get(name)
        if head.declaration.kind is HeadKind.AMOUNT and other is not None:
            low, high = sorted((float(head.value), float(other.value)))
            changes.append(high / low - 1)
    return max(changes)


def _distance(each: Answered, catalogue: Catalogue) -> float:
    """How near an axis of either answer comes to its threshold, in points."""
    policy = catalogue.priority
    found = [math.inf]
    for answer in each.both:
        if policy is not None and answer.standing is not None:
            ranked = answer.standing.ranked
            found.append(abs(float(ranked.necessity) - policy.thresholds["necessity"]))
            found.append(abs(float(ranked.importance) - policy.thresholds["importance"]))
    return min(found)


def _largest(
    answered: Sequence[Answered], rated: list[int], catalogue: Catalogue, share: float
) -> list[int]:
    """Those that ask for most; without a request in the catalogue none."""
    if catalogue.cost is None:
        return []
    amounts: dict[int, float] = {}
    for i in rated:
        requested = answered[i].challenger.project.values[catalogue.cost.requested]
        if isinstance(requested, float):
            amounts[i] = requested
    most = math.ceil(share * len(amounts))
    largest = sorted(amounts, key=lambda i: (-amounts[i], i))[:most]
    return sorted(largest)


def _topic(each: Answered, catalogue: Catalogue, rule: CasePolicy) -> str:
    values = each.challenger.project.values
    field = rule.topic if rule.topic in values else next(iter(catalogue.peers), "")
    found = values.get(field)
    return found if isinstance(found, str) else ""
