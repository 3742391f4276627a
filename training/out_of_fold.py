"""Residuals of outcomes from models that have not seen the group of the project.

A department that lifts its own labels teaches the model to expect them. Each residual here comes
from trees grown without any project of the same department, as far as others have such projects.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from features.field import Kind
from features.head_declaration import HeadDeclaration, HeadKind
from features.indicator_table import IndicatorTable, Vocabulary, feature_matrix, indicator_table
from features.operations import UNKNOWN, Numbers
from models.head import offset
from models.peers import Groups, PeerGroups, finest
from models.trees import Trees
from training.appraisal_data import AppraisalData
from training.fit_head import LEAST_FIT_ROWS
from training.growing import TrainingRows, TreeSettings, grow_trees
from training.objective import SQUARED_ERROR
from training.split import Mask
from training.train import TrainingSettings

FOLDS = 5
FEWER_TREES = 3
"""So many times fewer trees, each so many times larger a step: quicker, and enough to compare."""
_SIGNS = {"+": 1, "-": -1, "free": 0}
_LEAST_SCALED = 50
LEAST_SEEN = 50
"""So many projects of other folds must have a code before its effect counts as known."""
_NORMAL = 1.4826
"""The standard deviation of a normal law is so many times its median absolute deviation."""


@dataclass(frozen=True)
class Watched:
    """An outcome as it is watched: what was said of each project, shape (n,), NaN unknown.

    head: the one that learns from it. said: points, the log of an amount (less that of what it is
    relative to), or the number behind an event.
    """

    head: HeadDeclaration
    said: Numbers


def watched_outcomes(data: AppraisalData, table: IndicatorTable) -> Iterator[Watched]:
    """The outcomes that could be lifted by degrees; a bare event of 0 or 1 cannot."""
    seen = set()
    for head in data.catalogue.heads:
        outcome = head.outcome
        bare = head.kind is HeadKind.PROBABILITY and outcome.below is outcome.at_least is None
        if bare or outcome.columns in seen or not set(outcome.columns) <= data.outcomes.keys():
            continue
        said = data.outcomes[outcome.columns[0]] * outcome.scale
        if outcome.ratio is not None:
            whole = data.outcomes[outcome.ratio[1]]
            said = np.divide(said, whole, out=np.full(said.shape, UNKNOWN), where=whole > 0)
        if head.kind is HeadKind.AMOUNT:
            positive = np.where(said > 0, said, UNKNOWN)
            said = np.log(positive) - offset(table, head)
        if len(np.unique(said[~np.isnan(said)])) > 2:
            seen.add(outcome.columns)
            yield Watched(head, said)


@dataclass(frozen=True)
class Residuals:
    """How far each outcome lies from what the others' projects let expect.

    rows: (m,), positions in the data. said, expected: (m,). standard: (m,), the difference less
    the median of its round, in standard deviations of similar projects. comparable: (m,), whether
    it comes from trees without any project of its group; where no other fold has enough projects of
    its sort, it comes from trees without the project itself.
    """

    watched: Watched
    rows: Groups
    said: Numbers
    expected: Numbers
    standard: Numbers
    comparable: Mask


@dataclass(frozen=True)
class Growing:
    """What the trees of one head are grown from."""

    head: HeadDeclaration
    data: AppraisalData
    matrix: Numbers
    settings: TreeSettings

    @property
    def categorical(self) -> list[str]:
        """The inputs that are codes without an order."""
        inputs = self.data.catalogue.inputs(self.head.name)
        return [i.name for i in inputs if i.kind is Kind.CATEGORY and not i.ordered]

    def seen_elsewhere(self, folds: Groups) -> Mask:
        """Whether at least `LEAST_SEEN` projects of other folds have each code of a project."""
        names = [i.name for i in self.data.catalogue.inputs(self.head.name)]
        found = np.ones(len(folds), dtype=np.bool_)
        for name in self.categorical:
            codes = self.matrix[:, names.index(name)].tolist()
            pairs = list(zip(codes, folds.tolist(), strict=True))
            every, own = Counter(codes), Counter(pairs)
            found &= [
                pair[0] != pair[0] or every[pair[0]] - own[pair] >= LEAST_SEEN for pair in pairs
            ]
        return found

    @classmethod
    def of(
        cls,
        head: HeadDeclaration,
        data: AppraisalData,
        table: IndicatorTable,
        how: TrainingSettings,
    ) -> Growing:
        """The same inputs and settings as the head's, with fewer and larger steps."""
        own = how.of(head.name)
        rate = min(1.0, own.learning_rate * FEWER_TREES)
        quicker = replace(own, trees=max(1, own.trees // FEWER_TREES), learning_rate=rate)
        names = [i.name for i in data.catalogue.inputs(head.name)]
        vocabulary = Vocabulary.learned(table, data.catalogue)
        return cls(head, data, feature_matrix(table, names, vocabulary), quicker)

    def grown(self, said: Numbers, rows: Mask) -> Trees:
        """Trees of the rows of a mask, shape (n,)."""
        inputs = self.data.catalogue.inputs(self.head.name)
        return grow_trees(
            TrainingRows(self.matrix[rows], said[rows]),
            [i.name for i in inputs],
            self.categorical,
            [_SIGNS[i.use[self.head.name]] for i in inputs],
            SQUARED_ERROR,
            self.settings,
        )

    def foreseen(self, said: Numbers, folds: Groups, wanted: Mask) -> Numbers:
        """What trees of the other folds expect of the wanted rows, (n,); unknown elsewhere."""
        known, expected = ~np.isnan(said), np.full(len(said), UNKNOWN)
        for fold in np.unique(folds[wanted]):
            rest, own = known & (folds != fold), wanted & (folds == fold)
            if rest.sum() >= LEAST_FIT_ROWS:
                expected[own] = self.grown(said, rest).predict(self.matrix[own])
        return expected


def residuals(
    data: AppraisalData,
    groups: Sequence[str],
    how: TrainingSettings,
    progress: Callable[[int], None] = lambda outcomes: None,
) -> Iterator[Residuals]:
    """The residuals of each watched outcome, out of fold by group."""
    table = indicator_table(data.projects, data.catalogue)
    folds = group_folds(groups)
    peers = PeerGroups.learned(table, data.catalogue)
    similar = finest(peers.memberships(table, data.catalogue))
    for watched in watched_outcomes(data, table):
        known = ~np.isnan(watched.said)
        growing = Growing.of(watched.head, data, table, how)
        comparable = growing.seen_elsewhere(folds)
        expected = growing.foreseen(watched.said, folds, known & comparable)
        # Of a sort that only its own fold has: foreseen by others of its sort, whoever they are.
        alone = np.arange(len(known)) % FOLDS
        expected = np.where(
            comparable, expected, growing.foreseen(watched.said, alone, known & ~comparable)
        )
        rows = np.flatnonzero(~np.isnan(expected))
        if len(rows):
            said, foreseen = watched.said[rows], expected[rows]
            standard = _standard(said - foreseen, data.years[rows], similar[rows])
            yield Residuals(watched, rows, said, foreseen, standard, comparable[rows])
        progress(1)


def group_folds(groups: Sequence[str]) -> Groups:
    """The fold of each row: whole groups, the greatest first into the emptiest fold."""
    fold_of: dict[str, int] = {}
    filled = [0] * FOLDS
    for group, count in sorted(Counter(groups).items(), key=lambda each: (-each[1], each[0])):
        fold_of[group] = filled.index(min(filled))
        filled[fold_of[group]] += count
    return np.array([fold_of[group] for group in groups], dtype=np.int64)


def _standard(error: Numbers, rounds: Groups, similar: Groups) -> Numbers:
    found = error.copy()
    for year in np.unique(rounds):
        found[rounds == year] -= np.median(found[rounds == year])
    scale = np.full(len(found), spread(found))
    for group in np.unique(similar):
        inside = similar == group
        if inside.sum() >= _LEAST_SCALED:
            scale[inside] = spread(found[inside])
    scale[scale == 0] = np.inf
    return np.asarray(found / scale, dtype=np.float64)


def spread(values: Numbers) -> float:
    """The standard deviation as the median absolute deviation tells it."""
    return float(_NORMAL * np.median(np.abs(values - np.median(values))))
