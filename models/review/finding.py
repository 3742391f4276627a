"""A finding of a review: what has to be put right, by whom and until when, and what became of it.

A finding is what its entries make of it, in their order: opened, answered, returned, closed. An
entry that does not fit the state before it changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, field_validator

from features.form import Form, Words
from models.people import Name
from models.release.review import Severity
from models.review.case import CaseId

Day = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d\d-\d\d$")]


class State(StrEnum):
    """Where a finding stands."""

    OPEN = "open"
    ANSWERED = "answered"
    CLOSED = "closed"


class Opened(Form):
    """What somebody found. round: its name; case: where it is of a case, not of the comparison."""

    step: Literal["opened"] = "opened"
    round: str
    case: CaseId | None = None
    text: Words
    severity: Annotated[Severity, Field(strict=False)]
    owner: Name
    due: Day

    @field_validator("due")
    @classmethod
    def _a_day(cls, due: str) -> str:
        date.fromisoformat(due)
        return due


class Answered(Form):
    """What was done about it. fixed_in: the version that puts it right, where one does. evidence:
    the test, record or file that proves it."""

    step: Literal["answered"] = "answered"
    text: Words
    fixed_in: Annotated[int, Field(ge=1)] | None = None
    evidence: Words


class Returned(Form):
    """That the answer is not enough, and why."""

    step: Literal["returned"] = "returned"
    text: Words


class Closed(Form):
    """That the answer is enough."""

    step: Literal["closed"] = "closed"
    text: Words


Entry = Opened | Answered | Returned | Closed
_AFTER: dict[type[Entry], tuple[State, State]] = {
    Answered: (State.OPEN, State.ANSWERED),
    Returned: (State.ANSWERED, State.OPEN),
    Closed: (State.ANSWERED, State.CLOSED),
}
"""Per entry, the state that it needs and the one that it leaves."""


@dataclass(frozen=True)
class Noted:
    """An entry as the log has it: in which record, when, by whom."""

    record_id: str
    time: str
    by: str
    entry: Entry


@dataclass(frozen=True)
class Finding:
    """A finding with the entries that counted, oldest first; the first one opened it."""

    entries: tuple[Noted, ...]

    @classmethod
    def of(cls, noted: Sequence[Noted]) -> Finding:
        """The finding that entries make, of which the first opens it."""
        found = cls((noted[0],))
        for each in noted[1:]:
            if found.takes(type(each.entry), each.by):
                found = cls((*found.entries, each))
        return found

    @property
    def id(self) -> str:
        """The id of the record that opened it."""
        return self.entries[0].record_id

    @property
    def opened(self) -> Opened:
        """What was found."""
        entry = self.entries[0].entry
        assert isinstance(entry, Opened)  # noqa: S101 - `of` is given it first
        return entry

    @property
    def state(self) -> State:
        """Where it stands."""
        last = type(self.entries[-1].entry)
        return State.OPEN if last is Opened else _AFTER[last][1]

    @property
    def answered(self) -> Noted | None:
        """The last answer."""
        answers = [each for each in self.entries if isinstance(each.entry, Answered)]
        return answers[-1] if answers else None

    def takes(self, entry: type[Entry], by: str) -> bool:
        """Whether somebody may add such an entry now; who answered does not judge the answer."""
        if entry is Opened or _AFTER[entry][0] is not self.state:
            return False
        judged = entry in (Returned, Closed)
        return not (judged and self.answered is not None and self.answered.by == by)

    def overdue(self, today: date) -> bool:
        """Whether its day has passed, and it is not closed."""
        return self.state is not State.CLOSED and date.fromisoformat(self.opened.due) < today
