"""Errors of serving itself.

LingjiError
├── AccessError       somebody not let in, or a rule of access that cannot be followed
├── ServiceError      a service that cannot start in the way that it was asked to
└── ScoringError      a file whose scoring broke off
"""

from __future__ import annotations

from pathlib import Path

from features.errors import LingjiError


class ServiceError(LingjiError):
    """A service that cannot start in the way that it was asked to."""


class ScoringError(LingjiError):
    """A file whose scoring broke off: at which rows, what happened, and what to do.

    trace: where in the code, when it is known; for whoever mends it.
    """

    def __init__(
        self, source: Path, rows: tuple[int, int], happened: str, hint: str, trace: str = ""
    ) -> None:
        self.source, self.rows, self.happened, self.trace = source, rows, happened, trace
        place = f"rows {rows[0]:,} to {rows[1]:,}"
        super().__init__(
            f"{source}, {place}: expected every row to be answered; got {happened}; "
            f"nothing was written; {hint}"
        )


class AccessError(LingjiError):
    """Somebody who is not let in, or a rule of access that cannot be followed as it is written."""
