"""How well unit prices above their standards are found: the section of the published page."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from features.catalogue import load_catalogue
from training.appraisal_data import read_appraisal_data
from training.province import simulate_province
from training.results.markdown import percent, table
from training.standards.building import built_library
from training.standards.differing import library_difference
from training.standards.planted_lines import (
    FoundLines,
    flagged_lines_of,
    found_lines,
    planted_lines,
)

SEEDS, PROJECTS = (51, 52, 53), 12_000
"""Fresh: the numbers of the policy were chosen on seeds 11 to 14, tried on 21 to 43."""
_ROUNDS = 2


@dataclass(frozen=True)
class SeedFigures:
    """What was found in one province.

    inside, cases: later approved unit prices within their range. false_alarms, uncut: flagged
    lines among those of projects approved in full.
    """

    seed: int
    found: FoundLines
    standards: int
    inside: int
    cases: int
    false_alarms: int
    uncut: int


def over_standard_section(progress: Callable[[str], None]) -> str:
    """The section, in Markdown."""
    figures = []
    for seed in SEEDS:
        progress(f"over-standard lines, seed {seed}")
        figures.append(seed_figures(seed, PROJECTS))
    return _section(figures)


def seed_figures(seed: int, projects: int) -> SeedFigures:
    """What is found in the last two rounds of a province with planted faults.

    The standards are learned from its earlier rounds, with the faults that are planted there.
    """
    with tempfile.TemporaryDirectory() as folder:
        simulate_province(Path(folder), projects, seed=seed, planting=True)
        data = read_appraisal_data(Path(folder), load_catalogue("zero_base"))
        library = built_library(data, (), 1, date(2026, 1, 1))
        found = FoundLines(0, 0, 0)
        last = int(data.years.max())
        for year in range(last - _ROUNDS + 1, last + 1):
            planted = planted_lines(Path(folder) / "truth" / "planted.parquet", year)
            found += found_lines(planted, flagged_lines_of(data, library, year))
        affected = library_difference(library, None, data).affected
    leaves = [each.measured for each in library.learned if each.region_group]
    return SeedFigures(
        seed,
        found,
        len(library.learned),
        sum(each.inside for each in leaves),
        sum(each.cases for each in leaves),
        affected.false_alarms,
        affected.uncut,
    )


def _section(figures: list[SeedFigures]) -> str:
    whole = sum((each.found for each in figures), FoundLines(0, 0, 0))
    rows = [[str(each.seed), *_cells(each.found), *_more([each])] for each in figures]
    rows.append(["**all**", *_cells(whole), *_more(figures)])
    heading = ["seed", "planted", "flagged", "right", "precision", "recall", "coverage",
               "false alarms"]  # fmt: skip
    return "\n\n".join(
        [
            "## Lines above their expenditure standard",
            f"In provinces of {PROJECTS:,} projects and six rounds the unit price of one project "
            "in fifty is padded, mostly to 1.8–3 times what was honest "
            "([province.md](province.md)). Standards are learned as "
            "[standards.md](standards.md) says, from the rounds before the last two, planted "
            "faults and naturally padding departments among them; the last two rounds are "
            "judged. A flag counts as right only where a price was planted in that very line: a "
            "department that pads on its own account counts as a false alarm here.",
            table(heading, rows),
            "Coverage is how many approved unit prices of the last round lie in the 80 % range "
            "of their cell; false alarms are flags among lines of projects that were approved in "
            "full.",
        ]
    )


def _cells(found: FoundLines) -> list[str]:
    counts = (found.planted, found.flagged, found.both)
    return [*(f"{count:,}" for count in counts), percent(found.precision), percent(found.recall)]


def _more(figures: list[SeedFigures]) -> list[str]:
    inside, cases = (sum(getattr(f, name) for f in figures) for name in ("inside", "cases"))
    alarms, uncut = (sum(getattr(f, name) for f in figures) for name in ("false_alarms", "uncut"))
    return [percent(inside / cases), percent(alarms / uncut, 2)]
