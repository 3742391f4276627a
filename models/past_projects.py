"""Past projects with their outcomes: what a project is compared with, and who resembles it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from features.catalogue import Catalogue
from features.field import Kind
from features.indicator import Indicator
from features.indicator_table import IndicatorTable, Vocabulary, feature_matrix
from features.operations import Numbers
from models.nearest import frame, nearest
from models.peers import Groups

GREATEST_STORE = 20_000
SPREAD = (0.01, 0.25, 0.5, 0.75, 0.99)
_FAR = 3.0
_NO_CODE = -1.0
"""Where a category is unknown: like no code, and like another unknown one."""


@dataclass(frozen=True)
class PeerSummary:
    """For each peer group, what its members typically are.

    typical: (groups, indicators), the median, or the commonest value of a flag or an unordered
    category. share: (groups, indicators), the share of members that have exactly this value.
    spread: (levels, indicators), the quantiles `SPREAD` over all members.
    count, first_year, last_year: (groups,).
    """

    indicators: tuple[str, ...]
    typical: Numbers
    share: Numbers
    spread: Numbers
    count: npt.NDArray[np.int64]
    first_year: npt.NDArray[np.int64]
    last_year: npt.NDArray[np.int64]

    @cached_property
    def position(self) -> Mapping[str, int]:
        """The column of each indicator in `typical`."""
        return {name: index for index, name in enumerate(self.indicators)}

    @classmethod
    def of(
        cls,
        table: IndicatorTable,
        catalogue: Catalogue,
        vocabulary: Vocabulary,
        memberships: Groups,
        groups: int,
        years: npt.NDArray[np.int64],
    ) -> PeerSummary:
        """The summary of a training table's groups."""
        used = [i for i in catalogue.indicators if i.kind is not Kind.TEXT]
        matrix = feature_matrix(table, [i.name for i in used], vocabulary)
        typical = np.full((groups, len(used)), np.nan)
        share = np.full((groups, len(used)), np.nan)
        spans = np.zeros((3, groups), dtype=np.int64)
        for group in range(groups):
            inside = (memberships == group).any(axis=1)
            for column, indicator in enumerate(used):
                values = matrix[inside, column]
                typical[group, column] = _typical(values, indicator)
                share[group, column] = np.mean(values == typical[group, column])
            spans[:, group] = inside.sum(), years[inside].min(), years[inside].max()
        spread = np.full((len(SPREAD), len(used)), np.nan)
        for column in range(len(used)):
            known = matrix[~np.isnan(matrix[:, column]), column]
            if len(known):
                spread[:, column] = np.quantile(known, SPREAD)
        return cls(tuple(i.name for i in used), typical, share, spread, *spans)


def _typical(values: Numbers, indicator: Indicator) -> float:
    known = values[~np.isnan(values)]
    if len(known) == 0:
        return float("nan")
    if compared_by_share(indicator):
        codes, counts = np.unique(known, return_counts=True)
        return float(codes[counts.argmax()])
    return float(np.median(known))


def compared_by_share(indicator: Indicator) -> bool:
    """Whether peers are told by their commonest value and its share, rather than by a median."""
    return indicator.kind is Kind.FLAG or (
        indicator.kind is Kind.CATEGORY and not indicator.ordered
    )


@dataclass(frozen=True)
class PastProjects:
    """Past projects kept to show who resembles a declared one, and how it went.

    coordinates: (m, features), each feature scaled so that a difference of 1 is typical, times
    the root of its weight. peer: (m, depth) memberships. outcomes: head name → (m,).
    """

    features: tuple[str, ...]
    centre: Numbers
    scale: Numbers
    unordered: npt.NDArray[np.bool_]
    coordinates: Numbers
    memberships: Groups
    ids: npt.NDArray[np.str_]
    years: npt.NDArray[np.int64]
    outcomes: Mapping[str, Numbers]

    @classmethod
    def kept(
        cls,
        matrix: Numbers,
        features: Sequence[str],
        weights: Numbers,
        vocabulary: Vocabulary,
        memberships: Groups,
        ids: Sequence[str],
        years: npt.NDArray[np.int64],
        outcomes: Mapping[str, Numbers],
    ) -> PastProjects:
        """The newest past projects, at most `GREATEST_STORE`, ready to be searched.

        Args:
            matrix: (m, features), the features that decide resemblance.
            weights: (features,), how much each decides; they sum to 1.
        """
        unordered = np.array([name in vocabulary.codes for name in features])
        known = [column[~np.isnan(column)] for column in matrix.T]
        centre = np.array([np.median(column) if len(column) else 0.0 for column in known])
        centre[unordered] = _NO_CODE
        spread = np.array([np.std(column) if len(column) else 0.0 for column in known])
        scale = np.where(spread > 0, spread, 1.0) / np.sqrt(weights)
        newest = np.sort(np.argsort(-years, kind="stable")[:GREATEST_STORE])
        store = cls(
            tuple(features),
            centre,
            np.where(unordered, 1 / np.sqrt(weights), scale),
            unordered,
            np.empty((0, len(features))),
            memberships[newest],
            np.array(ids, dtype=np.str_)[newest],
            years[newest],
            {name: column[newest] for name, column in outcomes.items()},
        )
        object.__setattr__(store, "coordinates", store._place(matrix[newest]))
        return store

    def _place(self, matrix: Numbers) -> Numbers:
        filled = np.where(np.isnan(matrix), self.centre, matrix)
        return np.asarray((filled - self._origin) / self.scale, dtype=np.float64)

    @cached_property
    def _origin(self) -> Numbers:
        """Where each feature is counted from."""
        return np.where(self.unordered, 0.0, self.centre)

    def _members(self, group: int) -> _Members:
        """A group's members, found once per group."""
        found = self._members_found.get(group)
        if found is None:
            places = np.flatnonzero((self.memberships == group).any(axis=1)).astype(np.int64)
            coordinates = np.ascontiguousarray((self.coordinates[places] * self._stretch).T)
            ids = self.ids[places].tolist()
            found = _Members(places.tolist(), ids, Counter(ids), coordinates)
            self._members_found[group] = found
        return found

    @cached_property
    def _members_found(self) -> dict[int, _Members]:
        return {}

    @cached_property
    def _frame(self) -> Numbers:
        """How a project is placed among those that are kept; two codes always are as far apart."""
        far = np.where(self.unordered, np.minimum(1 / self.scale, _FAR), _FAR)
        return frame(self.centre, self._origin, self.scale / self._stretch, far)

    @cached_property
    def _stretch(self) -> Numbers:
        """What draws different codes apart, so that the limit decides and no rounding does."""
        return np.where(self.unordered, 2.0, 1.0)

    def similar(
        self, row: Numbers, group: int, apart_from: str, count: int = 5
    ) -> list[tuple[int, float]]:
        """The `count` most similar members of a peer group: positions and distances, nearest first.

        Args:
            row: (features,), the project's values in the order of `features`.
            apart_from: the project's own id, whose earlier rounds are not counted as similar.
        """
        members = self._members(group)
        ids, places, most = members.ids, members.places, count + members.rounds[apart_from]
        near = nearest(members.coordinates, len(ids), self._frame, row, most)
        others = [(places[at], distance) for at, distance in near if ids[at] != apart_from]
        return others[:count]


@dataclass(frozen=True)
class _Members:
    """The members of a peer group: places among the past projects, ids, stretched coordinates.

    rounds: how many members have the same id. coordinates: (features, members), so that each step
    goes along many members at once.
    """

    places: list[int]
    ids: list[str]
    rounds: Counter[str]
    coordinates: Numbers
