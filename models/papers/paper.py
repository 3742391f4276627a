"""A paper: sections of facts and tables, each with what it rests on, in two languages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from features.field import Label
from models.papers.source import Evidence, Source

FORMAT = 1
Json = dict[str, Any]


@dataclass(frozen=True)
class Fact:
    """A value, and how people read it.

    value: as JSON; None where it is not known, and then `shown` says who should say it. evidence:
    where it stands; several places where it is made of them, and then `made` says how. good:
    whether it is as it should be; None where that is no question.
    """

    value: Any
    shown: Label
    evidence: tuple[Evidence, ...] = ()
    made: str = ""
    good: bool | None = None

    def as_json(self) -> Json:
        """The fact for machines."""
        told: Json = {"value": self.value, "shown": self.shown.as_json()}
        told["evidence"] = [
            {"source": each.source, "pointer": each.pointer} for each in self.evidence
        ]
        if self.made:
            told["made"] = self.made
        if self.good is not None:
            told["good"] = self.good
        return told


@dataclass(frozen=True)
class Entry:
    """A fact under its label."""

    name: str
    label: Label
    fact: Fact

    def as_json(self) -> Json:
        """The entry for machines."""
        return {"name": self.name, "label": self.label.as_json(), **self.fact.as_json()}


@dataclass(frozen=True)
class Row:
    """A row of a table: a fact for every column but the first, which is its label."""

    name: str
    label: Label
    cells: tuple[Fact, ...]

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """What the row rests on, with what is common to pointers into the same part."""
        return _common(self.cells)


@dataclass(frozen=True)
class Table:
    """A table. columns: name and label; the first is that of the rows' labels."""

    name: str
    title: Label | None
    columns: tuple[tuple[str, Label], ...]
    rows: tuple[Row, ...]

    def as_json(self) -> Json:
        """The table for machines: each row with its cells under the names of their columns."""
        names = [name for name, _ in self.columns[1:]]
        return {
            "name": self.name,
            "title": None if self.title is None else self.title.as_json(),
            "columns": [{"name": name, "label": label.as_json()} for name, label in self.columns],
            "rows": [
                {
                    "name": row.name,
                    "label": row.label.as_json(),
                    "cells": {
                        name: cell.as_json() for name, cell in zip(names, row.cells, strict=True)
                    },
                }
                for row in self.rows
            ],
        }


@dataclass(frozen=True)
class Section:
    """A part of a paper: text, then facts, then tables, then what remains to be said."""

    name: str
    title: Label
    text: tuple[Label, ...] = ()
    entries: tuple[Entry, ...] = ()
    tables: tuple[Table, ...] = ()

    @property
    def facts(self) -> tuple[Fact, ...]:
        """Every fact of the section."""
        cells = (cell for table in self.tables for row in table.rows for cell in row.cells)
        return (*(entry.fact for entry in self.entries), *cells)

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """What the section rests on, with what is common to pointers into the same part."""
        return _common(self.facts)

    def as_json(self) -> Json:
        """The section for machines."""
        return {
            "name": self.name,
            "title": self.title.as_json(),
            "text": [text.as_json() for text in self.text],
            "entries": [entry.as_json() for entry in self.entries],
            "tables": [table.as_json() for table in self.tables],
        }


@dataclass(frozen=True)
class Paper:
    """A whole paper. model: which version it is about. sources: those that it cites."""

    name: str
    title: Label
    about: Label
    model: Mapping[str, Any]
    sections: tuple[Section, ...]
    sources: tuple[Source, ...]

    def as_json(self) -> Json:
        """The paper for machines."""
        return {
            "format": FORMAT,
            "paper": self.name,
            "title": self.title.as_json(),
            "about": self.about.as_json(),
            "model": dict(self.model),
            "sections": [section.as_json() for section in self.sections],
            "sources": [
                {"name": source.name, "place": source.place, "digest": source.digest}
                for source in self.sources
            ],
        }

    @property
    def place_of(self) -> Mapping[str, str]:
        """Where each source is, under its name."""
        return {source.name: source.place for source in self.sources}


def cited(sections: tuple[Section, ...], sources: tuple[Source, ...]) -> tuple[Source, ...]:
    """Those sources that the sections cite, in their order."""
    named = {each.source for part in sections for fact in part.facts for each in fact.evidence}
    return tuple(source for source in sources if source.name in named)


def _common(facts: Iterable[Fact]) -> tuple[Evidence, ...]:
    """For each part of a source that facts rest on, what all their pointers into it begin with."""
    begun: dict[tuple[str, str], list[str]] = {}
    for each in (place for fact in facts for place in fact.evidence):
        steps = each.pointer.split("/")
        part = each.source, "/".join(steps[:2])
        known = begun.get(part)
        begun[part] = steps if known is None else _shared(known, steps)
    return tuple(Evidence(source, "/".join(steps)) for (source, _), steps in begun.items())


def _shared(one: list[str], other: list[str]) -> list[str]:
    """What both ways begin with."""
    shared = []
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        shared.append(left)
    return shared
