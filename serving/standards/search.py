"""Standards of a version that somebody looks for, by an address or by words."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from features.catalogue import Catalogue
from features.errors import Fault
from features.standards.learned_standard import LearnedStandard
from features.standards.library import Library
from features.standards.naming import region_label, standard_label
from features.standards.priced_item import Family
from features.standards.set_standard import SetStandard
from serving.standards.telling import Standard
from serving.wording.envelope import Refusal
from serving.wording.words import LANGUAGES

KINDS = ("project", "line", "set")
_LONGEST = 100
_PAGE = 100


@dataclass(frozen=True)
class StandardsQuery:
    """What is looked for. "" asks for everything; version: None for the one in force.

    kind: a whole project, a line, or set by document. after: how many of what was found come
    before.
    """

    words: str = ""
    kind: str = ""
    project_type: str = ""
    region: str = ""
    version: int | None = None
    after: int = 0

    @property
    def address(self) -> dict[str, str]:
        """What an address says of it, without the page."""
        told = {"words": self.words, "kind": self.kind, "project_type": self.project_type,
                "region": self.region}  # fmt: skip
        told |= {} if self.version is None else {"version": str(self.version)}
        return {name: value for name, value in told.items() if value}


PARAMETERS: Mapping[str, dict[str, Any]] = {
    "words": {"maxLength": _LONGEST},
    "kind": {"pattern": f"^({'|'.join(KINDS)})?$"},
    "project_type": {"pattern": "^([a-z0-9_]{1,64})?$", "maxLength": 64},
    "region": {"pattern": "^([a-z0-9_]{1,64})?$", "maxLength": 64},
    "version": {"pattern": "^([1-9][0-9]{0,5})?$"},
    "after": {"pattern": "^(0|[1-9][0-9]{0,5})?$"},
}
"""What an address may ask for, as JSON Schema says it of each text."""


def standards_query(
    given: Iterable[tuple[str, str]], taken: Collection[str] = PARAMETERS.keys()
) -> StandardsQuery:
    """The query that the parameters of an address make. taken: those that a page takes.

    Raises:
        Refusal: 422, naming every parameter that is not known, comes twice or cannot be meant.
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
        elif not _meant(name, text):
            expected = str(PARAMETERS[name].get("pattern", f"at most {_LONGEST} characters"))
            faults.append(Fault(None, name, expected, "another value"))
        else:
            asked[name] = text
    if faults:
        raise Refusal(422, "The address does not say what this page takes.", faults)
    return StandardsQuery(
        asked.get("words", "").strip(),
        asked.get("kind", ""),
        asked.get("project_type", ""),
        asked.get("region", ""),
        int(asked["version"]) if "version" in asked else None,
        int(asked.get("after", "0")),
    )


def found_standards(
    library: Library, catalogue: Catalogue, query: StandardsQuery
) -> list[Standard]:
    """The standards that a query asks for: set ones first, then learned ones by their codes."""
    every: list[Standard] = [*library.set, *library.learned]
    wanted = [word.casefold() for word in query.words.split()]
    found = []
    for standard in every:
        if _of_kind(standard, query) and (
            not wanted or _says(standard, library, catalogue, wanted)
        ):
            found.append(standard)
    return found


def page_of(found: list[Standard], query: StandardsQuery) -> tuple[list[Standard], int | None]:
    """The standards of one page, and after how many the next begins; None after the last."""
    end = query.after + _PAGE
    return found[query.after : end], end if end < len(found) else None


def _of_kind(standard: Standard, query: StandardsQuery) -> bool:
    if isinstance(standard, SetStandard):
        some_type = not query.project_type or query.project_type in standard.project_types
        return query.kind in ("", "set") and some_type and not query.region
    family = "project" if standard.family is Family.PROJECT else "line"
    return (
        query.kind in ("", family)
        and query.project_type in ("", standard.project_type)
        and query.region in ("", standard.region_group)
    )


def _says(standard: Standard, library: Library, catalogue: Catalogue, wanted: list[str]) -> bool:
    told = [standard.code, standard.unit]
    told += [standard_label(standard, catalogue).of(lang) for lang in LANGUAGES]
    if isinstance(standard, LearnedStandard):
        told += [region_label(standard.region_group, library).of(lang) for lang in LANGUAGES]
    else:
        told += [standard.document_number, *standard.economic_codes]
    text = "\n".join(told).casefold()
    return all(word in text for word in wanted)


def _meant(name: str, text: str) -> bool:
    schema = PARAMETERS[name]
    if len(text) > schema.get("maxLength", _LONGEST):
        return False
    pattern = schema.get("pattern")
    return pattern is None or re.fullmatch(str(pattern).strip("^$"), text) is not None
