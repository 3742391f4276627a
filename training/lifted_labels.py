"""Groups whose past labels were lifted: departments or contributors that stand out upwards.

Two signs are looked for in each group's out-of-fold residuals. **Shift**: all of its labels lie
higher; a robust z over what chance and the usual differences between groups allow. It is told of
projects of a sort that other groups have too. **Tail**: some of them lie far above the group's own
others, as only the highest hundredth (and again: thousandth) of all labels do; their number against
that of all other groups, by a beta-binomial law as wide as these differ. Small groups are drawn
towards all. Over all groups, outcomes and signs at once, Holm's rule holds the risk of any false
alarm at `FALSE_ALARM`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.stats import betabinom
from scipy.stats import t as student

from features.indicator_table import indicator_table
from features.operations import Numbers
from models.peers import Groups
from training.appraisal_data import AppraisalData
from training.out_of_fold import Growing, Residuals, residuals, spread, watched_outcomes
from training.split import Mask
from training.train import TrainingSettings

FALSE_ALARM = 0.01
LEAST_PROJECTS = 20
LEAST_GROUPS = 5
FAR = (0.99, 0.999)
"""The shares of all labels that do not count as far, and as very far, above what is expected."""
MAD_EFFICIENCY = 0.37
"""What a median absolute deviation knows of the spread of normal values, against their variance."""
_LIMIT = 3.0
_WEIGHTS = np.geomspace(1e6, 10, 16)
"""How alike groups are: to so many projects' worth; the first is as good as a binomial law."""
_POOLED = 30
"""A group's own centre and spread weigh as much as those of all at so many projects."""


@dataclass(frozen=True)
class Suspect:
    """A label far above what is expected, in the unit in which it is watched."""

    project_id: str
    year: int
    said: float
    expected: float
    standard: float


@dataclass(frozen=True)
class GroupEvidence:
    """What the residuals of one group's labels of one head say.

    shift: of its residuals, partially pooled, in standard deviations; z: beyond what is usual;
    both are NaN where they cannot be told. far, usual: how many labels are far above the group's
    others, and how many would be. p: of the strongest sign, for all groups at once. influence: how
    far the group's labels move the model's predictions of its own projects, in the watched unit;
    told for flagged groups.
    """

    group: str
    head: str
    projects: int
    shift: float
    z: float
    far: int
    usual: float
    p: float
    suspects: tuple[Suspect, ...]
    influence: float | None = None

    @property
    def flagged(self) -> bool:
        """Whether the labels stand out more than chance allows over all groups at once."""
        return self.p <= FALSE_ALARM


def lifted_labels(
    data: AppraisalData,
    groups: Sequence[str],
    how: TrainingSettings,
    progress: Callable[[int], None] = lambda outcomes: None,
) -> list[GroupEvidence]:
    """The evidence for each group and outcome, the strongest first; none where groups are few.

    Args:
        groups: (n,), who each project belongs to; those of "" are left out.
    """
    named = np.array([bool(group) for group in groups])
    if len({group for group in groups if group}) < LEAST_GROUPS:
        return []
    data, groups = data.where(named), [group for group in groups if group]
    found: list[GroupEvidence] = []
    for each in residuals(data, groups, how, progress):
        found += group_evidence(each, data, groups)
    held = sorted(_for_all_at_once(found), key=lambda each: (each.p, each.group, each.head))
    return [_with_influence(e, data, groups, how) if e.flagged else e for e in held]


def group_evidence(
    found: Residuals, data: AppraisalData, groups: Sequence[str]
) -> Iterator[GroupEvidence]:
    """The evidence of one outcome for each group of at least `LEAST_PROJECTS`, p for it alone."""
    own = np.array([groups[row] for row in found.rows])
    names, member, sizes = np.unique(own, return_inverse=True, return_counts=True)
    large = np.flatnonzero(sizes >= LEAST_PROJECTS)
    if len(large) < LEAST_GROUPS:
        return
    shift, z, p_shift = _shifts(found.standard, member, len(names), found.comparable)
    apart = _apart(found.standard, member, len(names))
    for place, group in enumerate(large.tolist()):
        # Far is what the others call far: a group that was lifted does not move its own border.
        borders = np.quantile(apart[member != group], FAR)
        counts = [np.bincount(member, apart > each, len(names))[large] for each in borders]
        tails = [_tail(far.astype(np.int64), sizes[large], place) for far in counts]
        signs = [p_shift[group], *(p for _, p in tails)]
        p = len(signs) * min(signs)  # the strongest of several signs
        inside = np.flatnonzero((member == group) & (apart > borders[0]))
        suspects = sorted(
            (_suspect(found, data, row, apart) for row in inside.tolist()),
            key=lambda s: -s.standard,
        )
        yield GroupEvidence(
            str(names[group]),
            found.watched.head.name,
            int(sizes[group]),
            float(shift[group]),
            float(z[group]),
            int(counts[0][place]),
            tails[0][0],
            min(1.0, float(p)),
            tuple(suspects),
        )


