"""A catalogue while it is checked: its well-formed entries, which may contradict each other."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from features.catalogue_sections import Columns, CostRole, Priority
from features.consistency import Check
from features.errors import Fault
from features.field import Part, Role, Sensitivity
from features.head_declaration import HeadDeclaration
from features.indicator import Indicator


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

    @cached_property
    def personal(self) -> frozenset[str]:
        """Every indicator and `part.field` that is personal."""
        classes = {i.name: i.sensitivity for i in self.indicators}
        classes |= {f"{p.name}.{f.name}": f.sensitivity for p in self.parts for f in p.fields}
        return frozenset(n for n, held in classes.items() if held is Sensitivity.PERSONAL)

    def role_of(self, name: str) -> Role | None:
        """The role of an indicator or of a `part.field`."""
        if name in self.part_fields:
            return self.part_fields[name][1]
        return self.by_name[name].role if name in self.by_name else None


def fault(place: str, expected: str, got: str, hint: str = "") -> Fault:
    """A fault of meaning, at a place of the catalogue."""
    return Fault(None, place, expected, got, hint)
