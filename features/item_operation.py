"""One named operation on the nested parts of a single project, described by its own signature."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, get_type_hints

from pydantic import TypeAdapter, ValidationError

Value = float | str | date | None
"""A scalar of a project; flags count as numbers, dates come as ``date`` or ``YYYY-MM-DD``."""

Items = Sequence[Value]
"""One field of a part, aligned by item, None where an item lacks it."""

Result = float | str | None
"""What an operation returns; None means unknown, which the models see as missing."""

UNBOUNDED = 1_000
"""Largest number of arguments of an operation that takes any number."""


@dataclass(frozen=True)
class ItemOperation:
    """An operation that a catalogue may name, with what it may be given."""

    name: str
    arguments: tuple[int, int]
    function: Callable[..., Result]
    options: frozenset[str]
    required_options: frozenset[str]
    option_types: Mapping[str, Any]
    lists: tuple[bool, ...]

    def takes_list(self, position: int) -> bool:
        """Whether the argument at *position* must be a ``part.field`` (else a scalar).

        An operation with any number of arguments takes the last kind repeatedly.
        """
        return self.lists[min(position, len(self.lists) - 1)]

    def faults(self, scalars: Sequence[bool], options: Mapping[str, Any]) -> list[str]:
        """What is wrong with a use in a catalogue, in words; empty when all is well.

        *scalars* says of each argument whether it is a scalar (and not a ``part.field``).
        """
        return [*self._argument_faults(scalars), *self._option_faults(options)]

    def _argument_faults(self, scalars: Sequence[bool]) -> list[str]:
        least, most = self.arguments
        if not least <= len(scalars) <= most:
            return [f"{self.name} takes {_span(least, most)} arguments, not {len(scalars)}"]
        return [
            f"{self.name}: argument {position + 1} must be "
            + ("a scalar indicator" if scalar is False else "a part.field")
            for position, scalar in enumerate(scalars)
            if scalar is self.takes_list(position)
        ]

    def _option_faults(self, options: Mapping[str, Any]) -> list[str]:
        unknown = [f"{self.name} has no option {name!r}" for name in options.keys() - self.options]
        absent = self.required_options - options.keys()
        lacking = [f"{self.name} needs the option {name!r}" for name in absent]
        known = options.keys() & self.options
        wrong = [fault for name in sorted(known) for fault in self._type_faults(name, options)]
        return sorted(unknown) + sorted(lacking) + wrong

    def _type_faults(self, name: str, options: Mapping[str, Any]) -> list[str]:
        try:
            TypeAdapter(self.option_types[name]).validate_python(options[name], strict=True)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]["msg"]
            return [f"{self.name}: option {name!r}: {first}"]
        return []


def item_operation(function: Callable[..., Result]) -> ItemOperation:
    """Return the description of *function* read from its signature.

    Positional parameters are its arguments (``Items`` or ``Value``; a default makes one optional,
    ``*rest`` any number), keyword-only parameters are its options.

    Raises:
        TypeError: a positional parameter is annotated with neither ``Items`` nor ``Value``.
    """
    hints = get_type_hints(function)
    parameters = list(inspect.signature(function).parameters.values())
    positional = [p for p in parameters if p.kind is not p.KEYWORD_ONLY]
    keywords = [p for p in parameters if p.kind is p.KEYWORD_ONLY]
    return ItemOperation(
        name=function.__name__,
        arguments=_arity(positional),
        function=function,
        options=frozenset(p.name for p in keywords),
        required_options=frozenset(p.name for p in keywords if p.default is p.empty),
        option_types={p.name: hints[p.name] for p in keywords},
        lists=tuple(_is_list(function.__name__, p.name, hints[p.name]) for p in positional),
    )


def _arity(positional: Sequence[inspect.Parameter]) -> tuple[int, int]:
    rest = any(p.kind is p.VAR_POSITIONAL for p in positional)
    named = [p for p in positional if p.kind is not p.VAR_POSITIONAL]
    least = sum(p.default is p.empty for p in named)
    return least, UNBOUNDED if rest else len(named)


def _is_list(function: str, parameter: str, hint: object) -> bool:
    if hint not in (Items, Value):
        raise TypeError(f"{function}: parameter {parameter!r} must be Items or Value, not {hint}")
    return hint == Items


def _span(least: int, most: int) -> str:
    if most == UNBOUNDED:
        return f"at least {least}"
    return str(least) if least == most else f"{least} to {most}"
