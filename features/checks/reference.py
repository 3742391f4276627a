"""Reference data that checks compare a project with: what lies outside of the declaration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from features.field import Label
from features.item_operation import Value


@dataclass(frozen=True)
class StandardLimit:
    """The standard that holds for one line. high: the most that a unit may cost, in yuan.

    code, name: as the library has them. low: None where only a ceiling is set. source: what it
    rests on, such as a document number, or how it was learned and from how many cases.
    """

    code: str
    name: Label
    high: float
    low: float | None = None
    source: Label | None = None


class StandardsRead(Protocol):
    """A library of expenditure standards, as checks read it."""

    @property
    def digest(self) -> str:
        """`sha256:` and 64 digits over everything that `limit` rests on."""

    def limit(self, project: Mapping[str, Any], line: Mapping[str, Value]) -> StandardLimit | None:
        """The standard for one calculation line of a project's values; None where none is set."""


@dataclass(frozen=True)
class Reference:
    """Everything beside the declaration that a check may read. standards: None where none are."""

    standards: StandardsRead | None = None


NOTHING = Reference()
