"""The rules that span several entries of a catalogue, each yielding every fault it finds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property
from typing import get_type_hints

from pydantic import TypeAdapter, ValidationError

from features.catalogue_sections import Columns, CostRole, Priority
from features.consistency import Check
from features.derivation import cycle_of, origins
from features.errors import Fault
from features.field import FieldDeclaration, Kind, Part, Role
from features.head_declaration import HeadDeclaration, HeadKind
from features.indicator import Derivation, Indicator
from features.item_operations import ITEM_OPERATIONS
from features.operations import COLUMN_OPERATIONS, ColumnOperation


@dataclass(frozen=True)
class Draft:
    """The well-formed entries of a catalogue that may still contradict each other."""

    names: frozenset[str] = frozenset()
    indicators: tuple[Indicator, ...] = ()
    parts: tuple[Part, ...] = ()
    heads: tuple[HeadDeclaration, ...] = ()
    head_names: frozenset[str] = frozenset()
    dimensions: tuple[str, ...] = ()
    columns: Columns | None = None
    peers: tuple[str, ...] = ()
    priority: Priority | None = None
    cost: CostRole | None = None
    checks: tuple[Check, ...] = ()
    by_name: dict[str, Indicator] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", {i.name: i for i in self.indicators})

    @cached_property
    def part_fields(self) -> dict[str, tuple[str, Role | None]]:
        """Every `part.field` with the part's name and the field's role."""
        return {f"{p.name}.{f.name}": (p.name, f.role) for p in self.parts for f in p.fields}

    def role_of(self, name: str) -> Role | None:
        """The role of an indicator or of a `part.field`."""
        if name in self.part_fields:
            return self.part_fields[name][1]
        return self.by_name[name].role if name in self.by_name else None


def broken_rules(draft: Draft) -> list[Fault]:
    """Every fault of meaning in a catalogue, in the order of the rules."""
    return [fault for rule in RULES for fault in rule(draft)]


def _fault(place: str, expected: str, got: str, hint: str = "") -> Fault:
    return Fault(None, place, expected, got, hint)


def _unique_names(draft: Draft) -> Iterator[Fault]:
    spaces: dict[str, Iterable[str]] = {
        "indicators": [i.name for i in draft.indicators] + [p.name for p in draft.parts],
        "heads": [h.name for h in draft.heads],
        "dimensions": draft.dimensions,
        "column": [c for i in draft.indicators for c in dict.fromkeys(i.columns)],
    }
    spaces |= {f"parts[{p.name}].fields": [f.name for f in p.fields] for p in draft.parts}
    for space, names in spaces.items():
        for name, count in Counter(names).items():
            if count > 1:
                yield _fault(space, "each name once", f"{name!r} {count} times")


def _dimensions_exist(draft: Draft) -> Iterator[Fault]:
    for i in draft.indicators:
        if i.dimension not in draft.dimensions:
            expected = f"one of the dimensions {', '.join(draft.dimensions)}"
            yield _fault(f"indicators[{i.name}].dimension", expected, i.dimension)


def _kinds_agree(draft: Draft) -> Iterator[Fault]:
    for i in draft.indicators:
        yield from _kind_faults(f"indicators[{i.name}]", i)
    for part in draft.parts:
        for entry in part.fields:
            yield from _kind_faults(f"parts[{part.name}].fields[{entry.name}]", entry)


def _kind_faults(place: str, entry: FieldDeclaration) -> Iterator[Fault]:
    if entry.codes is not None and entry.kind is not Kind.CATEGORY:
        yield _fault(f"{place}.codes", "codes only for kind category", f"kind {entry.kind}")
    if entry.ordered and (entry.kind is not Kind.CATEGORY or not entry.codes):
        yield _fault(f"{place}.ordered", "a category with codes in rising order", f"{entry.kind}")
    if entry.range and not _rising(entry.range):
        yield _fault(f"{place}.range", "[low, high] with low < high", str(list(entry.range)))


def _rising(limits: tuple[float | None, float | None]) -> bool:
    low, high = limits
    return low is None or high is None or low < high


def _derived_or_given(draft: Draft) -> Iterator[Fault]:
    for i in draft.indicators:
        place = f"indicators[{i.name}]"
        if i.derived and i.derive is None:
            yield _fault(f"{place}.derive", "an operation for a derived indicator", "none")
        if not i.derived and i.derive is not None:
            yield _fault(f"{place}.source", "derived, where derive is given", i.source.value)
        if i.derived and (i.required or i.column or i.key_evidence):
            expected = "no required, column or key_evidence on a derived indicator"
            yield _fault(f"{place}", expected, "one")


def _derivations_are_possible(draft: Draft) -> Iterator[Fault]:
    for i in draft.indicators:
        if i.derive is not None:
            yield from _derivation_faults(f"indicators[{i.name}].derive", i.derive, draft)
            yield from _result_faults(i, i.derive)
    cycle = cycle_of(draft.indicators)
    if cycle:
        yield _fault("indicators", "derivations without a cycle", " → ".join(cycle))


def _result_faults(indicator: Indicator, derive: Derivation) -> Iterator[Fault]:
    operation = COLUMN_OPERATIONS.get(derive.operation)
    if operation and (operation.gives == "category") != (indicator.kind is Kind.CATEGORY):
        place = f"indicators[{indicator.name}].kind"
        expected = f"what {derive.operation} gives, a {operation.gives}"
        yield _fault(place, expected, f"kind {indicator.kind}")


def _derivation_faults(place: str, derive: Derivation, draft: Draft) -> Iterator[Fault]:
    known = draft.names | draft.part_fields.keys()
    for source in derive.of:
        if source not in known:
            yield _fault(f"{place}.of", "an indicator or part.field of this catalogue", source)
    if derive.operation in COLUMN_OPERATIONS:
        yield from _column_operation_faults(place, derive, draft)
    elif derive.operation in ITEM_OPERATIONS:
        scalars = [source not in draft.part_fields for source in derive.of]
        for source in derive.of:
            if source in draft.by_name and draft.by_name[source].derived:
                yield _fault(f"{place}.of", "given indicators and part.field", f"derived {source}")
        for wrong in ITEM_OPERATIONS[derive.operation].faults(scalars, derive.options):
            yield _fault(place, "a possible use of the operation", wrong)
    else:
        names = sorted({*COLUMN_OPERATIONS, *ITEM_OPERATIONS})
        near = get_close_matches(derive.operation, names, 1)
        hint = f"did you mean {near[0]}?" if near else "`lingji operations` explains them"
        yield _fault(f"{place}.operation", f"one of {', '.join(names)}", derive.operation, hint)


def _column_operation_faults(place: str, derive: Derivation, draft: Draft) -> Iterator[Fault]:
    operation = COLUMN_OPERATIONS[derive.operation]
    yield from _arity_faults(place, derive, operation.arguments)
    yield from _option_faults(place, derive, operation.required, operation.optional)
    yield from _option_type_faults(place, derive, operation)
    for source in derive.of:
        if source in draft.part_fields:
            expected = "indicators (an item operation reads part.field)"
            yield _fault(f"{place}.of", expected, source)
        if source in draft.by_name and operation.takes != "any":
            numeric = draft.by_name[source].numeric
            if numeric != (operation.takes == "numbers"):
                kind = draft.by_name[source].kind
                yield _fault(f"{place}.of", operation.takes, f"{source} of kind {kind}")
    if derive.operation == "band" and not operation.required - derive.options.keys():
        edges, codes = derive.options["edges"], derive.options["codes"]
        if not (isinstance(edges, list) and isinstance(codes, list)) or len(codes) != (
            len(edges) + 1
        ):
            yield _fault(f"{place}.options", "one code more than edges", f"{edges}, {codes}")


def _arity_faults(place: str, derive: Derivation, arity: tuple[int, int]) -> Iterator[Fault]:
    low, high = arity
    if not low <= len(derive.of) <= high:
        expected = str(low) if low == high else f"{low} to {high}"
        yield _fault(f"{place}.of", f"{expected} arguments", str(len(derive.of)))


def _option_faults(
    place: str, derive: Derivation, required: frozenset[str], optional: frozenset[str]
) -> Iterator[Fault]:
    for missing in sorted(required - derive.options.keys()):
        yield _fault(f"{place}.options", f"the option {missing}", "none")
    for unknown in sorted(derive.options.keys() - required - optional):
        expected = ", ".join(sorted(required | optional)) or "no options"
        yield _fault(f"{place}.options", expected, unknown)


def _option_type_faults(
    place: str, derive: Derivation, operation: ColumnOperation
) -> Iterator[Fault]:
    types = get_type_hints(operation.function)
    for name in sorted(derive.options.keys() & (operation.required | operation.optional)):
        try:
            TypeAdapter(types[name]).validate_python(derive.options[name], strict=True)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]["msg"]
            got = repr(derive.options[name])[:80]
            yield _fault(f"{place}.options.{name}", first.removeprefix("Input should be "), got)


def _uses_are_possible(draft: Draft) -> Iterator[Fault]:
    for i in draft.indicators:
        for head, direction in i.use.items():
            place = f"indicators[{i.name}].use"
            if head not in draft.head_names:
                yield _fault(place, f"one of the heads {', '.join(sorted(draft.head_names))}", head)
            if i.kind is Kind.TEXT:
                yield _fault(place, "a number, flag or category (derive one)", f"kind {i.kind}")
            if direction != "free" and not i.numeric:
                yield _fault(place, "free, for an unordered category", f"{head}: {direction}")


def _heads_can_be_learned(draft: Draft) -> Iterator[Fault]:
    for head in draft.heads:
        place = f"heads[{head.name}]"
        if not any(head.name in i.use for i in draft.indicators):
            yield _fault(place, "at least one indicator that uses it", "none")
        if head.relative_to and head.kind is not HeadKind.AMOUNT:
            yield _fault(f"{place}.relative_to", "an amount head", f"kind {head.kind}")
        for name in head.relative_to:
            indicator = draft.by_name.get(name)
            if name not in draft.names or (indicator is not None and not indicator.numeric):
                yield _fault(f"{place}.relative_to", "a numeric indicator", name)
        outcome = head.outcome
        if head.kind is not HeadKind.PROBABILITY and (
            outcome.below is not None or outcome.at_least is not None
        ):
            yield _fault(f"{place}.outcome", "below or at_least only for a probability", head.kind)


def _forbidden_roles(head: HeadDeclaration) -> frozenset[Role]:
    always = frozenset({Role.DECLARER})
    return always | {Role.REQUESTED_AMOUNT, Role.LAST_BUDGET} if head.zero_based else always


def _heads_do_not_see_what_they_must_not(draft: Draft) -> Iterator[Fault]:
    for head in draft.heads:
        used = [i.name for i in draft.indicators if head.name in i.use]
        for name in dict.fromkeys([*used, *head.relative_to]):
            for origin in sorted(origins(name, draft.by_name)):
                role = draft.role_of(origin)
                if role in _forbidden_roles(head):
                    expected = "nothing derived from " + ", ".join(sorted(_forbidden_roles(head)))
                    got = name if name == origin else f"{name}, derived from {origin}"
                    yield _fault(f"heads[{head.name}]", expected, f"{got} ({role})")


def _checks_read_what_exists(draft: Draft) -> Iterator[Fault]:
    for check in draft.checks:
        for name in check.of:
            if name not in draft.names | draft.part_fields.keys():
                expected = "an indicator or part.field of this catalogue"
                yield _fault(f"checks[{check.name}].of", expected, name)


def _columns_exist(draft: Draft) -> Iterator[Fault]:
    if draft.columns is None:
        return
    named = [("id", name) for name in draft.columns.id] + [("time", draft.columns.time)]
    optional = [("group", draft.columns.group), ("name", draft.columns.name)]
    named += [(use, name) for use, name in optional if name is not None]
    for use, name in named:
        if name not in draft.names or (name in draft.by_name and draft.by_name[name].derived):
            yield _fault(f"columns.{use}", "a given indicator of this catalogue", name)
    time = draft.by_name.get(draft.columns.time)
    if time is not None and not (time.kind in (Kind.NUMBER, Kind.COUNT) and time.required):
        yield _fault("columns.time", "a required number or count (the year)", time.kind)


def _peers_are_categories(draft: Draft) -> Iterator[Fault]:
    forbidden = frozenset().union(*(_forbidden_roles(head) for head in draft.heads))
    for name in draft.peers:
        indicator = draft.by_name.get(name)
        if indicator is None or indicator.kind is not Kind.CATEGORY:
            if name not in draft.names or indicator is not None:
                yield _fault("peers", "a category indicator", name)
        elif any(draft.role_of(origin) in forbidden for origin in origins(name, draft.by_name)):
            expected = "a category not derived from " + ", ".join(sorted(forbidden))
            yield _fault("peers", expected, name)


def _priority_and_cost_fit(draft: Draft) -> Iterator[Fault]:
    kinds = {head.name: head.kind for head in draft.heads}
    if draft.priority is not None:
        axes = {"necessity", "importance"}
        for axis in (draft.priority.necessity, draft.priority.importance):
            if kinds.get(axis, HeadKind.SCORE) is not HeadKind.SCORE or axis not in (
                draft.head_names
            ):
                yield _fault("priority", "a head of kind score", axis)
        for section in ("thresholds", "weights"):
            given = getattr(draft.priority, section)
            if set(given) != axes:
                yield _fault(f"priority.{section}", "necessity and importance", str(given))
        if (
            not sum(draft.priority.weights.values()) > 0
            or min(draft.priority.weights.values(), default=0) < 0
        ):
            yield _fault("priority.weights", "weights ≥ 0, not all 0", str(draft.priority.weights))
    if draft.cost is not None:
        if kinds.get(draft.cost.head) is not HeadKind.AMOUNT:
            yield _fault("cost.head", "a head of kind amount", draft.cost.head)
        requested = draft.by_name.get(draft.cost.requested)
        ill_formed = requested is None and draft.cost.requested in draft.names  # named already
        if not ill_formed and (
            requested is None or requested.kind is not Kind.MONEY or requested.derived
        ):
            expected = "a given indicator of kind money"
            yield _fault("cost.requested", expected, draft.cost.requested)


RULES: tuple[Callable[[Draft], Iterator[Fault]], ...] = (
    _unique_names,
    _dimensions_exist,
    _kinds_agree,
    _derived_or_given,
    _derivations_are_possible,
    _uses_are_possible,
    _heads_can_be_learned,
    _heads_do_not_see_what_they_must_not,
    _checks_read_what_exists,
    _columns_exist,
    _peers_are_categories,
    _priority_and_cost_fit,
)
