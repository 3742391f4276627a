"""The rules of derivations: operations that exist, arguments and options that they can take."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from typing import get_type_hints

from pydantic import TypeAdapter, ValidationError

from features.catalogue_draft import Draft, fault
from features.derivation import cycle_of
from features.errors import Fault
from features.field import Kind
from features.indicator import Derivation, Indicator
from features.item_operations import ITEM_OPERATIONS
from features.operations import COLUMN_OPERATIONS, ColumnOperation


def derivations_are_possible(draft: Draft) -> Iterator[Fault]:
    """Every derivation that could not be calculated, with why."""
    for i in draft.indicators:
        if i.derive is not None:
            yield from _derivation_faults(f"indicators[{i.name}].derive", i.derive, draft)
            yield from _result_faults(i, i.derive)
    cycle = cycle_of(draft.indicators)
    if cycle:
        yield fault("indicators", "derivations without a cycle", " → ".join(cycle))


def _result_faults(indicator: Indicator, derive: Derivation) -> Iterator[Fault]:
    operation = COLUMN_OPERATIONS.get(derive.operation)
    if operation and (operation.gives == "category") != (indicator.kind is Kind.CATEGORY):
        place = f"indicators[{indicator.name}].kind"
        expected = f"what {derive.operation} gives, a {operation.gives}"
        yield fault(place, expected, f"kind {indicator.kind}")


def _derivation_faults(place: str, derive: Derivation, draft: Draft) -> Iterator[Fault]:
    known = draft.names | draft.part_fields.keys()
    for source in derive.of:
        if source not in known:
            yield fault(f"{place}.of", "an indicator or part.field of this catalogue", source)
    if derive.operation in COLUMN_OPERATIONS:
        yield from _column_operation_faults(place, derive, draft)
    elif derive.operation in ITEM_OPERATIONS:
        scalars = [source not in draft.part_fields for source in derive.of]
        for source in derive.of:
            if source in draft.by_name and draft.by_name[source].derived:
                yield fault(f"{place}.of", "given indicators and part.field", f"derived {source}")
        for wrong in ITEM_OPERATIONS[derive.operation].faults(scalars, derive.options):
            yield fault(place, "a possible use of the operation", wrong)
    else:
        names = sorted({*COLUMN_OPERATIONS, *ITEM_OPERATIONS})
        near = get_close_matches(derive.operation, names, 1)
        hint = f"did you mean {near[0]}?" if near else "`lingji operations` explains them"
        yield fault(f"{place}.operation", f"one of {', '.join(names)}", derive.operation, hint)


def _column_operation_faults(place: str, derive: Derivation, draft: Draft) -> Iterator[Fault]:
    operation = COLUMN_OPERATIONS[derive.operation]
    yield from _arity_faults(place, derive, operation.arguments)
    yield from _option_faults(place, derive, operation.required, operation.optional)
    yield from _option_type_faults(place, derive, operation)
    for source in derive.of:
        if source in draft.part_fields:
            expected = "indicators (an item operation reads part.field)"
            yield fault(f"{place}.of", expected, source)
        if source in draft.by_name and operation.takes != "any":
            numeric = draft.by_name[source].numeric
            if numeric != (operation.takes == "numbers"):
                kind = draft.by_name[source].kind
                yield fault(f"{place}.of", operation.takes, f"{source} of kind {kind}")
    if derive.operation == "band" and not operation.required - derive.options.keys():
        edges, codes = derive.options["edges"], derive.options["codes"]
        if not (isinstance(edges, list) and isinstance(codes, list)) or len(codes) != (
            len(edges) + 1
        ):
            yield fault(f"{place}.options", "one code more than edges", f"{edges}, {codes}")


def _arity_faults(place: str, derive: Derivation, arity: tuple[int, int]) -> Iterator[Fault]:
    low, high = arity
    if not low <= len(derive.of) <= high:
        expected = str(low) if low == high else f"{low} to {high}"
        yield fault(f"{place}.of", f"{expected} arguments", str(len(derive.of)))


def _option_faults(
    place: str, derive: Derivation, required: frozenset[str], optional: frozenset[str]
) -> Iterator[Fault]:
    for missing in sorted(required - derive.options.keys()):
        yield fault(f"{place}.options", f"the option {missing}", "none")
    for unknown in sorted(derive.options.keys() - required - optional):
        expected = ", ".join(sorted(required | optional)) or "no options"
        yield fault(f"{place}.options", expected, unknown)


def _option_type_faults(
    place: str, derive: Derivation, operation: ColumnOperation
) -> Iterator[Fault]:
    types = get_type_hints(operation.function, include_extras=True)
    for name in sorted(derive.options.keys() & (operation.required | operation.optional)):
        try:
            TypeAdapter(types[name]).validate_python(derive.options[name], strict=True)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]["msg"]
            got = repr(derive.options[name])[:80]
            yield fault(f"{place}.options.{name}", first.removeprefix("Input should be "), got)
