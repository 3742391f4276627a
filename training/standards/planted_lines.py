"""How well padded unit prices are found: what was planted in an invented province, beside flags."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq

from features.standards.library import Library
from features.standards.over_standard import over_standard
from features.standards.priced_item import priced_items
from training.appraisal_data import AppraisalData
from training.province.planting.planted import PADDED_PRICE

Line = tuple[str, int, str]
"""A line: the project, the fiscal year, the place in the document."""


@dataclass(frozen=True)
class FoundLines:
    """Counts of planted lines and of flagged ones. both: planted and flagged."""

    planted: int
    flagged: int
    both: int

    @property
    def precision(self) -> float:
        """The share of flags that are right; 1 without any flag."""
        return self.both / self.flagged if self.flagged else 1.0

    @property
    def recall(self) -> float:
        """The share of planted lines that are flagged; 1 where nothing is planted."""
        return self.both / self.planted if self.planted else 1.0

    def __add__(self, other: FoundLines) -> FoundLines:
        return FoundLines(
            self.planted + other.planted, self.flagged + other.flagged, self.both + other.both
        )


def planted_lines(planted: Path, year: int) -> set[Line]:
    """The lines of a round whose unit price was padded, from `truth/planted.parquet`."""
    table = pq.read_table(planted)
    there = pc.and_(pc.equal(table["kind"], PADDED_PRICE), pc.equal(table["fiscal_year"], year))
    rows = table.filter(there).to_pylist()
    return {(row["project_id"], row["fiscal_year"], row["item"]) for row in rows}


def flagged_lines_of(data: AppraisalData, library: Library, year: int) -> set[Line]:
    """The lines of a round that are over their standard."""
    return {
        (each.item.project_id, each.item.year, each.item.place)
        for project in data.projects
        if project.year == year
        for each in over_standard(
            list(priced_items(project, data.catalogue, library.fields)), library
        )
    }


def found_lines(planted: set[Line], flagged: set[Line]) -> FoundLines:
    """How many planted lines are flagged, and how many flags are right."""
    return FoundLines(len(planted), len(flagged), len(planted & flagged))
