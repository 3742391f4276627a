"""The reference of a model: what its inputs and its answers were like when it was made.

Inputs are counted over the rounds learned from. Answers are counted over the rounds that calibrated
it, of which the trees have seen no outcome; and cell by cell of similar projects it is kept how
often their ranges held the outcome, so that the coverage of other projects can be estimated.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from features.operations import Numbers
from models.bins import Bins, Counts, counted
from models.peers import Groups

FIFTHS = 5


@dataclass(frozen=True)
class Binned:
    """A column as it was: its bins, and how many values were in each, shape (bins,)."""

    bins: Bins
    counts: Counts

    @classmethod
    def of(cls, values: Numbers, codes: bool = False) -> Binned:
        """The column of these values."""
        bins = Bins.of(values, codes)
        return cls(bins, bins.counts(values))

    def to_json(self) -> dict[str, Any]:
        """A JSON form from which `from_json` makes an equal object."""
        return {"bins": self.bins.to_json(), "counts": self.counts.tolist()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Binned:
        """The object of which `data` is the JSON form."""
        return cls(Bins.from_json(data["bins"]), np.array(data["counts"], dtype=np.int64))


@dataclass(frozen=True)
class Cells:
    """How often ranges held the outcome, in cells of similar projects.

    A cell is a fifth of the predicted values within a peer group. edges: (4,), the cuts between
    fifths. cases, covered: (groups, 5), how many calibration cases, and whose outcome was inside.
    """

    edges: Numbers
    cases: Counts
    covered: Counts

    @classmethod
    def of(cls, value: Numbers, peer: Groups, inside: Numbers, groups: int) -> Cells:
        """The cells of calibration cases.

        Args:
            value: (n,), predicted. peer: (n,), the finest group. inside: (n,), 1 or 0.
            groups: how many peer groups there are.
        """
        edges = np.unique(np.quantile(value, np.arange(1, FIFTHS) / FIFTHS))
        edges = np.pad(edges, (0, FIFTHS - 1 - len(edges)), constant_values=np.inf)
        cells = peer * FIFTHS + np.searchsorted(edges, value, side="right")
        shape = (groups, FIFTHS)
        cases = np.bincount(cells, minlength=groups * FIFTHS).reshape(shape)
        covered = np.bincount(cells, weights=inside, minlength=groups * FIFTHS).reshape(shape)
        return cls(edges, cases.astype(np.int64), covered.astype(np.int64))

    def places(self, value: Numbers, peer: Groups) -> Groups:
        """The cell of each project, shape (n,); −1 where nothing is predicted."""
        at = peer * FIFTHS + np.searchsorted(self.edges, value, side="right")
        return np.where(np.isnan(value), -1, at).astype(np.int64)

    def to_json(self) -> dict[str, Any]:
        """A JSON form from which `from_json` makes an equal object."""
        edges = [None if np.isinf(edge) else edge for edge in self.edges.tolist()]
        return {"edges": edges, "cases": self.cases.tolist(), "covered": self.covered.tolist()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Cells:
        """The object of which `data` is the JSON form."""
        edges = [np.inf if edge is None else edge for edge in data["edges"]]
        return cls(
            np.array(edges, dtype=np.float64),
            np.array(data["cases"], dtype=np.int64),
            np.array(data["covered"], dtype=np.int64),
        )


@dataclass(frozen=True)
class HeadReference:
    """What a head's answers were like.

    values: on its additive scale. leading: (terms,), how often each term was the leading reason.
    cells: of its ranges; None for a head without.
    """

    values: Binned
    leading: Counts
    cells: Cells | None

    def to_json(self) -> dict[str, Any]:
        """A JSON form from which `from_json` makes an equal object."""
        return {
            "values": self.values.to_json(),
            "leading": self.leading.tolist(),
            "cells": None if self.cells is None else self.cells.to_json(),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> HeadReference:
        """The object of which `data` is the JSON form."""
        cells = None if data["cells"] is None else Cells.from_json(data["cells"])
        leading = np.array(data["leading"], dtype=np.int64)
        return cls(Binned.from_json(data["values"]), leading, cells)


@dataclass(frozen=True)
class Reference:
    """What a model is held against. inputs: by indicator. heads: by name."""

    inputs: Mapping[str, Binned]
    heads: Mapping[str, HeadReference]

    def to_json(self) -> dict[str, Any]:
        """A JSON form from which `from_json` makes an equal object."""
        return {
            "inputs": {name: each.to_json() for name, each in self.inputs.items()},
            "heads": {name: each.to_json() for name, each in self.heads.items()},
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Reference:
        """The object of which `data` is the JSON form."""
        return cls(
            {name: Binned.from_json(each) for name, each in data["inputs"].items()},
            {name: HeadReference.from_json(each) for name, each in data["heads"].items()},
        )


def leading_terms(contributions: Numbers) -> Groups:
    """The place of the term that moved each prediction most, shape (n,); −1 where none did."""
    size = np.nan_to_num(np.abs(contributions))
    if not size.size:
        return np.full(len(contributions), -1, dtype=np.int64)
    return np.where(size.max(axis=1) > 0, size.argmax(axis=1), -1).astype(np.int64)


def leading_counts(leading: Groups, terms: int) -> Counts:
    """How often each of so many terms was the leading one, shape (terms,)."""
    return counted(leading[leading >= 0].astype(np.uint8), terms)
