"""A model: a catalogue's heads with everything needed to predict, compare and explain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from features.catalogue import Catalogue
from features.declared_project import DeclaredProject
from features.indicator_table import IndicatorTable, Vocabulary, feature_matrix, indicator_table
from features.operations import Numbers
from models.conformal import Groups
from models.head import Head, HeadPrediction
from models.past_projects import PastProjects, PeerSummary
from models.peers import PeerGroups, finest


@dataclass(frozen=True)
class ModelFacts:
    """What an answer quotes about the model it comes from.

    years: the rounds learned from, first and last. simulated: trained on an invented province.
    """

    created: str
    data_digest: str
    years: tuple[int, int]
    rows: int
    simulated: bool
    learned: tuple[str, ...]
    left_out: Mapping[str, str]
    software: Mapping[str, str]


@dataclass(frozen=True)
class Prediction:
    """What a model says of n projects, before it is put into words.

    memberships: (n, depth), the peer groups of each, finest first. peer: (n,), the finest one,
    which it is compared with.
    """

    projects: Sequence[DeclaredProject]
    table: IndicatorTable
    memberships: Groups
    peer: Groups
    heads: Mapping[str, HeadPrediction]


@dataclass(frozen=True)
class Model:
    """One trained version: predicts and compares; knows nothing of files, HTTP or words."""

    catalogue: Catalogue
    vocabulary: Vocabulary
    peers: PeerGroups
    heads: Mapping[str, Head]
    summary: PeerSummary
    past: PastProjects
    facts: ModelFacts

    def predict(self, projects: Sequence[DeclaredProject], explain: bool = True) -> Prediction:
        """Every head's prediction, range and contributions for the projects, in their order.

        Without `explain`, contributions and base are NaN and cost nothing.
        """
        table = indicator_table(projects, self.catalogue)
        memberships = self.peers.memberships(table, self.catalogue)
        peer = finest(memberships)
        matrix = feature_matrix(table, self._features, self.vocabulary)
        heads = {
            name: head.predict(table, matrix, memberships, peer, explain)
            for name, head in self._together.items()
        }
        return Prediction(projects, table, memberships, peer, heads)

    @cached_property
    def _features(self) -> tuple[str, ...]:
        """What any head reads: the columns of the one matrix that serves them all."""
        heads = self.heads.values()
        return tuple(dict.fromkeys(name for head in heads for name in head.central.features))

    @cached_property
    def _together(self) -> Mapping[str, Head]:
        """The heads, each for the matrix that serves them all."""
        return {name: head.over(self._features) for name, head in self.heads.items()}

    def similarity_row(self, table: IndicatorTable, row: int) -> Numbers:
        """The values that decide one row's resemblance to past projects, shape (features,)."""
        names = self.past.features
        single = IndicatorTable({name: table[name][row : row + 1] for name in names}, 1)
        return np.asarray(feature_matrix(single, names, self.vocabulary)[0], dtype=np.float64)
