"""Which topic somebody asks about, and of which projects."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from features.errors import Fault
from serving.address_parameter import YEAR, Parameter, one_of, read_parameters
from serving.projects.query import ProjectQuery
from serving.recording.handling import STATES
from serving.records.project_list import Wanted
from serving.wording.envelope import Refusal
from serving.wording.findings import SUSPECTED

_NAME = "[a-z][a-z0-9_]{0,63}"
_PARAMETERS: Mapping[str, Parameter] = {
    "year": YEAR,
    "department": Parameter("the code of a department", r"[A-Za-z0-9_.-]{1,32}", str),
    "name": Parameter("the name of a topic", _NAME, str),
    "state": one_of((SUSPECTED, *STATES)),
}
PARAMETERS: Mapping[str, dict[str, Any]] = {
    **{name: parameter.schema for name, parameter in _PARAMETERS.items()},
    "name": {"pattern": f"^{_NAME}$"},
}
"""What an address may ask for, as JSON Schema says it of each text; a topic is always named."""
OF_ALL = ("year", "department")
"""What the page of all topics takes."""


@dataclass(frozen=True)
class TopicQuery:
    """A topic, "" for all, of the projects of a year and a department, all where not given.

    state: of the warnings that are shown; "" for every one.
    """

    name: str = ""
    year: int | None = None
    department: str = ""
    state: str = ""

    @property
    def projects(self) -> ProjectQuery:
        """The projects that are asked about, as the list of projects has them."""
        return ProjectQuery(Wanted(department=self.department or None, year=self.year))

    @property
    def address(self) -> dict[str, str]:
        """What an address says of it, but for the topic."""
        year = {} if self.year is None else {"year": str(self.year)}
        return year | ({"department": self.department} if self.department else {})


def topic_query(
    given: Iterable[tuple[str, str]], taken: Collection[str] = PARAMETERS.keys()
) -> TopicQuery:
    """The query that the parameters of an address make.

    Raises:
        Refusal: 422, naming every parameter that is not known, comes twice or cannot be meant, and
            a topic that is not named.
    """
    read = read_parameters(given, {name: _PARAMETERS[name] for name in taken})
    if "name" in taken and "name" not in read:
        faults = [Fault(None, "name", _PARAMETERS["name"].expected, "none")]
        raise Refusal(422, "The address does not say what this page takes.", faults)
    return TopicQuery(**read)
