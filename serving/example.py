"""The project with which the front page's form begins."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from features.catalogue import Catalogue
from features.field import FieldDeclaration, Kind
from features.value_parser import effective_range

_EXAMPLES = Path(__file__).parent / "static" / "examples"


def example_text(catalogue: Catalogue) -> str:
    """An example project of the catalogue as JSON text: a written one, or else the least one."""
    written = _EXAMPLES / f"{catalogue.catalogue}.json"
    if written.is_file():
        return written.read_text(encoding="utf-8")
    return json.dumps(least_project(catalogue), ensure_ascii=False, indent=2)


def least_project(catalogue: Catalogue) -> dict[str, Any]:
    """A project with nothing but what is required and the key evidence."""
    return {
        field.name: _some_value(field)
        for field in catalogue.given
        if field.required or field.key_evidence
    }


def _some_value(field: FieldDeclaration) -> Any:
    """A value that the field may hold."""
    if field.kind is Kind.FLAG:
        return False
    if field.kind is Kind.DATE:
        return "2025-01-01"
    if field.kind in (Kind.TEXT, Kind.CATEGORY):
        return next(iter(field.codes)) if field.codes else field.name[: field.max_length]
    low, high = effective_range(field)
    usual = 1.0 if low is None else max(low, 1.0)
    value = usual if high is None else min(usual, high)
    return int(value) if value == int(value) else value
