"""A finding: its states, who may do what, and when it is overdue."""

from __future__ import annotations

from datetime import date

import pytest
from pydantic import ValidationError

from models.release.review import Severity
from models.review.finding import Answered, Closed, Entry, Finding, Noted, Opened, Returned, State

OPENED = Opened(
    round="2-abc", text="too high for roads", severity=Severity.MAJOR, owner="Li", due="2026-01-31"
)
ANSWERED = Answered(text="trained without them", fixed_in=3, evidence="tests/test_roads.py")


def finding(*entries: tuple[str, Entry]) -> Finding:
    noted = [Noted(f"id-{n}", f"2026-01-0{n + 1}", by, e) for n, (by, e) in enumerate(entries)]
    return Finding.of(noted)


def test_open_answered_closed() -> None:
    opened = ("expert", OPENED)
    answered = ("trainer", ANSWERED)
    assert finding(opened).state is State.OPEN
    assert finding(opened, answered).state is State.ANSWERED
    closed = finding(opened, answered, ("expert", Closed(text="seen")))
    assert closed.state is State.CLOSED
    assert closed.answered is not None
    entry = closed.answered.entry
    assert isinstance(entry, Answered)
    assert (entry.fixed_in, entry.evidence) == (3, "tests/test_roads.py")
    returned = finding(opened, answered, ("expert", Returned(text="bridges too")))
    assert returned.state is State.OPEN


def test_what_does_not_fit_changes_nothing() -> None:
    opened, answered = ("expert", OPENED), ("trainer", ANSWERED)
    assert finding(opened, ("expert", Closed(text="early"))).state is State.OPEN
    assert finding(opened, answered, answered).entries[-1].record_id == "id-1"
    own = finding(opened, answered, ("trainer", Closed(text="I say so")))
    assert own.state is State.ANSWERED, "who answered does not close"
    closed = finding(opened, answered, ("expert", Closed(text="seen")), answered)
    assert closed.state is State.CLOSED


@pytest.mark.parametrize(
    ("today", "overdue"), [(date(2026, 1, 31), False), (date(2026, 2, 1), True)]
)
def test_overdue_from_the_day_after(today: date, overdue: bool) -> None:
    opened, answered = ("expert", OPENED), ("trainer", ANSWERED)
    assert finding(opened).overdue(today) is overdue
    assert finding(opened, answered).overdue(today) is overdue, "an answer does not stop it"
    assert not finding(opened, answered, ("expert", Closed(text="seen"))).overdue(today)


def test_a_day_that_there_is_not_is_refused() -> None:
    with pytest.raises(ValidationError, match="day is out of range"):
        Opened(**{**OPENED.model_dump(), "due": "2026-02-30"})
