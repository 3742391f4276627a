"""A sort of thing while its standards are learned: its bands of scale, and their cells."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from features.operations import Numbers
from features.standards.priced_item import Family, Subject
from training.standards.cells import Middle, Rows

LEAST_SPREAD = 0.02
"""Unit prices that are all but equal, as administered ones, still vary by this much a year."""


@dataclass
class Cell:
    """One cell in the making. rows: of all rounds."""

    group: str
    rows: Rows
    middle: Middle
    low: float = math.nan
    high: float = math.nan


@dataclass
class Band:
    """A band of scale with its cells; the first is that of all regions."""

    number: int
    least: float | None
    below: float | None
    cells: list[Cell]
    spread: float = LEAST_SPREAD


@dataclass
class Kind:
    """A sort of thing of one project type, "" for all types, with its bands.

    comparable: (n,) logarithms of unit prices of all data, without the published index where prices
    follow it. residuals: (n,) of them from the middle of their cell, in units of their band's
    spread; NaN of what is of another kind.
    """

    subject: Subject
    project_type: str
    indexed: bool
    comparable: Numbers
    bands: list[Band]
    residuals: Numbers = field(default_factory=lambda: np.empty(0))


def standard_code(kind: Kind, band: Band, group: str) -> str:
    """A name that stays the same from version to version: what, of which type, how large, where."""
    sort = kind.subject
    parts = [
        "P" if sort.family is Family.PROJECT else f"L-{sort.economic_code}",
        sort.unit.replace("/", "_"),
        kind.project_type or "all",
        *([f"b{band.number}"] if band.number else []),
        *([group] if group else []),
    ]
    return "-".join(parts)
