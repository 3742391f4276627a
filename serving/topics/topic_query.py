"""Which topic somebody asks about, and of which projects."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from features.errors import Fault
from serving.projects.query import ProjectQuery
from serving.recording.handling import STATES
from serving.records.project_list import Wanted
from serving.wording.envelope import Refusal
from serving.wording.findings import SUSPECTED

PARAMETERS: Mapping[str, dict[str, Any]] = {
    "year": {"pattern": "^([0-9]{4})?$"},
    "department": {"pattern": r"^([A-Za-z0-9_.-]{1,32})?$"},
    "name": {"pattern": "^[a-z][a-z0-9_]{0,63}$"},
    "state": {"pattern": f"^({'|'.join((SUSPECTED, *STATES))})?$"},
}
"""What an address may ask for, as JSON Schema says it of each text."""
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
    faults: list[Fault] = []
    asked: dict[str, str] = {}
    for name, text in given:
        if name == "lang" or not text:
            continue
        if name not in taken:
            faults.append(Fault(None, name[:64], f"one of {', '.join(taken)}", "another"))
        elif name in asked:
            faults.append(Fault(None, name, "this parameter once", "it twice"))
        elif not re.fullmatch(PARAMETERS[name]["pattern"].strip("^$"), text):
            faults.append(Fault(None, name, PARAMETERS[name]["pattern"], "another value"))
        else:
            asked[name] = text
    if "name" in taken and "name" not in asked and not faults:
        faults.append(Fault(None, "name", "the name of a topic", "none"))
    if faults:
        raise Refusal(422, "The address does not say what this page takes.", faults)
    year = int(asked["year"]) if "year" in asked else None
    state = asked.get("state", "")
    return TopicQuery(asked.get("name", ""), year, asked.get("department", ""), state)
