"""Groups whose past labels were lifted: departments or contributors that stand out upwards.

Two signs are looked for in each group's out-of-fold residuals. **Shift**: all of its labels lie
higher; a robust z over what chance and the usual differences between groups allow. **Tail**: some
of them lie far higher than the group's own others; their number against that of all other groups,
by a beta-binomial law as wide as the groups differ. Small groups are drawn towards all. Over all
groups, outcomes and signs at once, Holm's rule holds the risk of any false alarm at `FALSE_ALARM`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.stats import betabinom, binom, norm

from features.indicator_table import indicator_table
from features.operations import Numbers
from training.appraisal_data import AppraisalData
from training.out_of_fold import Growing, Residuals, residuals, spread, watched_outcomes
from training.train import TrainingSettings

FALSE_ALARM = 0.01
LEAST_PROJECTS = 20
LEAST_GROUPS = 5
FAR = 2.5
"""Standard deviations from where a label counts as far above what is expected."""
_LIMIT = 3.0
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

    shift: of its residuals, partially pooled, in standard deviations; z: beyond what is usual.
    far, usual: how many labels are far above the group's others, and how many would be. p: of the
    stronger sign, for all groups at once. influence: how far the group's labels move the model's
    predictions of its own projects, in the watched unit; told for flagged groups.
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
    shift, z = _shifts(found.standard, member, sizes, large)
    apart = _apart(found.standard, member, len(names))
    far = np.bincount(member, apart > FAR, len(names))[large]
    usual, p_tail = _tails(far.astype(int), sizes[large])
    for place, group in enumerate(large):
        p = 2 * min(float(norm.sf(z[place])), p_tail[place])  # the stronger of two signs
        inside = np.flatnonzero((member == group) & (apart > FAR))
        suspects = sorted(
            (_suspect(found, data, row, apart) for row in inside), key=lambda s: -s.standard
        )
        yield GroupEvidence(
            str(names[group]),
            found.watched.head.name,
            int(sizes[group]),
            float(shift[place]),
            float(z[place]),
            int(far[place]),
            float(usual[place]),
            min(1.0, p),
            tuple(suspects),
        )


def _suspect(found: Residuals, data: AppraisalData, row: int, apart: Numbers) -> Suspect:
    project = data.projects[int(found.rows[row])]
    said, expected = float(found.said[row]), float(found.expected[row])
    return Suspect(project.project_id, project.year, said, expected, float(apart[row]))


def _shifts(
    standard: Numbers, member: np.ndarray, sizes: np.ndarray, large: np.ndarray
) -> tuple[Numbers, Numbers]:
    """Each large group's pooled shift, and its z over chance and the usual differences."""
    limited = np.clip(standard, -_LIMIT, _LIMIT)
    means = (np.bincount(member, limited) / sizes)[large]
    apart = means - np.median(means)
    chance = limited.var() / sizes[large]
    between = max(0.0, spread(means) ** 2 - float(np.median(chance)))
    pooled = apart * between / (between + chance)
    return pooled, apart / np.sqrt(between + chance)


def _apart(standard: Numbers, member: np.ndarray, groups: int) -> Numbers:
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


def _tails(far: np.ndarray, sizes: np.ndarray) -> tuple[Numbers, list[float]]:
    """How many far labels are usual in each group, and how likely as many as it has are."""
    usual, p = np.empty(len(far)), []
    for place, (count, size) in enumerate(zip(far, sizes, strict=True)):
        others = np.arange(len(far)) != place
        k, n = far[others], sizes[others]
        share = (k.sum() + 0.5) / (n.sum() + 1)
        usual[place] = share * size
        # How much more the other groups differ than chance alone would make them.
        excess = float(((k - n * share) ** 2 / (n * share * (1 - share))).sum()) / len(n) - 1
        alike = excess / max(1.0, float(n.mean()) - 1)
        if alike <= 0:
            p.append(float(binom.sf(count - 1, size, share)))
        else:
            weight = 1 / alike - 1
            law = (share * weight, (1 - share) * weight)
            p.append(float(betabinom.sf(count - 1, size, *law)))
    return usual, p


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
