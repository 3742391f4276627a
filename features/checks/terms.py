"""What a condition may name: fields of the catalogue, columns of its parts, tables of the book."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pydantic import JsonValue

from features.catalogue import Catalogue
from features.checks.subject import Subject
from features.field import FieldDeclaration, Kind, Sensitivity
from features.item_operation import Value

Place = tuple[str | int, ...]
ValueOf = Callable[[Subject], Value]


class WrongCondition(Exception):
    """A condition that cannot be asked: where in the rule, what was expected, what came."""

    def __init__(self, place: Place, expected: str, got: str) -> None:
        self.place, self.expected, self.got = place, expected, got
        super().__init__(f"{place}: expected {expected}; got {got}")


def operator_of(
    node: Mapping[str, Any], known: Iterable[str], place: Place
) -> tuple[str, list[str]]:
    """The one operator that a node names, wherever among its keys, and the names of its options.

    Raises:
        WrongCondition: when it names none of the known ones, or several.
    """
    known = set(known)
    named = [name for name in node if name in known]
    if len(named) != 1:
        got = " and ".join(named) or ", ".join(map(str, node)) or "nothing"
        raise WrongCondition(place, f"one of {', '.join(sorted(known))}", got)
    return named[0], [name for name in node if name != named[0]]


@dataclass(frozen=True)
class Term:
    """A value that can be read of every project. reads: the fields it rests on; kind: what it is.

    constant: its value, where it does not depend on the project.
    """

    of: ValueOf
    kind: str
    reads: tuple[str, ...] = ()
    constant: float | None = None


@dataclass(frozen=True)
class Terms:
    """The names that are known where a condition stands. part: whose records are looked at."""

    catalogue: Catalogue
    part: str | None
    tables: Mapping[str, JsonValue]

    @cached_property
    def fields(self) -> Mapping[str, FieldDeclaration]:
        """Every given indicator, and every `part.field`, under its name."""
        given: dict[str, FieldDeclaration] = {i.name: i for i in self.catalogue.given}
        return given | {
            f"{part.name}.{field.name}": field
            for part in self.catalogue.parts
            for field in part.fields
        }

    def field(self, name: Any, place: Place) -> FieldDeclaration:
        """The declaration of a field.

        Raises:
            WrongCondition: when there is none of that name, or it is personal.
        """
        found = self.fields.get(name) if isinstance(name, str) else None
        if found is None:
            identity = self.catalogue.identity
            raise WrongCondition(place, f"a field of {identity}, or part.field", repr(name)[:60])
        if found.sensitivity is Sensitivity.PERSONAL:
            raise WrongCondition(place, "a field that is not personal", name)
        return found

    def scalar(self, name: Any, place: Place) -> Term:
        """A field as one value: of the project, or of the record that is looked at.

        Raises:
            WrongCondition: when there is none of that name, or it is of another part.
        """
        self.field(name, place)
        kind = "text" if self.is_text(name) else "number"
        part, dot, field = name.partition(".")
        if not dot:
            return Term(lambda subject: subject.values[name], kind, (name,))
        if part != self.part:
            got = f"{name}, a column of records"
            raise WrongCondition(place, f"one value (each: {part} looks at its records)", got)
        return Term(lambda subject: subject.item[field], kind, (name,))

    def is_text(self, name: str) -> bool:
        """Whether a field holds texts, codes or dates, and no numbers."""
        return self.fields[name].kind in (Kind.TEXT, Kind.CATEGORY, Kind.DATE)

    def column(self, name: Any, place: Place) -> tuple[str, str]:
        """Part and field of a `part.field`.

        Raises:
            WrongCondition: when it is none.
        """
        self.field(name, place)
        part, dot, field = name.partition(".")
        if not dot:
            raise WrongCondition(place, "a part.field", name)
        return part, field

    def table(self, name: Any, place: Place) -> JsonValue:
        """A table of the book.

        Raises:
            WrongCondition: when there is none of that name.
        """
        if not isinstance(name, str) or name not in self.tables:
            known = ", ".join(sorted(self.tables)) or "none"
            raise WrongCondition(place, f"a table of the book ({known})", repr(name)[:60])
        return self.tables[name]

    def texts(self, given: Any, place: Place) -> tuple[str, ...]:
        """A list of texts, written there or as the name of a table.

        Raises:
            WrongCondition: when it is neither.
        """
        found = self.table(given, place) if isinstance(given, str) else given
        if not isinstance(found, list) or not found or not all(isinstance(t, str) for t in found):
            raise WrongCondition(place, "texts in quotes, or a table of such", repr(given)[:60])
        return tuple(str(text) for text in found)
