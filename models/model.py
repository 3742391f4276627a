"""A model: a catalogue's heads with everything needed to predict, compare and explain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from features.catalogue import Catalogue
from features.declared_project import DeclaredProject
from features.indicator_table import IndicatorTable, Vocabulary, feature_matrix, indicator_table
from features.operations import Numbers
from models.conformal import Groups
from models.head import Head, HeadPrediction
from models.past_projects import PastProjects, PeerSummary
from models.peers import PeerGroups


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
    """What a model says of n projects, before it is put into words."""

    projects: Sequence[DeclaredProject]
    table: IndicatorTable
    memberships: Groups
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
        heads = {
            name: head.predict(table, self.vocabulary, memberships, explain)
            for name, head in self.heads.items()
        }
        return Prediction(projects, table, memberships, heads)

    def similarity_rows(self, table: IndicatorTable) -> Numbers:
        """The values that decide resemblance to past projects, shape (n, features)."""
        return feature_matrix(table, self.past.features, self.vocabulary)
