"""The filters of a search as they stand in an address, and as a query of the log."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from features.errors import Fault
from serving.records.log_query import LogQuery
from serving.score_record import kept_name

PAGE = 50
FILTERS = (
    "record_id",
    "project_id",
    "department",
    "kind",
    "actor",
    "model_version",
    "about",
    "since",
    "until",
)
_BEFORE = "before"
_LONGEST = 300
_DAY = "%Y-%m-%d"
_MOMENTS = (_DAY, "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S.%f")


@dataclass(frozen=True)
class Filters:
    """What a search is asked for.

    given: the filters as written, without empty ones. before: the place to go on from, or None.
    faults: what cannot be a filter; then there is no query.
    """

    given: dict[str, str]
    before: int | None
    faults: tuple[Fault, ...]
    query: LogQuery | None


def read_filters(asked: Iterable[tuple[str, str]]) -> Filters:
    """The filters that an address asks for; the language is none of them."""
    given = {name: text.strip() for name, text in asked if name != "lang" and text.strip()}
    faults = [
        Fault(None, name[:64], f"one of {', '.join((*FILTERS, _BEFORE))}", "another name")
        for name in given
        if name not in FILTERS and name != _BEFORE
    ]
    faults += [
        Fault(None, name[:64], f"at most {_LONGEST} characters without NUL", "another text")
        for name, text in given.items()
        if len(text) > _LONGEST or "\0" in text
    ]
    before = given.pop(_BEFORE, None)
    if before is not None and not re.fullmatch(r"\d{1,18}", before, re.ASCII):
        faults.append(Fault(None, _BEFORE, "a place in the log", "another value"))
    moments = {name: _moment(given[name]) for name in ("since", "until") if name in given}
    faults += [
        Fault(None, name, "a day such as 2026-01-31, or a moment such as 2026-01-31T08:00", "other")
        for name, moment in moments.items()
        if moment is None
    ]
    if faults:
        return Filters(given, None, tuple(faults), None)
    place = None if before is None else int(before)
    since, until = moments.get("since"), moments.get("until")
    if until is not None and _is_day(given["until"]):
        until += timedelta(days=1)
    query = LogQuery(
        record_id=given.get("record_id", "").lower() or None,
        project_id=kept_name(given.get("project_id")),
        department=kept_name(given.get("department")),
        kind=given.get("kind"),
        actor=given.get("actor"),
        model_version=given.get("model_version"),
        about=given.get("about", "").lower() or None,
        since=since,
        until=until,
        before=place,
        limit=PAGE + 1,  # one more tells whether there is another page
    )
    return Filters(given, place, (), query)


def _moment(text: str) -> datetime | None:
    """The moment that a text names, in UTC; None where it names none."""
    for form in _MOMENTS:
        try:
            return datetime.strptime(text.removesuffix("Z"), form).replace(tzinfo=UTC)
        except ValueError:
            continue
    return None


def _is_day(text: str) -> bool:
    try:
        datetime.strptime(text, _DAY).replace(tzinfo=UTC)
    except ValueError:
        return False
    return True
