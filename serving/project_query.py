"""What somebody wants of the list of projects, as the address of a page says it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from features.errors import Fault
from features.identity_number import holds_identity_number
from serving.envelope import Refusal
from serving.project_line import GRADES, POSITIONS, STATUSES
from serving.records.project_list import ORDERS, Cursor, Wanted

_LONGEST = 100
_CURSOR = re.compile(r"(-?\d{1,15}(?:\.\d{1,6})?)_(\d{1,15})", re.ASCII)
PARAMETERS = (*(each.name for each in fields(Wanted)), "sort", "after")
"""What an address may ask for."""


@dataclass(frozen=True)
class ProjectQuery:
    """Which projects, in which order, and after which one a page begins.

    The risk of an address is in per cent; here it is a probability.
    """

    wanted: Wanted = field(default_factory=Wanted)
    sort: str = ORDERS[0]
    after: Cursor | None = None

    @property
    def filters(self) -> dict[str, str]:
        """What narrows the list, as an address says it."""
        given = {name: value for name, value in asdict(self.wanted).items() if value}
        if self.wanted.risk is not None:
            given["risk"] = f"{100 * self.wanted.risk:g}"
        return {name: str(value) for name, value in given.items()}

    @property
    def address(self) -> dict[str, str]:
        """Filters and order, without the page: what every link of a page carries on."""
        return self.filters | ({} if self.sort == ORDERS[0] else {"sort": self.sort})

    def onwards(self, last: Cursor) -> ProjectQuery:
        """The query of the next page."""
        return replace(self, after=last)


def written_cursor(cursor: Cursor) -> str:
    """A place as an address says it."""
    return f"{cursor.number:.6f}_{cursor.leaf_index}"


def project_query(given: Iterable[tuple[str, str]]) -> ProjectQuery:
    """The query that the parameters of an address make; an empty one asks for nothing.

    Raises:
        Refusal: 422, naming every parameter that is not known, comes twice or is not what it must
            be. No value is shown.
    """
    faults: list[Fault] = []
    asked: dict[str, str] = {}
    for name, text in given:
        if name == "lang" or not text.strip():
            continue
        if name not in PARAMETERS:
            expected = f"one of {', '.join(PARAMETERS)}"
            faults.append(Fault(None, name[:64], expected, "another parameter"))
        elif name in asked:
            faults.append(Fault(None, name, "this parameter once", "it twice"))
        else:
            asked[name] = text
    read: dict[str, Any] = {}
    for name, text in asked.items():
        expected, reader = _READERS[name]
        value = reader(text)
        if value is None:
            faults.append(Fault(None, name, expected, "another value"))
        read[name] = value
    if faults:
        raise Refusal(422, "The address does not say what this page takes.", faults)
    sort, after = read.pop("sort", ORDERS[0]), read.pop("after", None)
    return ProjectQuery(Wanted(**read), sort, after)


def _one_of(values: tuple[str, ...]) -> tuple[str, Callable[[str], str | None]]:
    return f"one of {', '.join(values)}", lambda text: text if text in values else None


def _text(text: str) -> str | None:
    """A short text; numbers of citizens are refused: what is sought is recorded."""
    sound = len(text) <= _LONGEST and text.isprintable() and not holds_identity_number(text)
    return text.strip() if sound else None


def _year(text: str) -> int | None:
    return int(text) if re.fullmatch(r"\d{4}", text, re.ASCII) else None


def _percent(text: str) -> float | None:
    if not re.fullmatch(r"\d{1,3}(\.\d{1,2})?", text, re.ASCII) or float(text) > 100:
        return None
    return float(text) / 100


def _cursor(text: str) -> Cursor | None:
    found = _CURSOR.fullmatch(text)
    return Cursor(float(found[1]), int(found[2])) if found else None


_SHORT = f"a text of at most {_LONGEST} characters without citizen identity numbers"
_READERS: Mapping[str, tuple[str, Callable[[str], Any]]] = {
    "department": (_SHORT, _text),
    "year": ("a year of four digits", _year),
    "category": (_SHORT, _text),
    "words": (_SHORT, _text),
    "status": _one_of(STATUSES),
    "grade": _one_of(GRADES),
    "position": _one_of(POSITIONS),
    "risk": ("a number of per cent, 0 to 100", _percent),
    "sort": _one_of(ORDERS),
    "after": ("the next_after of a page", _cursor),
}