def _suspect(found: Residuals, data: AppraisalData, row: int, apart: Numbers) -> Suspect:
    project = data.projects[int(found.rows[row])]
    said, expected = float(found.said[row]), float(found.expected[row])
    return Suspect(project.project_id, project.year, said, expected, float(apart[row]))


def _shifts(
    standard: Numbers, member: Groups, groups: int, comparable: Mask
) -> tuple[Numbers, Numbers, Numbers]:
    """Each group's pooled shift, its z over chance and the usual differences, and its p."""
    shift, z, p = np.full(groups, np.nan), np.full(groups, np.nan), np.ones(groups)
    sizes = np.bincount(member[comparable], minlength=groups)
    large = np.flatnonzero(sizes >= LEAST_PROJECTS)
    if len(large) < LEAST_GROUPS:
        return shift, z, p
    limited = np.clip(standard, -_LIMIT, _LIMIT)[comparable]
    means = np.bincount(member[comparable], limited, groups)[large] / sizes[large]
    apart = means - np.median(means)
    chance = limited.var() / sizes[large]
    between = max(0.0, spread(means) ** 2 - float(np.median(chance)))
    shift[large] = apart * between / (between + chance)
    z[large] = apart / np.sqrt(between + chance)
    # The spread of few groups is itself uncertain, more so as it is told robustly.
    p[large] = student.sf(z[large], MAD_EFFICIENCY * (len(large) - 1))
    return shift, z, p


def _apart(standard: Numbers, member: Groups, groups: int) -> Numbers:
    """Each residual from its group's centre, in its group's spread, both partially pooled."""
    found = np.empty_like(standard)
    centre, width = float(np.median(standard)), spread(standard)
    for group in range(groups):
        inside = member == group
        weight = inside.sum() / (inside.sum() + _POOLED)
        own = weight * np.median(standard[inside]) + (1 - weight) * centre
        scale = np.sqrt(weight * spread(standard[inside]) ** 2 + (1 - weight) * width**2)
        found[inside] = (standard[inside] - own) / (scale or 1.0)
    return found


def _tail(far: Groups, sizes: Groups, place: int) -> tuple[float, float]:
    """How many far labels are usual in one of the groups, and how likely as many as it has are."""
    others = np.arange(len(far)) != place
    k, n = far[others], sizes[others]
    share = (k.sum() + 0.5) / (n.sum() + 1)
    # How much the others differ beyond chance: a binomial law unless another is likelier by as
    # much as its one number more is worth (Akaike 1974).
    first, second = share * _WEIGHTS, (1 - share) * _WEIGHTS
    likelihood = betabinom.logpmf(k, n, first[:, None], second[:, None]).sum(axis=1)
    best = int(np.argmax(likelihood))
    law = best if likelihood[best] > likelihood[0] + 1 else 0
    p = betabinom.sf(far[place] - 1, sizes[place], first[law], second[law])
    return float(share * sizes[place]), float(p)


def _for_all_at_once(found: Iterable[GroupEvidence]) -> Iterator[GroupEvidence]:
    """The evidence with p by Holm's rule: of so many questions, any false alarm at all."""
    ordered = sorted(found, key=lambda each: each.p)
    least = 0.0
    for place, each in enumerate(ordered):
        least = max(least, min(1.0, each.p * (len(ordered) - place)))
        yield replace(each, p=least)


def _with_influence(
    evidence: GroupEvidence, data: AppraisalData, groups: Sequence[str], how: TrainingSettings
) -> GroupEvidence:
    """With what leaving the group out does to the predictions of its own projects."""
    table = indicator_table(data.projects, data.catalogue)
    watched = next(w for w in watched_outcomes(data, table) if w.head.name == evidence.head)
    growing = Growing.of(watched.head, data, table, how)
    known = ~np.isnan(watched.said)
    own = known & np.array([group == evidence.group for group in groups])
    with_it = growing.grown(watched.said, known).predict(growing.matrix[own])
    without = growing.grown(watched.said, known & ~own).predict(growing.matrix[own])
    return replace(evidence, influence=float(np.mean(with_it - without)))
