"""A declared project with its evidence, as an expert judges it: every fact, and none of a model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from features.catalogue import Catalogue
from features.field import FieldDeclaration, Kind, Part, Sensitivity
from models.review.case import Case
from serving.page.words import page_words
from serving.wording.words import said_of_field


@dataclass(frozen=True)
class Fact:
    """One given fact. long: whether it is a text that wants a line of its own."""

    label: str
    value: str
    source: str
    given: bool
    long: bool


@dataclass(frozen=True)
class Section:
    """The facts of one dimension."""

    label: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True)
class Listed:
    """A list of the project, such as its calculation lines; no rows where it has none."""

    label: str
    source: str
    columns: tuple[str, ...]
    numeric: tuple[bool, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class ProjectFacts:
    """All that is declared and verified of a project."""

    name: str
    project_id: str
    year: int
    sections: tuple[Section, ...]
    lists: tuple[Listed, ...]


def project_facts(case: Case, catalogue: Catalogue, lang: str) -> ProjectFacts:
    """The project of a case in words."""
    document = case.document
    column = catalogue.columns.name
    name = document.get(column) if column else None
    return ProjectFacts(
        name if isinstance(name, str) else "",
        case.project_id,
        case.year,
        tuple(_sections(document, catalogue, lang)),
        tuple(_list(part, document, catalogue, lang) for part in catalogue.parts),
    )


def _sections(document: Mapping[str, Any], catalogue: Catalogue, lang: str) -> Iterator[Section]:
    named = {*catalogue.columns.id, catalogue.columns.time, catalogue.columns.name}
    for dimension in catalogue.dimensions:
        facts = tuple(
            Fact(
                each.label.of(lang),
                _said(catalogue, each, document.get(each.name), lang),
                page_words(lang)[f"source_{each.source}"],
                each.name in document,
                each.kind is Kind.TEXT and len(str(document.get(each.name, ""))) > _SHORT,
            )
            for each in catalogue.given
            if each.dimension == dimension.name and _may_show(each) and each.name not in named
        )
        if facts:
            yield Section(dimension.label.of(lang), facts)


def _list(part: Part, document: Mapping[str, Any], catalogue: Catalogue, lang: str) -> Listed:
    records = [each for each in document.get(part.name) or [] if isinstance(each, dict)]
    fields = [f for f in part.fields if _may_show(f) and any(f.name in each for each in records)]
    rows = tuple(
        tuple(_said(catalogue, f, each[f.name], lang) if f.name in each else "—" for f in fields)
        for each in records
    )
    return Listed(
        part.label.of(lang),
        page_words(lang)[f"source_{part.source}"],
        tuple(f.label.of(lang) for f in fields),
        tuple(f.kind in _NUMBERS for f in fields),
        rows,
    )


_SHORT = 40
_YEARS = (1_900, 2_200)
_NUMBERS = (Kind.NUMBER, Kind.SHARE, Kind.MONEY, Kind.COUNT)


def _may_show(field: FieldDeclaration) -> bool:
    return field.sensitivity is not Sensitivity.PERSONAL


def _said(catalogue: Catalogue, field: FieldDeclaration, value: Any, lang: str) -> str:
    """A value of a document in words; a year, which its range tells, without a comma."""
    plain = value if isinstance(value, str) or value is None else float(value)
    least, most = field.range or (None, None)
    is_year = (least or 0) >= _YEARS[0] and (most or _YEARS[1] + 1) <= _YEARS[1]
    if is_year and isinstance(plain, float):
        return f"{plain:.0f}"
    return said_of_field(catalogue, field, plain, lang)
