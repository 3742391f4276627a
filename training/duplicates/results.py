"""The published results of duplicates: on planted faults, and on real programmes that went on."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path

from features.duplicates.compared_fields import Compared, compared_in
from training.duplicates.japan_measured import JapanMeasured, measured_on_reviews
from training.duplicates.japan_verdicts import japan_verdicts
from training.duplicates.measured import Measured, measured_in_province, measured_together
from training.duplicates.planted_calibration import PROJECTS, SEEDS

Progress = Callable[[str], None]
TEST_SEEDS = (201, 202, 203)

_DUPLICATES = """## Duplicates, splits and copies

{projects:,} projects each of the seeds {tests}; the points were calibrated on the seeds {seeds}.

| kind | planted | found | right | precision | recall |
|---|---|---|---|---|---|
{rows}

A pair counts as right where the truth names its two codes under the kind it was found as. What
else was found is not always wrong: two projects that copied a third are copies of each other too,
and a duplicate that was missed may be found as a copy. *continued* are recurring projects that went
on under another code; they are no faults. """

_JAPAN = """## Real programmes that went on from year to year

Japan's programme reviews of {years}: a sheet of each programme and year. Two sheets of the same
name in two years are the same programme; the points were calibrated on other years. What is
compared is the name, purpose, outline and amount.

| | pairs |
|---|---|
| programmes with a sheet in both years | {programmes:,} |
| found as continued | {found:,} |
| of these with the same name | {same:,} |
| recall | {recall:.1%} |
| found, with another name | {renamed:,} |
| pairs of one ministry that were compared and not found | {compared:,} |

{verdicts}"""

_NO_JAPAN = """## Real programmes that went on from year to year

Not measured: give the file of Japanese programme reviews with `--data`.
"""


def duplicates_section(progress: Progress) -> str:
    """How well what was planted is found, as Markdown."""
    compared = _compared("zero_base")
    of_seeds = []
    for seed in TEST_SEEDS:
        progress(f"duplicates, seed {seed}")
        of_seeds.append(measured_in_province(compared, seed, PROJECTS))
    rows = "\n".join(_row(kind) for kind in measured_together(of_seeds))
    return _DUPLICATES.format(
        projects=PROJECTS, tests=_listed(TEST_SEEDS), seeds=_listed(SEEDS), rows=rows
    )


def japan_section(file: Path | None, progress: Progress) -> str:
    """How well real programmes are found again, as Markdown."""
    if file is None:
        return _NO_JAPAN
    progress("duplicates, real programmes")
    told: JapanMeasured = measured_on_reviews(file, _compared("japan_review"))
    return _JAPAN.format(
        years="–".join(map(str, told.years)),
        programmes=told.programmes,
        found=told.found,
        same=told.same_name,
        recall=told.recall,
        renamed=told.found - told.same_name,
        compared=told.not_found,
        verdicts=japan_verdicts(told),
    )


def _compared(catalogue: str) -> Compared:
    compared = compared_in(catalogue)
    assert compared is not None  # noqa: S101 - shipped
    return compared


def _row(kind: Measured) -> str:
    shares = (kind.precision, kind.recall)
    told = " | ".join("–" if math.isnan(share) else f"{share:.3f}" for share in shares)
    return f"| {kind.kind} | {kind.planted} | {kind.found} | {kind.right} | {told} |"


def _listed(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers))
