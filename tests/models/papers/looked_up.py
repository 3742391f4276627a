"""A paper's figures looked up again, as an auditor would: in the files, without the code of papers.

Rules by which a figure is made of others are written here a second time.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

Json = dict[str, Any]


@dataclass(frozen=True)
class Stated:
    """A fact of a paper, by its way through the paper."""

    where: str
    fact: Json


def stated(paper: Json) -> Iterator[Stated]:
    """Every fact of a paper."""
    for section in paper["sections"]:
        for entry in section["entries"]:
            yield Stated(f"{section['name']}/{entry['name']}", entry)
        for table in section["tables"]:
            for row in table["rows"]:
                for name, cell in row["cells"].items():
                    where = f"{section['name']}/{table['name']}/{row['name']}/{name}"
                    yield Stated(where, cell)


def resolved(document: Any, pointer: str) -> Any:
    """What a JSON Pointer leads to (RFC 6901)."""
    for step in pointer.split("/")[1:]:
        step = step.replace("~1", "/").replace("~0", "~")
        document = document[int(step)] if isinstance(document, list) else document[step]
    return document


def document_of(home: Path, source: Json, records: Mapping[str, Json]) -> Any:
    """A source as it is kept."""
    if source["place"].startswith("record/"):
        return records[source["place"]]
    text = (home / source["place"]).read_text(encoding="utf-8")
    return yaml.load(text, yaml.BaseLoader) if source["name"] == "bureau" else json.loads(text)  # noqa: S506


def faults(paper: Json, home: Path, records: Mapping[str, Json] | None = None) -> list[str]:
    """Where the paper says something else than its sources."""
    documents = {
        source["name"]: document_of(home, source, records or {}) for source in paper["sources"]
    }
    found = []
    for each in stated(paper):
        fact = each.fact
        given = [resolved(documents[e["source"]], e["pointer"]) for e in fact["evidence"]]
        if not given:
            digits = any(c.isdigit() for c in fact["shown"]["en"] + str(fact["value"]))
            found += [f"{each.where}: a figure without evidence"] if digits else []
        elif "made" in fact:
            rule, _, how = fact["made"].partition(":")
            if not RULES[rule](given, fact["value"], how):
                found.append(f"{each.where}: {fact['value']} by {fact['made']} of {given}")
        elif len(given) > 1 or given[0] != fact["value"]:
            found.append(f"{each.where}: {fact['value']}, in its place {given}")
    return found


def _interval(given: list[Any], value: Any, _: str) -> bool:
    mean, error = given
    return bool(value == [max(0.0, mean - 1.96 * error), mean + 1.96 * error])


def _counted(given: list[Any], value: Any, how: str) -> bool:
    name, _, wanted = how.partition(":")
    listed = given[0]
    if listed and "gate" in listed[0]:
        return bool(value == sum(g["gate"] == name and g["status"] == wanted for g in listed))
    return bool(value == sum(each[name] == wanted for each in listed))


def _personal(given: list[Any], value: Any, _: str) -> bool:
    return bool(
        value == [i["name"] for i in given[0] if i["sensitivity"] == "personal" and i["use"]]
    )


def _greatest(given: list[Any], value: Any, _: str) -> bool:
    return value in given[0].values()


RULES: Mapping[str, Callable[[list[Any], Any, str], bool]] = {
    "interval_95": _interval,
    "both": lambda given, value, _: given == value,
    "sum_of_lengths": lambda given, value, _: value == sum(map(len, given)),
    "one_minus_ratio": lambda given, value, _: value == 1 - given[0] / given[1],
    "sum": lambda given, value, _: value == sum(given[0].values()),
    "length": lambda given, value, _: value == len(given[0]),
    "count": _counted,
    "greatest": _greatest,
    "personal_used": _personal,
    "approved": lambda given, value, _: value is True,
    "standing": lambda given, value, _: bool(given[0]),
    "learned": lambda given, value, _: value is True,
}


def sha256(path: Path) -> str:
    """The digest of a file, as papers write it."""
    return f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"
