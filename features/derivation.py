"""The derivation graph: what an indicator is calculated from, down to what was given."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from graphlib import CycleError, TopologicalSorter

from features.indicator import Indicator


def reads(indicator: Indicator) -> tuple[str, ...]:
    """The names that `indicator` is directly calculated from; empty when it is given."""
    return indicator.derive.of if indicator.derive else ()


def evaluation_order(indicators: Iterable[Indicator]) -> list[str]:
    """The derived indicators' names, each after everything it reads.

    Raises:
        graphlib.CycleError: when an indicator is derived from itself.
    """
    derived = {i.name: i for i in indicators if i.derived}
    graph = {
        name: sorted(source for source in reads(i) if source in derived)
        for name, i in derived.items()
    }
    return list(TopologicalSorter(graph).static_order())


def cycle_of(indicators: Iterable[Indicator]) -> list[str] | None:
    """The names along one cycle of the graph, or None when there is none."""
    try:
        evaluation_order(indicators)
    except CycleError as error:
        return list(error.args[1])
    return None


def origins(name: str, indicators: Mapping[str, Indicator]) -> frozenset[str]:
    """Everything that `name` rests on at any depth, itself included."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        current = waiting.pop()
        if current in found:
            continue
        found.add(current)
        if current in indicators:
            waiting.extend(reads(indicators[current]))
    return frozenset(found)
