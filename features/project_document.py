"""A declared project as a document again: what `parse_project` makes the same project of.

Personal values stand apart, so that they can be kept, and erased, apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, cast

from features.catalogue import Catalogue
from features.declared_project import DeclaredProject, ProjectValue, Record
from features.field import FieldDeclaration, Kind, Part, Sensitivity, Source
from features.kept_beside import KeptBeside

Document = dict[str, Any]


class SplitDocument(NamedTuple):
    """A project's document without personal values, and those by name.

    personal: of an indicator, its value; of `part.field`, its values in the order of the records.
    """

    public: Document
    personal: Document


class _Layout:
    """Which given indicators and parts of a catalogue are flags, and which are personal."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.given = [(i.name, _is_flag(i), _is_personal(i)) for i in catalogue.given]
        self.parts = [(p, *_split(p.fields)) for p in catalogue.parts]


def _split(fields: Iterable[FieldDeclaration]) -> tuple[frozenset[str], tuple[str, ...]]:
    fields = list(fields)
    flags = frozenset(f.name for f in fields if _is_flag(f))
    return flags, tuple(f.name for f in fields if _is_personal(f))


def _is_flag(field: FieldDeclaration) -> bool:
    return field.kind is Kind.FLAG


def _is_personal(field: FieldDeclaration) -> bool:
    return field.sensitivity is Sensitivity.PERSONAL


_layout = KeptBeside(_Layout)


def split_document(project: DeclaredProject, catalogue: Catalogue) -> SplitDocument:
    """The document of a project, in the one form that each value has, absent values left out."""
    layout, values = _layout(catalogue), project.values
    public: Document = {}
    personal: Document = {}
    for name, flag, is_personal in layout.given:
        value = values[name]
        if value is not None:
            (personal if is_personal else public)[name] = _told(value, flag)
    for part, flags, of_people in layout.parts:
        records = cast("tuple[Record, ...] | None", values[part.name])
        if not _left_out(part, records):
            given = records or ()
            public[part.name] = [_record(each, flags, of_people) for each in given]
            for field in of_people:
                column = [_told(each[field], field in flags) for each in given]
                if any(value is not None for value in column):
                    personal[f"{part.name}.{field}"] = column
    return SplitDocument(public, personal)


def _left_out(part: Part, records: ProjectValue) -> bool:
    """Whether an absent part means the same: an empty one that is declared, or no verified one."""
    return records is None or (not records and part.source is Source.DECLARED)


def _record(values: Record, flags: frozenset[str], of_people: Iterable[str]) -> Document:
    return {
        name: _told(value, name in flags)
        for name, value in values.items()
        if value is not None and name not in of_people
    }


def _told(value: Any, flag: bool) -> Any:
    """A value as JSON has it: true or false for a flag, no fraction where there is none."""
    if type(value) is not float:
        return value
    if flag:
        return bool(value)
    return int(value) if value.is_integer() else value


def joined_document(public: Mapping[str, Any], personal: Mapping[str, Any]) -> Document:
    """The whole document from both halves; personal values that are gone are absent."""
    document: Document = dict(public)
    for name, value in personal.items():
        part, _, field = name.partition(".")
        if not field:
            document[name] = value
            continue
        document[part] = [
            record if found is None else {**record, field: found}
            for record, found in zip(document[part], value, strict=True)
        ]
    return document
