"""What a version of the library changes: which standards move, why, and whom it would affect."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from features.form import Count, Digest, Form, Share


class Cause(StrEnum):
    """Why a standard moved: prices of the later round, other cells, or new data."""

    PRICE = "price"
    SPLIT = "split"
    DATA = "data"


class Moved(Form):
    """One learned standard before and after, in yuan per unit.

    change: after ÷ before − 1, of the middle. causes: factors of that change, which multiply to it.
    """

    code: str
    before: tuple[float, float, float, float]
    after: tuple[float, float, float, float]
    change: float
    causes: dict[Cause, float]

    @property
    def cause(self) -> Cause:
        """The cause that moved it most."""
        return max(self.causes, key=lambda cause: abs(self.causes[cause] - 1))


class Affected(Form):
    """Whom one version would have flagged in the latest round of the data.

    lines: with a standard. flagged: of them, over it. projects: with such a line. excess: yuan over
    the standards. uncut: lines of projects that were approved in full; false_alarms: of them,
    flagged.
    """

    lines: Count
    flagged: Count
    projects: Count
    excess: Annotated[float, Field(ge=0)]
    uncut: Count
    false_alarms: Count

    @property
    def false_alarm_rate(self) -> Share | None:
        """The share of lines approved in full that would have been flagged; None without any."""
        return self.false_alarms / self.uncut if self.uncut else None


class LibraryDifference(Form):
    """One version beside the one before it; None where it is the first.

    digest: of the version. round: the one on which effects are worked out. newly, no_longer: lines
    that only this version, or only the one before, would have flagged.
    """

    format: Literal[1]
    version: Annotated[int, Field(ge=1)]
    digest: Digest
    before: int | None
    before_digest: Digest | None
    moved: tuple[Moved, ...]
    added: tuple[str, ...]
    removed: tuple[str, ...]
    round: int
    affected: Affected
    affected_before: Affected | None
    newly: Count
    no_longer: Count
