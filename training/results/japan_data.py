"""The Japanese programme reviews as the published results use them: split, trained, evaluated."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from features.catalogue import load_catalogue
from features.indicator_table import IndicatorTable, indicator_table
from models.model import Model
from models.peers import Groups
from training.appraisal_data import AppraisalData, read_appraisal_data
from training.evaluation import HeadEvaluation, evaluate
from training.fit_head import LearningRows
from training.results.side_trees import Grower
from training.split import Mask, TimeSplit
from training.train import TrainingSettings, train

CATALOGUE = "japan_review"
SPLIT = TimeSplit(fit_until=2017, calibrate_until=2018)
Progress = Callable[[str], None]


@dataclass(frozen=True)
class JapanReview:
    """All sheets with the model that learned from the older ones.

    table, memberships: of all n sheets, in the order of `data`. evaluation: of the test round.
    """

    data: AppraisalData
    settings: TrainingSettings
    model: Model
    table: IndicatorTable
    memberships: Groups
    evaluation: Mapping[str, HeadEvaluation]

    @property
    def fit(self) -> Mask:
        """The sheets learned from, shape (n,)."""
        return self.settings.split.fit(self.data.years)

    @property
    def calibrate(self) -> Mask:
        """The sheets calibrated with, shape (n,)."""
        return self.settings.split.calibrate(self.data.years)

    @property
    def test(self) -> Mask:
        """The sheets tested on, shape (n,)."""
        return self.settings.split.test(self.data.years)

    def unseen(self) -> Mask:
        """The test sheets of programmes that have no earlier sheet, shape (n,)."""
        ids = np.array([project.project_id for project in self.data.projects])
        return self.test & ~np.isin(ids, np.unique(ids[~self.test]))

    def tested(self, head: str) -> Groups:
        """The positions, among all sheets, of a head's evaluated projects."""
        return np.asarray(np.flatnonzero(self.test)[self.evaluation[head].rows], dtype=np.int64)

    def grower(self) -> Grower:
        """What grows baselines by the model's own settings."""
        return Grower(self.data.catalogue, self.table, self.model.vocabulary, self.settings.trees)

    def learning_rows(self) -> LearningRows:
        """What the model learned from, as its heads saw it."""
        learned = np.flatnonzero(~self.test)
        return LearningRows(
            self.data.catalogue,
            self.table.rows(learned),
            self.model.vocabulary,
            self.memberships[learned],
            len(self.model.peers.groups),
            self.data.years[learned],
            self.fit[learned],
            self.calibrate[learned],
        )


def read_japan_review(file: Path) -> AppraisalData:
    """The sheets of the file that the user names.

    Raises:
        FileError: when the file is absent or is not what the catalogue describes.
    """
    return read_appraisal_data(file, load_catalogue(CATALOGUE))


def trained_japan_review(data: AppraisalData, progress: Progress) -> JapanReview:
    """The model of the fixed split with its evaluation on the test round."""
    settings = TrainingSettings.usual(SPLIT, data.catalogue)
    model = train(data, settings, lambda head: progress(f"training: {head}"))
    progress("evaluation")
    evaluation = evaluate(model, data.where(SPLIT.test(data.years)))
    table = indicator_table(data.projects, data.catalogue)
    memberships = model.peers.memberships(table, data.catalogue)
    return JapanReview(data, settings, model, table, memberships, evaluation)
