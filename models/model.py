"""A model: a catalogue's heads with everything needed to predict, compare and explain."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from features.catalogue import Catalogue
from features.declared_project import DeclaredProject
from features.indicator_table import IndicatorTable, Vocabulary, feature_matrix, indicator_table
from features.operations import Numbers
from models.evaluated import Evaluated
from models.head import Head, HeadPrediction
from models.heads_together import HeadsTogether
from models.past_projects import PastProjects, PeerSummary
from models.peers import Groups, PeerGroups, finest
from models.reference import Reference


@dataclass(frozen=True)
class ModelFacts:
    """What an answer quotes about the model it comes from.

    years: the rounds learned from, first and last. simulated: trained on an invented province.
    recipe: how it was trained, in JSON, so that a challenger can be trained the same way; empty
    where it was not kept (`training.recipe`).
    """

    created: str
    data_digest: str
    years: tuple[int, int]
    rows: int
    simulated: bool
    learned: tuple[str, ...]
    left_out: Mapping[str, str]
    software: Mapping[str, str]
    recipe: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Prediction:
    """What a model says of n projects, before it is put into words.

    matrix: (n, columns), what its heads read. memberships: (n, depth), the peer groups of each,
    finest first. peer: (n,), the finest one, which it is compared with. begun: gives what the
    heads say, which may be worked out while something else is done.
    """

    projects: Sequence[DeclaredProject]
    table: IndicatorTable
    matrix: Numbers
    memberships: Groups
    peer: Groups
    begun: Callable[[], Mapping[str, HeadPrediction]]

    @cached_property
    def heads(self) -> Mapping[str, HeadPrediction]:
        """What each head says, under its name."""
        return self.begun()


@dataclass(frozen=True)
class Model:
    """One trained version: predicts and compares; knows nothing of files, HTTP or words.

    evaluated: what it was worth on later rounds; None where there were none. reference: what its
    inputs and answers were like, for monitoring; None for one that was made before that was kept.
    """

    catalogue: Catalogue
    vocabulary: Vocabulary
    peers: PeerGroups
    heads: Mapping[str, Head]
    summary: PeerSummary
    past: PastProjects
    facts: ModelFacts
    evaluated: Evaluated | None = None
    reference: Reference | None = None

    def predict(
        self,
        projects: Sequence[DeclaredProject],
        explain: bool = True,
        compared_as: Prediction | None = None,
    ) -> Prediction:
        """Every head's prediction, range and contributions for the projects, in their order.

        Without `explain`, contributions and base are NaN and cost nothing. `compared_as`: another
        prediction of as many projects, whose peer groups take the place of the projects' own.
        """
        table = indicator_table(projects, self.catalogue)
        return self.predict_table(projects, table, explain, compared_as)

    def predict_table(
        self,
        projects: Sequence[DeclaredProject],
        table: IndicatorTable,
        explain: bool = True,
        compared_as: Prediction | None = None,
    ) -> Prediction:
        """The same of projects whose indicators are in a table already, a row for each."""
        if compared_as is None:
            memberships = self.peers.memberships(table, self.catalogue)
        else:
            memberships = compared_as.memberships
        peer = finest(memberships)
        matrix = feature_matrix(table, self.columns, self.vocabulary)
        begun = self._together.begun(table, matrix, memberships, peer, explain)
        return Prediction(projects, table, matrix, memberships, peer, begun)

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """What any head reads and what decides resemblance: the one matrix that serves all."""
        read = [name for head in self.heads.values() for name in head.central.features]
        return tuple(dict.fromkeys([*read, *self.past.features]))

    @cached_property
    def _together(self) -> HeadsTogether:
        return HeadsTogether(self.heads.values(), self.columns)

    @cached_property
    def _decisive(self) -> npt.NDArray[np.int64]:
        """Where in the matrix is what decides resemblance."""
        return np.array([self.columns.index(name) for name in self.past.features], dtype=np.int64)

    def similar(self, prediction: Prediction, row: int) -> list[tuple[int, float]]:
        """The past projects of the same peer group that most resemble one of a prediction.

        Positions in `past` and distances, nearest first.
        """
        project_id = prediction.projects[row].project_id
        values = prediction.matrix[row].take(self._decisive)
        return self.past.similar(values, prediction.peer.item(row), project_id)
