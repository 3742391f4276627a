"""The report of a round: how far experts agree with each other and with either model."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from features.form import Count, Digest, Form, Moment
from models.release.review import Severity
from models.review.case import ModelRole, Stratum
from models.review.finding import State
from models.review.judgement import Stance
from models.review.round import StratumSize

FILE = "report.json"
PANEL = "panel"
"""The mean of all experts of a case, beside which each expert stands under his own name."""
ALL = "all"
"""The group of every case, weighted back to all projects that could be chosen."""


class WhyNot(StrEnum):
    """Why a figure is not told."""

    TOO_FEW = "too_few"
    CONSTANT = "constant"
    """One side always says the same, so that nothing can be told of agreement."""


class Figure(Form):
    """One figure with its 95 % interval, where it has one, from n cases; or why it is not told."""

    value: float | None = None
    low: float | None = None
    high: float | None = None
    n: Count
    why_not: Annotated[WhyNot | None, Field(strict=False)] = None


class ScoreAgreement(Form):
    """Of one score head. difference: first − second, in points. kappa: weighted by squared
    distance, over classes of 20 points."""

    difference: Figure
    spearman: Figure
    kappa: Figure


class AmountAgreement(Form):
    """Of one amount head. ratio: first ÷ second, the geometric mean. within: the share of first
    amounts that lie in the second's range, where it has one."""

    ratio: Figure
    within: Figure


class Agreement(Form):
    """How far two agree in one group of cases."""

    cases: Count
    grade_kappa: Figure | None
    grade_share: Figure | None
    scores: dict[str, ScoreAgreement]
    amounts: dict[str, AmountAgreement]


class Pair(Form):
    """Two who say something of the same cases. groups: by stratum, and of every case."""

    first: str
    second: str
    groups: dict[str, Agreement]


class ReviewReport(Form):
    """All that a round shows, as the log stood when it was made.

    judged: cases that somebody has judged. experts: by name, how many cases. models: the panel and
    each expert with each model. between: each two experts. stances: what experts thought of each
    model's figures. seen_before: judgements by somebody who had looked at a record of the project.
    """

    format: Literal[1] = 1
    catalogue: str
    version: Annotated[int, Field(ge=1)]
    challenger: Digest
    champion: Digest | None
    comparison: Digest
    round: Digest
    round_name: str
    made: Moment
    log_size: Count
    projects: Count
    strata: dict[Stratum, StratumSize]
    cases: Count
    judged: Count
    judgements: Count
    corrections: Count
    seen_before: Count
    experts: dict[str, Count]
    models: tuple[Pair, ...]
    between: tuple[Pair, ...]
    stances: dict[
        Annotated[ModelRole, Field(strict=False)],
        dict[str, dict[Annotated[Stance, Field(strict=False)], Count]],
    ]
    findings: dict[
        Annotated[Severity, Field(strict=False)],
        dict[Annotated[State, Field(strict=False)], Count],
    ]

    def save(self, folder: Path) -> Path:
        """The file that now holds the report, in the folder of its round."""
        waiting = folder / f"{FILE}.new"
        waiting.write_bytes(self.to_bytes())
        return waiting.replace(folder / FILE)


def report_in(folder: Path) -> ReviewReport | None:
    """The last report of the round in a folder; None while none was made.

    Raises:
        FormError: when it is of another shape.
    """
    path = folder / FILE
    return ReviewReport.read(path) if path.is_file() else None
