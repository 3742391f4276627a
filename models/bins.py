"""Bins: how the values of a column are counted, so that later ones can be held against earlier."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from features.operations import Numbers

TENTHS = 10
COMMONEST = 20
Places = npt.NDArray[np.uint8]
Counts = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Bins:
    """Tenths of a column's earlier values, or its codes; the first bin is for what is unknown.

    edges: rising cuts between bins; or, with `codes`, the values that have a bin each, the
    commonest first, and all others share the last bin.
    """

    edges: Numbers
    codes: bool

    @classmethod
    def of(cls, values: Numbers, codes: bool = False) -> Bins:
        """The bins of earlier values, NaN unknown; few different values are taken for codes."""
        known = values[~np.isnan(values)]
        found, sizes = np.unique(known, return_counts=True)
        if codes or len(found) <= TENTHS:
            return cls(found[np.argsort(-sizes, kind="stable")[:COMMONEST]], True)
        return cls(np.unique(np.quantile(known, np.arange(1, TENTHS) / TENTHS)), False)

    def __len__(self) -> int:
        return len(self.edges) + 2

    def places(self, values: Numbers) -> Places:
        """The bin of each value, shape (n,)."""
        if self.codes:
            order = np.argsort(self.edges, kind="stable")
            at = np.searchsorted(self.edges[order], values).clip(max=max(len(order) - 1, 0))
            hit = self.edges[order][at] == values if len(order) else np.zeros(len(values), bool)
            found = np.where(hit, order[at] + 1 if len(order) else 0, len(self.edges) + 1)
        else:
            found = np.searchsorted(self.edges, values, side="right") + 1
        return np.where(np.isnan(values), 0, found).astype(np.uint8)

    def counts(self, values: Numbers) -> Counts:
        """How many values are in each bin, shape (bins,)."""
        return counted(self.places(values), len(self))

    def to_json(self) -> dict[str, Any]:
        """A JSON form from which `from_json` makes an equal object."""
        return {"edges": self.edges.tolist(), "codes": self.codes}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Bins:
        """The object of which `data` is the JSON form."""
        return cls(np.array(data["edges"], dtype=np.float64), bool(data["codes"]))


def counted(places: Places, bins: int) -> Counts:
    """How many of some places are each of so many bins."""
    return np.bincount(places, minlength=bins).astype(np.int64)
