"""What of a declared project is compared with others."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from features.declared_project import DeclaredProject
from features.duplicates.compared_fields import Fields, Stated


@dataclass(frozen=True, slots=True)
class Traits:
    """Of one project; texts "" and numbers None where it does not tell."""

    project_id: str
    year: int
    name: str
    texts: tuple[str, ...]
    sort: str
    place: str
    department: str
    amount: float | None
    quantity: float | None
    people: float | None
    documents: frozenset[str]
    targets: frozenset[str]
    declared_new: bool | None
    one_off: bool | None

    @property
    def key(self) -> tuple[str, int]:
        """Project and round."""
        return self.project_id, self.year

    @property
    def unit_price(self) -> float | None:
        """Amount per unit of quantity."""
        known = self.amount is not None and self.quantity is not None and self.quantity > 0
        return cast(float, self.amount) / cast(float, self.quantity) if known else None

    @property
    def digest(self) -> str:
        """SHA-256 of everything that is compared: another one when anything of it changes."""
        told = [
            self.project_id, self.year, self.name, self.texts, self.sort, self.place,
            self.department, self.amount, self.quantity, self.people, sorted(self.documents),
            sorted(self.targets), self.declared_new, self.one_off,
        ]  # fmt: skip
        return f"sha256:{hashlib.sha256(repr(told).encode()).hexdigest()}"


def traits_of(project: DeclaredProject, fields: Fields) -> Traits:
    """What of a project is compared."""
    return traits_of_values(project.values, project.project_id, project.year, fields)


def traits_of_values(
    values: Mapping[str, Any], project_id: str, year: int, fields: Fields
) -> Traits:
    """The same of a project's values."""
    return Traits(
        project_id,
        year,
        _text(values.get(fields.name)),
        tuple(_text(values.get(name)) for name in fields.texts),
        _text(values.get(fields.sort or "")),
        _text(values.get(fields.place or "")),
        _text(values.get(fields.department or "")),
        _number(values.get(fields.amount or "")),
        _number(values.get(fields.quantity or "")),
        _number(values.get(fields.people or "")),
        frozenset(word for (word,) in _items(values, fields.documents) if word),
        frozenset(f"{name}\t{aim}" for name, aim in _items(values, *(fields.targets or ())) if aim),
        _holds(values, fields.declared_new),
        _holds(values, fields.one_off),
    )


def aim_of(target: str) -> str:
    """What a target aims at, without the indicator's name."""
    return target.partition("\t")[2]


def _items(values: Any, *paths: str | None) -> Iterator[tuple[str, ...]]:
    given = [path.split(".") for path in paths if path]
    if given:
        for item in values.get(given[0][0]) or ():
            yield tuple(_text(item.get(name)) for _, name in given)


def _holds(values: Any, stated: Stated | None) -> bool | None:
    given = values.get(stated.field) if stated else None
    return None if given is None or stated is None else given == stated.value


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and value > 0 else None
