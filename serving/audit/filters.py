"""The filters of a search as they stand in an address, and as a query of the log."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from features.errors import Fault
from serving.recording.score_record import kept_name
from serving.records.log_query import LogQuery

PAGE = 50
_LONGEST = 300
_DAY = (
    r"[12][0-9]{3}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])"
    r"|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-9]))"
)
_TIME = r"T([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,6})?)?Z?"
_TEXT = (f"at most {_LONGEST} characters without NUL", r"[^\u0000]*")
_MOMENT = (
    "a day such as 2026-01-31, or a moment such as 2026-01-31T08:00",
    f" *({_DAY}({_TIME})?)? *",
)
_BEFORE = "before"
_PARAMETERS: Mapping[str, tuple[str, str]] = {
    "record_id": _TEXT,
    "project_id": _TEXT,
    "department": _TEXT,
    "kind": _TEXT,
    "actor": _TEXT,
    "model_version": _TEXT,
    "about": _TEXT,
    "since": _MOMENT,
    "until": _MOMENT,
    _BEFORE: ("a place in the log", " *([0-9]{1,18})? *"),
}
"""What each may be, in words and as a pattern of the whole of it."""
FILTERS = tuple(name for name in _PARAMETERS if name != _BEFORE)
PARAMETERS: Mapping[str, dict[str, Any]] = {
    name: {"description": expected, "pattern": f"^({pattern})$", "maxLength": _LONGEST}
    for name, (expected, pattern) in _PARAMETERS.items()
}
"""What an address may ask for, and the JSON Schema of each text."""


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
    sent = [(name, text) for name, text in asked if name != "lang"]
    given = {name: text.strip() for name, text in sent if text.strip()}
    faults = [
        Fault(None, name[:64], f"one of {', '.join(_PARAMETERS)}", "another name")
        for name in given
        if name not in _PARAMETERS
    ]
    faults += [
        Fault(None, name, _PARAMETERS[name][0], "another text")
        for name, text in sent
        if name in _PARAMETERS and not _is_meant(name, text)
    ]
    names = [name for name, text in sent if text.strip()]
    faults += [
        Fault(None, name, "this filter once", "several of it")
        for name in given
        if name in _PARAMETERS and names.count(name) > 1
    ]
    if faults:
        return Filters(given, None, tuple(faults), None)
    before = given.pop(_BEFORE, None)
    place = None if before is None else int(before)
    since, until = (_moment(given[name]) if name in given else None for name in ("since", "until"))
    if until is not None and "T" not in given["until"]:
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


def _is_meant(name: str, text: str) -> bool:
    """Whether a text can be that filter: as its pattern says, and if a day, one of the calendar."""
    expected, pattern = _PARAMETERS[name]
    if len(text) > _LONGEST or not re.fullmatch(pattern, text):
        return False
    try:
        return expected != _MOMENT[0] or not text.strip() or _moment(text.strip()) is not None
    except ValueError:  # 29 February
        return False


def _moment(text: str) -> datetime:
    """The moment that a text names, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
