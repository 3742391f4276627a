"""Whether the fields of one project agree with each other: the same unit, dates in order."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

from pydantic import Field, JsonValue, model_validator

from features.consistency_operations import CHECK_OPERATIONS
from features.errors import Fault
from features.field import AsciiName, Declaration


class Check(Declaration):
    """One named check of a catalogue: an operation, and the fields that it reads."""

    name: AsciiName
    operation: str
    of: tuple[str, ...]
    options: dict[str, JsonValue] = Field(default_factory=dict)

    @cached_property
    def sources(self) -> tuple[tuple[str, str], ...]:
        """What it reads: each part with its field, or each given indicator with "" for a field."""
        cut = (name.partition(".") for name in self.of)
        return tuple((part, field) for part, _, field in cut)

    @model_validator(mode="after")
    def _is_possible(self) -> Check:
        """Refuse an unknown operation, and arguments or options that it does not take."""
        if self.operation not in CHECK_OPERATIONS:
            raise ValueError(f"operation must be one of {', '.join(sorted(CHECK_OPERATIONS))}")
        options: dict[str, Any] = self.options
        try:
            inspect.signature(CHECK_OPERATIONS[self.operation]).bind(*self.of, **options)
        except TypeError as error:
            raise ValueError(f"{self.operation}: {error}") from error
        return self


def check_consistency(checks: Iterable[Check], project: Mapping[str, Any]) -> list[Fault]:
    """Return the faults of one project, in the order of the checks; empty when all agree.

    *project* holds every given indicator and every part (as records) with parsed values. A fault
    names the field with its item counted from 1, as ``cost_lines[2].est_amt``.
    """
    faults: list[Fault] = []
    for check in checks:
        arguments = [_argument(project, part, field) for part, field in check.sources]
        options: dict[str, Any] = check.options
        for found in CHECK_OPERATIONS[check.operation](*arguments, **options):
            place = _place(check.of[found.argument], found.item)
            faults.append(Fault(None, place, found.expected, found.got, found.hint))
    return faults


def _argument(project: Mapping[str, Any], part: str, field: str) -> Any:
    value = project.get(part)
    if not field:
        return value
    return [record.get(field) for record in value] if isinstance(value, (list, tuple)) else []


def _place(name: str, item: int | None) -> str:
    part, _, field = name.partition(".")
    return name if item is None else f"{part}[{item + 1}].{field}"
