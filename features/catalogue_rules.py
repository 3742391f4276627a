"""The rules that span several entries of a catalogue, each yielding every fault it finds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from features.catalogue_draft import Draft, fault
from features.derivation import origins
from features.derivation_rules import derivations_are_possible
from features.errors import Fault
from features.field import FieldDeclaration, Kind, Role
from features.head_declaration import HeadDeclaration, HeadKind


def broken_rules(draft: Draft) -> list[Fault]:
    """Every fault of meaning in a catalogue, in the order of the rules."""
    return [found for rule in RULES for found in rule(draft)]


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
                yield fault(space, "each name once", f"{name!r} {count} times")


def _dimensions_exist(draft: Draft) -> Iterator[Fault]:
    for i in draft.indicators:
        if i.dimension not in draft.dimensions:
            expected = f"one of the dimensions {', '.join(draft.dimensions)}"
            yield fault(f"indicators[{i.name}].dimension", expected, i.dimension)


def _kinds_agree(draft: Draft) -> Iterator[Fault]:
    for i in draft.indicators:
        yield from _kind_faults(f"indicators[{i.name}]", i)
    for part in draft.parts:
        for entry in part.fields:
            yield from _kind_faults(f"parts[{part.name}].fields[{entry.name}]", entry)


def _kind_faults(place: str, entry: FieldDeclaration) -> Iterator[Fault]:
    if entry.codes is not None and entry.kind is not Kind.CATEGORY:
        yield fault(f"{place}.codes", "codes only for kind category", f"kind {entry.kind}")
    if entry.ordered and (entry.kind is not Kind.CATEGORY or not entry.codes):
        yield fault(f"{place}.ordered", "a category with codes in rising order", f"{entry.kind}")
    if entry.range and not _rising(entry.range):
        yield fault(f"{place}.range", "[low, high] with low < high", str(list(entry.range)))


def _rising(limits: tuple[float | None, float | None]) -> bool:
    low, high = limits
    return low is None or high is None or low < high


def _derived_or_given(draft: Draft) -> Iterator[Fault]:
    for i in draft.indicators:
        place = f"indicators[{i.name}]"
        if i.derived and i.derive is None:
            yield fault(f"{place}.derive", "an operation for a derived indicator", "none")
        if not i.derived and i.derive is not None:
            yield fault(f"{place}.source", "derived, where derive is given", i.source.value)
        if i.derived and (i.required or i.column or i.key_evidence):
            expected = "no required, column or key_evidence on a derived indicator"
            yield fault(f"{place}", expected, "one")


def _uses_are_possible(draft: Draft) -> Iterator[Fault]:
    for i in draft.indicators:
        for head, direction in i.use.items():
            place = f"indicators[{i.name}].use"
            if head not in draft.head_names:
                yield fault(place, f"one of the heads {', '.join(sorted(draft.head_names))}", head)
            if i.kind is Kind.TEXT:
                yield fault(place, "a number, flag or category (derive one)", f"kind {i.kind}")
            if direction != "free" and not i.numeric:
                yield fault(place, "free, for an unordered category", f"{head}: {direction}")


def _heads_can_be_learned(draft: Draft) -> Iterator[Fault]:
    for head in draft.heads:
        place = f"heads[{head.name}]"
        if not any(head.name in i.use for i in draft.indicators):
            yield fault(place, "at least one indicator that uses it", "none")
        if head.relative_to and head.kind is not HeadKind.AMOUNT:
            yield fault(f"{place}.relative_to", "an amount head", f"kind {head.kind}")
        for name in head.relative_to:
            indicator = draft.by_name.get(name)
            if name not in draft.names or (indicator is not None and not indicator.numeric):
                yield fault(f"{place}.relative_to", "a numeric indicator", name)
        outcome = head.outcome
        if head.kind is not HeadKind.PROBABILITY and (
            outcome.below is not None or outcome.at_least is not None
        ):
            yield fault(f"{place}.outcome", "below or at_least only for a probability", head.kind)


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
                    yield fault(f"heads[{head.name}]", expected, f"{got} ({role})")
                if origin in draft.personal:
                    expected = "nothing personal: an input is shown in the reasons"
                    yield fault(f"heads[{head.name}]", expected, f"{name}, which rests on {origin}")


def _checks_read_what_exists(draft: Draft) -> Iterator[Fault]:
    for check in draft.checks:
        for name in check.of:
            if name not in draft.names | draft.part_fields.keys():
                expected = "an indicator or part.field of this catalogue"
                yield fault(f"checks[{check.name}].of", expected, name)


def _columns_exist(draft: Draft) -> Iterator[Fault]:
    if draft.columns is None:
        return
    named = [("id", name) for name in draft.columns.id] + [("time", draft.columns.time)]
    columns = draft.columns
    optional = [("group", columns.group), ("name", columns.name), ("region", columns.region)]
    named += [(use, name) for use, name in optional if name is not None]
    for use, name in named:
        if name not in draft.names or (name in draft.by_name and draft.by_name[name].derived):
            yield fault(f"columns.{use}", "a given indicator of this catalogue", name)
    time = draft.by_name.get(draft.columns.time)
    if time is not None and not (time.kind in (Kind.NUMBER, Kind.COUNT) and time.required):
        yield fault("columns.time", "a required number or count (the year)", time.kind)


def _peers_are_categories(draft: Draft) -> Iterator[Fault]:
    forbidden = frozenset().union(*(_forbidden_roles(head) for head in draft.heads))
    for name in draft.peers:
        indicator = draft.by_name.get(name)
        if indicator is None or indicator.kind is not Kind.CATEGORY:
            if name not in draft.names or indicator is not None:
                yield fault("peers", "a category indicator", name)
        elif any(draft.role_of(origin) in forbidden for origin in origins(name, draft.by_name)):
            expected = "a category not derived from " + ", ".join(sorted(forbidden))
            yield fault("peers", expected, name)


def _priority_and_cost_fit(draft: Draft) -> Iterator[Fault]:
    kinds = {head.name: head.kind for head in draft.heads}
    if draft.priority is not None:
        axes = {"necessity", "importance"}
        for axis in (draft.priority.necessity, draft.priority.importance):
            if kinds.get(axis, HeadKind.SCORE) is not HeadKind.SCORE or axis not in (
                draft.head_names
            ):
                yield fault("priority", "a head of kind score", axis)
        for section in ("thresholds", "weights"):
            given = getattr(draft.priority, section)
            if set(given) != axes:
                yield fault(f"priority.{section}", "necessity and importance", str(given))
        if (
            not sum(draft.priority.weights.values()) > 0
            or min(draft.priority.weights.values(), default=0) < 0
        ):
            yield fault("priority.weights", "weights ≥ 0, not all 0", str(draft.priority.weights))
    if draft.cost is not None:
        if kinds.get(draft.cost.head) is not HeadKind.AMOUNT:
            yield fault("cost.head", "a head of kind amount", draft.cost.head)
        requested = draft.by_name.get(draft.cost.requested)
        ill_formed = requested is None and draft.cost.requested in draft.names  # named already
        if not ill_formed and (
            requested is None or requested.kind is not Kind.MONEY or requested.derived
        ):
            expected = "a given indicator of kind money"
            yield fault("cost.requested", expected, draft.cost.requested)


RULES: tuple[Callable[[Draft], Iterator[Fault]], ...] = (
    _unique_names,
    _dimensions_exist,
    _kinds_agree,
    _derived_or_given,
    derivations_are_possible,
    _uses_are_possible,
    _heads_can_be_learned,
    _heads_do_not_see_what_they_must_not,
    _checks_read_what_exists,
    _columns_exist,
    _peers_are_categories,
    _priority_and_cost_fit,
)
