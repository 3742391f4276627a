"""What somebody wants of the list of projects, as the address of a page says it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from serving.address_parameter import TEXT, YEAR, Parameter, one_of, read_parameters
from serving.recording.project_line import GRADES, POSITIONS, STATUSES
from serving.records.project_list import ORDERS, Cursor, Wanted


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
    read = read_parameters(given, _PARAMETERS)
    sort, after = read.pop("sort", ORDERS[0]), read.pop("after", None)
    return ProjectQuery(Wanted(**read), sort, after)


def _cursor(text: str) -> Cursor:
    number, leaf_index = text.split("_")
    return Cursor(float(number), int(leaf_index))


_PARAMETERS: Mapping[str, Parameter] = {
    "department": TEXT,
    "year": YEAR,
    "category": TEXT,
    "words": TEXT,
    "status": one_of(STATUSES),
    "grade": one_of(GRADES),
    "position": one_of(POSITIONS),
    "risk": Parameter(
        "a number of per cent, 0 to 100",
        r"0?[0-9]{1,2}(\.[0-9]{1,2})?|100(\.0{1,2})?",
        lambda text: float(text) / 100,
    ),
    "sort": one_of(ORDERS),
    "after": Parameter(
        "the next_after of a page", r"-?[0-9]{1,15}(\.[0-9]{1,6})?_[0-9]{1,15}", _cursor
    ),
}
PARAMETERS: Mapping[str, dict[str, Any]] = {
    name: parameter.schema for name, parameter in _PARAMETERS.items()
}
"""What an address may ask for, and the JSON Schema of each text."""
