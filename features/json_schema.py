"""JSON Schema (2020-12) of a declared project, from the catalogue."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from features.catalogue import Catalogue
from features.field import FieldDeclaration, Kind, Label, Part
from features.value_parser import GREATEST, effective_range

JsonSchema = dict[str, Any]

# Dates as the parser takes them; whether the month has that day only the calendar knows.
_DATE = (
    r"^\s*(?!0000)[0-9]{4}[-/.](0?[1-9]|1[0-2])[-/.](0?[1-9]|[12][0-9]|3[01])([T ]00:00:00)?\s*$"
)
NO_NUL = r"^[^\u0000]*$"
_NUMERIC = frozenset({Kind.NUMBER, Kind.SHARE, Kind.MONEY, Kind.COUNT})
_COMMENT = (
    "A schema cannot say everything: dates must exist in the calendar, and checks between fields "
    "come on top."
)


def project_schema(catalogue: Catalogue) -> JsonSchema:
    """The schema of a declared project: every field, its words, unit, range and codes.

    What it accepts the parser accepts too, but for days that no month has and the catalogue's
    checks between fields.
    """
    fields = {field.name: _field(field, catalogue) for field in catalogue.given}
    parts = {part.name: _part(part, catalogue) for part in catalogue.parts}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:lingji:{catalogue.catalogue}:{catalogue.version}",
        "$comment": _COMMENT,
        **_words(catalogue.label, catalogue.note),
        **_object(catalogue.given, fields | parts),
    }


def _part(part: Part, catalogue: Catalogue) -> JsonSchema:
    fields = {field.name: _field(field, catalogue) for field in part.fields}
    return {
        **_words(part.label),
        "type": ["array", "null"],
        "maxItems": part.max_items,
        "items": _object(part.fields, fields),
    }


def _object(fields: Iterable[FieldDeclaration], properties: JsonSchema) -> JsonSchema:
    return {
        "type": "object",
        "properties": properties,
        "required": [field.name for field in fields if field.required],
        "additionalProperties": False,
    }


def _field(field: FieldDeclaration, catalogue: Catalogue) -> JsonSchema:
    described = _words(field.label) | _unit(field, catalogue)
    if field.kind in _NUMERIC:
        described |= _number(field)
    elif field.kind is Kind.FLAG:
        described["type"] = "boolean"
    elif field.kind is Kind.DATE:
        described |= {"type": "string", "pattern": _DATE, "examples": ["2025-03-31"]}
    else:
        described |= _text(field)
    return described if field.required else _or_null(described)


def _number(field: FieldDeclaration) -> JsonSchema:
    low, high = effective_range(field)
    return {
        "type": "integer" if field.kind is Kind.COUNT else "number",
        "minimum": -GREATEST if low is None else max(low, -GREATEST),
        "maximum": GREATEST if high is None else min(high, GREATEST),
    }


def _text(field: FieldDeclaration) -> JsonSchema:
    if field.kind is Kind.CATEGORY and field.codes:
        codes = {code: words.model_dump() for code, words in field.codes.items()}
        return {"type": "string", "enum": list(codes), "x-codes": codes}
    return {"type": "string", "maxLength": field.max_length, "pattern": NO_NUL}


def _or_null(described: JsonSchema) -> JsonSchema:
    """The same schema with null for a value that is not known."""
    nullable = {**described, "type": [described["type"], "null"]}
    if "enum" in described:
        nullable["enum"] = [*described["enum"], None]
    return nullable


def _words(label: Label, note: Label | None = None) -> JsonSchema:
    words: JsonSchema = {"title": f"{label.zh} / {label.en}", "x-label": label.model_dump()}
    return words | {"description": f"{note.zh} / {note.en}"} if note else words


def _unit(field: FieldDeclaration, catalogue: Catalogue) -> JsonSchema:
    """The unit, where the field has one; an amount is in the catalogue's currency."""
    if field.unit is not None:
        return {"x-unit": field.unit.model_dump()}
    if field.kind is Kind.MONEY:
        currency = catalogue.currency
        return {"x-unit": {"zh": currency.unit, "en": currency.unit_en}}
    return {}
