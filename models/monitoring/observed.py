"""What a version has answered, compactly: one row for each project of a round, its newest answer.

Memory grows with the number of projects and not of answers, by some hundred bytes each, and is
bounded: beyond the bound the oldest are left out, and it says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from features.operations import Numbers
from models.model import Model
from models.peers import Groups
from models.reference import Reference

MOST_PROJECTS = 200_000
NO_TERM = 255
_FIRST_ROOM = 1_024
Key = tuple[str, int]
"""A project's id and its round."""


@dataclass(frozen=True)
class AnsweredHead:
    """What a head said of n projects, on its additive scale; NaN where nothing.

    value, low, high: (n,). leading: (n,), the place of the leading term, −1 where there is none.
    """

    value: Numbers
    low: Numbers
    high: Numbers
    leading: Groups


@dataclass(frozen=True)
class Answered:
    """Some answers, the newest first.

    matrix: (n, columns), in the order of the model's columns. peer: (n,), the group compared with.
    forecasts: by head, (n,), what the department itself forecast; NaN where it said nothing.
    """

    keys: Sequence[Key]
    matrix: Numbers
    peer: Groups
    heads: Mapping[str, AnsweredHead]
    forecasts: Mapping[str, Numbers]


class Observed:
    """The answers of one version, held against its reference."""

    def __init__(self, model: Model, reference: Reference, most: int = MOST_PROJECTS) -> None:
        self.model, self.reference = model, reference
        self.heads = tuple(name for name in model.heads if name in reference.heads)
        self.left_out = 0
        self._most = most
        self._rows: dict[Key, int] = {}
        self._input_bins = [reference.inputs[name].bins for name in model.columns]
        self._columns = self._room(_FIRST_ROOM)

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def full(self) -> bool:
        """Whether no further project is taken in."""
        return len(self._rows) >= self._most

    @property
    def keys(self) -> Mapping[Key, int]:
        """The row of each project."""
        return self._rows

    def add(self, answered: Answered) -> None:
        """Take answers in, of each project the first that comes: the newest."""
        new = []
        for place, key in enumerate(answered.keys):
            if key in self._rows:
                continue
            if self.full:
                self.left_out += 1
                continue
            self._rows[key] = len(self._rows)
            new.append(place)
        if new:
            self._store(answered, np.array(new, dtype=np.intp))

    def column(self, name: str) -> npt.NDArray[Any]:
        """A column of all rows: year, inputs (n, columns), or `bins`, `leading`, `cells`, `value`,
        `low`, `high` (n, heads), or `forecasts` (n, heads)."""
        return self._columns[name][: len(self._rows)]

    def _store(self, answered: Answered, new: npt.NDArray[np.intp]) -> None:
        end = len(self._rows)
        start = end - len(new)
        if end > len(self._columns["year"]):
            self._grow(end)
        at, columns = slice(start, end), self._columns
        columns["year"][at] = [answered.keys[place][1] for place in new]
        for place, bins in enumerate(self._input_bins):
            columns["inputs"][at, place] = bins.places(answered.matrix[new, place])
        for place, name in enumerate(self.heads):
            head, reference = answered.heads[name], self.reference.heads[name]
            value = head.value[new]
            columns["bins"][at, place] = reference.values.bins.places(value)
            columns["leading"][at, place] = np.where(
                head.leading[new] < 0, NO_TERM, head.leading[new]
            )
            for end_name in ("value", "low", "high"):
                columns[end_name][at, place] = getattr(head, end_name)[new]
            cells = reference.cells
            columns["cells"][at, place] = (
                -1 if cells is None else cells.places(value, answered.peer[new])
            )
            columns["forecasts"][at, place] = (
                answered.forecasts[name][new] if name in answered.forecasts else np.nan
            )

    def _grow(self, wanted: int) -> None:
        room = self._room(max(wanted, 2 * len(self._columns["year"])))
        for name, column in self._columns.items():
            room[name][: len(column)] = column
        self._columns = room

    def _room(self, rows: int) -> dict[str, npt.NDArray[Any]]:
        heads = len(self.heads)
        return {
            "year": np.zeros(rows, dtype=np.int16),
            "inputs": np.zeros((rows, len(self._input_bins)), dtype=np.uint8),
            "bins": np.zeros((rows, heads), dtype=np.uint8),
            "leading": np.zeros((rows, heads), dtype=np.uint8),
            "cells": np.zeros((rows, heads), dtype=np.int32),
            "value": np.zeros((rows, heads)),
            "low": np.zeros((rows, heads)),
            "high": np.zeros((rows, heads)),
            "forecasts": np.zeros((rows, heads), dtype=np.float32),
        }
