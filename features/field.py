"""A named value of a declared project: its words, its kind and what it may hold."""

from __future__ import annotations

from enum import StrEnum
from functools import cached_property
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

AsciiName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]


class Declaration(BaseModel):
    """The root of everything a catalogue declares: frozen, and no unknown key passes."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Label(Declaration):
    """The same words in Chinese and in English."""

    zh: Annotated[str, StringConstraints(min_length=1)]
    en: Annotated[str, StringConstraints(min_length=1)]

    def of(self, language: str) -> str:
        """The words in `language`, "zh" or "en"."""
        return self.zh if language == "zh" else self.en

    def as_json(self) -> dict[str, str]:
        """Both words under their languages."""
        return {"zh": self.zh, "en": self.en}


class Kind(StrEnum):
    """What sort of value a field holds."""

    NUMBER = "number"
    SHARE = "share"
    MONEY = "money"
    COUNT = "count"
    CATEGORY = "category"
    FLAG = "flag"
    TEXT = "text"
    DATE = "date"


class Source(StrEnum):
    """Where a fact comes from: the department, another system, or a calculation."""

    DECLARED = "declared"
    VERIFIED = "verified"
    DERIVED = "derived"


class Role(StrEnum):
    """Why a field needs care: what a zero-based head, or any head, must not see."""

    REQUESTED_AMOUNT = "requested_amount"
    LAST_BUDGET = "last_budget"
    DECLARER = "declarer"


class Sensitivity(StrEnum):
    """Who may see a value; the value of a personal field appears in no message or log."""

    PUBLIC = "public"
    INTERNAL = "internal"
    PERSONAL = "personal"


Range = tuple[float | None, float | None]


class FieldDeclaration(Declaration):
    """One value as a project document gives it, at the top level or inside a part."""

    name: AsciiName
    label: Label
    kind: Kind
    unit: Label | None = None
    range: Range | None = None
    codes: dict[str, Label] | None = None
    ordered: bool = False
    role: Role | None = None
    required: bool = False
    sensitivity: Sensitivity = Sensitivity.INTERNAL
    max_length: Annotated[int, Field(gt=0, le=100_000)] = 4_000

    @property
    def numeric(self) -> bool:
        """Whether the value is a number (an ordered category counts as its position)."""
        return self.kind not in (Kind.TEXT, Kind.CATEGORY) or self.ordered


class Part(Declaration):
    """A nested list of records, such as calculation lines or policy citations.

    A declared part that is absent is an empty one; a verified part that is absent is unknown,
    since another system should have given it.
    """

    name: AsciiName
    label: Label
    source: Literal[Source.DECLARED, Source.VERIFIED] = Source.DECLARED
    fields: tuple[FieldDeclaration, ...]
    max_items: Annotated[int, Field(gt=0, le=10_000)] = 500

    @cached_property
    def field_names(self) -> frozenset[str]:
        """The names of the fields of a record."""
        return frozenset(field.name for field in self.fields)


Direction = Literal["+", "-", "free"]
