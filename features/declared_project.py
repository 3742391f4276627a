"""A declared project: parsed once at the edge, or refused with every fault named."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from features.catalogue import Catalogue
from features.consistency import check_consistency
from features.errors import Fault, ProjectError
from features.field import Part, Source
from features.kept_beside import KeptBeside
from features.strict_json import NotJson, read_json
from features.value_parser import Value, ValueParser, WrongValue, absent

Record = Mapping[str, Value]
ProjectValue = Value | tuple[Record, ...]


@dataclass(frozen=True)
class DeclaredProject:
    """What a department submits, as typed values.

    `values` holds every given indicator (None where absent) and every part as records (None for a
    verified part that is absent). Numbers,
    money and flags are floats in the catalogue's unit; categories, texts and ISO dates are str.
    """

    project_id: str
    year: int
    values: Mapping[str, ProjectValue]

    def missing_key_evidence(self, catalogue: Catalogue) -> tuple[str, ...]:
        """Names of the given indicators without which the project cannot be rated."""
        return tuple([name for name in catalogue.key_evidence if self.values[name] is None])


def parse_project(document: Any, catalogue: Catalogue, *, cells: bool = False) -> DeclaredProject:
    """The declared project that a JSON object, or a row of a table, holds.

    Args:
        cells: whether the values are table cells, where numbers may be written as text.

    Raises:
        ProjectError: naming every field that is unknown, missing or wrong.
    """
    if not isinstance(document, dict):
        fault = Fault(None, None, "an object of fields", type(document).__name__)
        raise ProjectError([fault])
    known = document.keys() <= catalogue.document_names
    faults: list[Fault] = [] if known else list(_unknown(document, catalogue))
    parsers = _parsers(catalogue)
    values: dict[str, ProjectValue] = {**_values(document, parsers.given, cells, "", faults)}
    for part, of_fields in parsers.parts:
        given = document.get(part.name)
        if given is None and part.source is Source.VERIFIED:
            values[part.name] = None
        else:
            items = _items(part, given, cells, faults)
            values[part.name] = tuple(_records(part, of_fields, items, faults))
    if not faults:
        faults += [*_fraction_of_a_year(values, catalogue)]
        faults += check_consistency(catalogue.checks, values)
    if faults:
        raise ProjectError(faults)
    time = values[catalogue.columns.time]  # required and numeric, by a rule of the catalogue
    return DeclaredProject(project_identity(values, catalogue), int(cast(float, time)), values)


def project_identity(values: Mapping[str, ProjectValue], catalogue: Catalogue) -> str:
    """What names a project in every answer and file: its id columns, joined by a bar."""
    words = (values[name] for name in catalogue.columns.id)
    return "|".join(f"{w:.15g}" if isinstance(w, float) else str(w or "") for w in words)


def _fraction_of_a_year(
    values: Mapping[str, ProjectValue], catalogue: Catalogue
) -> Iterator[Fault]:
    time = cast(float, values[catalogue.columns.time])
    if time != int(time):
        yield Fault(None, catalogue.columns.time, "a whole year", f"{time}")


def _unknown(document: Mapping[Any, Any], catalogue: Catalogue) -> Iterator[Fault]:
    for name in document:
        if name not in catalogue.document_names:
            derived = name in catalogue.by_name
            hint = "it is calculated, leave it out" if derived else "see /schema for the fields"
            yield Fault(None, str(name)[:64], "a field of the catalogue", "an unknown field", hint)


class _Parsers:
    """The parsers of a catalogue's given indicators, and of the fields of each part."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.given = [ValueParser(indicator) for indicator in catalogue.given]
        self.parts = [(part, [ValueParser(f) for f in part.fields]) for part in catalogue.parts]


_parsers = KeptBeside(_Parsers)


def _records(
    part: Part, parsers: Sequence[ValueParser], items: Sequence[Any], faults: list[Fault]
) -> Iterator[Record]:
    for number, item in enumerate(items, start=1):
        place = f"{part.name}[{number}]"
        if not isinstance(item, dict):
            faults.append(Fault(None, place, "an object of fields", type(item).__name__))
            continue
        if not item.keys() <= part.field_names:
            faults += _unknown_fields(part, item, place)
        yield _values(item, parsers, False, place, faults)


def _values(
    given: Mapping[str, Any],
    parsers: Sequence[ValueParser],
    cells: bool,
    place: str,
    faults: list[Fault],
) -> dict[str, Value]:
    """The parsed values under their names; what is wrong with one goes to the faults instead."""
    values: dict[str, Value] = {}
    for parser in parsers:
        name = parser.name
        value = given.get(name)
        if value is None or (cells and absent(value, cells)):
            if parser.required:
                faults.append(parser.missing(place))
            values[name] = None
            continue
        try:
            values[name] = parser.read(parser, value, cells)
        except WrongValue as wrong:
            faults.append(parser.fault(value, wrong, place))
    return values


def _unknown_fields(part: Part, item: Mapping[Any, Any], place: str) -> Iterator[Fault]:
    expected = f"one of {', '.join(sorted(part.field_names))}"
    for name in item:
        if name not in part.field_names:
            yield Fault(None, f"{place}.{str(name)[:64]}", expected, "an unknown field")


def _items(part: Part, given: Any, cells: bool, faults: list[Fault]) -> list[Any]:
    if given is None or (cells and isinstance(given, str) and not given.strip()):
        return []
    if cells and isinstance(given, str):
        try:
            read = read_json(given)
        except NotJson:
            faults.append(Fault(None, part.name, "a JSON list of objects", repr(given[:40])))
            return []
        faults += [replace(f, field=f"{part.name}: {f.field or 'JSON'}") for f in read.faults]
        given = read.value
    if not isinstance(given, list):
        faults.append(Fault(None, part.name, "a list of objects", type(given).__name__))
        return []
    if len(given) > part.max_items:
        expected = f"at most {part.max_items} items"
        faults.append(Fault(None, part.name, expected, f"{len(given)} items"))
        return []
    return given
