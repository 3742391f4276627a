"""The published results of checks: what is found of what was planted, a section for each check."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from training.duplicates.results import duplicates_section, japan_section
from training.results.over_standard_lines import over_standard_section
from training.results.rule_findings import rules_section

Progress = Callable[[str], None]
Section = Callable[[Progress], str]

SECTIONS: tuple[Section, ...] = (duplicates_section, over_standard_section, rules_section)
"""Each gives Markdown that begins with a heading of the second level."""

_HEAD = """# Results of checks

Faults are planted into freshly simulated provinces ([province.md](province.md)), whose seeds
nothing was calibrated on, and searched for. *Precision* is the share of what was found that had
been planted, *recall* the share of what was planted that was found. `lingji report checks`
writes this page. """


def write_results(out: Path, progress: Progress, japan_review: Path | None = None) -> None:
    """Measure every check and write the page.

    Args:
        japan_review: the file of real programme reviews; without it their section says so.
    """
    told = [_HEAD, *(section(progress) for section in SECTIONS)]
    told.append(japan_section(japan_review, progress))
    out.write_text("\n\n".join(part.strip() for part in told) + "\n", encoding="utf-8")
