"""Which findings somebody wants to see, as the address of a page says it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from features.checks.rule import SEVERITIES
from serving.address_parameter import TEXT, YEAR, Parameter, one_of, read_parameters
from serving.recording.handling import STATES
from serving.records.finding_list import CHECKED, ORDERS, FindingCursor, WantedFindings
from serving.wording.findings import SUSPECTED

GRAVITY: Mapping[str, int] = {
    severity.value: len(SEVERITIES) - place for place, severity in enumerate(SEVERITIES)
}
"""How grave each severity is, as the list sorts it; 0 stands for one that is not known."""
ALL_STATES = (SUSPECTED, *STATES)
FORMATS = ("xlsx", "csv")
"""The kinds of file that the list is exported to."""


@dataclass(frozen=True)
class FindingQuery:
    """Which findings, in which order, after which one a page begins, and as which kind of file."""

    wanted: WantedFindings = field(default_factory=WantedFindings)
    sort: str = ORDERS[0]
    after: FindingCursor | None = None
    format: str = FORMATS[0]

    @property
    def filters(self) -> dict[str, str]:
        """What narrows the list, as an address says it."""
        given = {name: value for name, value in asdict(self.wanted).items() if value}
        if self.wanted.severity is not None:
            given["severity"] = next(n for n, g in GRAVITY.items() if g == self.wanted.severity)
        if self.wanted.kind == CHECKED[0]:
            del given["kind"]
        return {_NAMES.get(name, name): str(value) for name, value in given.items()}

    @property
    def address(self) -> dict[str, str]:
        """Filters and order, without the page: what every link of a page carries on."""
        return self.filters | ({} if self.sort == ORDERS[0] else {"sort": self.sort})

    def onwards(self, last: FindingCursor) -> FindingQuery:
        """The query of the next page."""
        return replace(self, after=last)


_NAMES = {"kind": "of", "code": "rule"}
"""What an address calls a filter, where it is another word than the list's."""


def written_cursor(cursor: FindingCursor) -> str:
    """A place as an address says it."""
    return f"{cursor.value:.2f}_{cursor.leaf_index}_{cursor.number}"


def finding_query(given: Iterable[tuple[str, str]], *, export: bool = False) -> FindingQuery:
    """The query that the parameters of an address make; an empty one asks for the newest scores'.

    Raises:
        Refusal: 422, naming every parameter that is not known, comes twice or is not what it must
            be. No value is shown.
    """
    read = read_parameters(given, _EXPORT if export else _PARAMETERS)
    sort, after = read.pop("sort", ORDERS[0]), read.pop("after", None)
    kind = read.pop("format", FORMATS[0])
    for name, said in _NAMES.items():
        if said in read:
            read[name] = read.pop(said)
    if "severity" in read:
        read["severity"] = GRAVITY[read["severity"]]
    return FindingQuery(WantedFindings(**read), sort, after, kind)


def _cursor(text: str) -> FindingCursor:
    value, leaf_index, number = text.split("_")
    return FindingCursor(float(value), int(leaf_index), int(number))


_FILTERS: Mapping[str, Parameter] = {
    "of": one_of(CHECKED),
    "state": one_of(ALL_STATES),
    "severity": one_of(GRAVITY),
    "rule": Parameter("the code of a rule", "[A-Z][A-Z0-9]{1,11}-[0-9]{2,3}", str),
    "department": TEXT,
    "region": Parameter("the code of a region, or its beginning", "[0-9]{2,12}", str),
    "year": YEAR,
    "words": TEXT,
    "sort": one_of(ORDERS),
}
_PARAMETERS: Mapping[str, Parameter] = {
    **_FILTERS,
    "after": Parameter(
        "the next_after of a page", r"-?[0-9]{1,15}\.[0-9]{2}_[0-9]{1,15}_[0-9]{1,6}", _cursor
    ),
}
_EXPORT: Mapping[str, Parameter] = {**_FILTERS, "format": one_of(FORMATS)}


def _schemas(parameters: Mapping[str, Parameter]) -> Mapping[str, dict[str, Any]]:
    return {name: parameter.schema for name, parameter in parameters.items()}


PARAMETERS = _schemas(_PARAMETERS)
EXPORT_PARAMETERS = _schemas(_EXPORT)
"""What an address may ask for, and the JSON Schema of each text."""
