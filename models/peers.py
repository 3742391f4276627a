"""Peer groups: the similar past projects that a project is compared and calibrated with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from features.catalogue import Catalogue
from features.indicator_table import IndicatorTable
from features.operations import Column

Groups = npt.NDArray[np.int64]

LEAST_PEERS = 30
ALL = "all"


@dataclass(frozen=True)
class PeerGroup:
    """One group: the category indicator and its code (for "all", both empty)."""

    indicator: str
    code: str


@dataclass(frozen=True)
class PeerGroups:
    """Every group of past projects that is large enough; group 0 holds all of them.

    `levels` are the catalogue's category indicators, finest first.
    """

    levels: tuple[str, ...]
    groups: tuple[PeerGroup, ...]

    @classmethod
    def learned(
        cls, table: IndicatorTable, catalogue: Catalogue, least: int = LEAST_PEERS
    ) -> PeerGroups:
        """The groups of a training table that have at least `least` members."""
        groups = [PeerGroup("", ALL)]
        for level in catalogue.peers:
            counts = Counter(_codes(table[level], level, catalogue))
            groups += [
                PeerGroup(level, code)
                for code, count in sorted((c, n) for c, n in counts.items() if c is not None)
                if count >= least
            ]
        return cls(catalogue.peers, tuple(groups))

    @cached_property
    def _index(self) -> dict[tuple[str, str], int]:
        return {(g.indicator, g.code): number for number, g in enumerate(self.groups)}

    def memberships(self, table: IndicatorTable, catalogue: Catalogue) -> Groups:
        """The groups of each row, finest first, "all" last: shape (n, levels + 1), −1 for none."""
        result = np.zeros((table.length, len(self.levels) + 1), dtype=np.int64)
        for depth, level in enumerate(self.levels):
            codes = _codes(table[level], level, catalogue)
            result[:, depth] = [
                -1 if code is None else self._index.get((level, code), -1) for code in codes
            ]
        return result

    def to_json(self) -> dict[str, Any]:
        """A JSON form from which `from_json` makes an equal object."""
        return {
            "levels": list(self.levels),
            "groups": [[group.indicator, group.code] for group in self.groups],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> PeerGroups:
        """The object of which `data` is the JSON form."""
        return cls(tuple(data["levels"]), tuple(PeerGroup(*pair) for pair in data["groups"]))


def finest(memberships: Groups) -> Groups:
    """The finest group of each row, shape (n,)."""
    first = (memberships >= 0).argmax(axis=1)
    return np.asarray(memberships[np.arange(len(memberships)), first], dtype=np.int64)


def _codes(column: Column, level: str, catalogue: Catalogue) -> Sequence[str | None]:
    """The codes of a category column; an ordered category's positions turned back into codes."""
    indicator = catalogue.by_name[level]
    if indicator.ordered and indicator.codes:
        names = list(indicator.codes)
        return [None if np.isnan(v) else names[int(v)] for v in column]
    return list(column)
