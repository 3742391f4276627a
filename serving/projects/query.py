"""What somebody wants of the list of projects, as the address of a page says it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from features.errors import Fault
from features.identity_number import holds_identity_number
from serving.recording.project_line import GRADES, POSITIONS, STATUSES
from serving.records.project_list import ORDERS, Cursor, Wanted
from serving.wording.envelope import Refusal

_LONGEST = 100


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
        if name == "lang" or not text:
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
        value = _PARAMETERS[name].read(text)
        if value is None:
            faults.append(Fault(None, name, _PARAMETERS[name].expected, "another value"))
        elif value != "":
            read[name] = value
    if faults:
        raise Refusal(422, "The address does not say what this page takes.", faults)
    sort, after = read.pop("sort", ORDERS[0]), read.pop("after", None)
    return ProjectQuery(Wanted(**read), sort, after)


@dataclass(frozen=True)
class _Parameter:
    """A parameter of an address: what is expected, the whole of it as a pattern, how it is read."""

    expected: str
    pattern: str
    made: Callable[[str], Any]
    longest: int | None = None

    @property
    def schema(self) -> dict[str, Any]:
        """What it may be, as JSON Schema says it; the empty text asks for nothing."""
        most = {} if self.longest is None else {"maxLength": self.longest}
        return {"description": self.expected, "pattern": f"^({self.pattern})?$", **most}

    def read(self, text: str) -> Any:
        """What a text asks for: empty for nothing, None where it cannot be meant."""
        if self.longest is not None and len(text) > self.longest:
            return None
        return self.made(text) if re.fullmatch(self.pattern, text) else None


def _one_of(values: tuple[str, ...]) -> _Parameter:
    return _Parameter(f"one of {', '.join(values)}", "|".join(values), str)


def _sought(text: str) -> str | None:
    """A short text; numbers of citizens are refused: what is sought is recorded."""
    return None if holds_identity_number(text) else text.strip()


def _cursor(text: str) -> Cursor:
    number, leaf_index = text.split("_")
    return Cursor(float(number), int(leaf_index))


_TEXT = _Parameter(
    f"a text of at most {_LONGEST} characters without citizen identity numbers",
    # No control characters, nor what turns the direction of a line or breaks it.
    r"[^\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069\ufffe\uffff]+",
    _sought,
    _LONGEST,
)
_PARAMETERS: Mapping[str, _Parameter] = {
    "department": _TEXT,
    "year": _Parameter("a year of four digits", "[0-9]{4}", int),
    "category": _TEXT,
    "words": _TEXT,
    "status": _one_of(STATUSES),
    "grade": _one_of(GRADES),
    "position": _one_of(POSITIONS),
    "risk": _Parameter(
        "a number of per cent, 0 to 100",
        r"0?[0-9]{1,2}(\.[0-9]{1,2})?|100(\.0{1,2})?",
        lambda text: float(text) / 100,
    ),
    "sort": _one_of(ORDERS),
    "after": _Parameter(
        "the next_after of a page", r"-?[0-9]{1,15}(\.[0-9]{1,6})?_[0-9]{1,15}", _cursor
    ),
}
PARAMETERS: Mapping[str, dict[str, Any]] = {
    name: parameter.schema for name, parameter in _PARAMETERS.items()
}
"""What an address may ask for, and the JSON Schema of each text."""
