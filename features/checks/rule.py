"""A rule: one check of declared projects, with its basis, scope, severity, words and examples."""

from __future__ import annotations

import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Field, JsonValue, StringConstraints, model_validator

from features.field import AsciiName, Declaration, Label

Code = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9]{1,11}-[0-9]{2,3}$")]
"""What a rule is quoted by, such as `POL-01`."""

Node = dict[str, JsonValue]
"""A condition, or a term, as the file has it: an operator with its arguments and options."""


class Severity(StrEnum):
    """What a finding does: it bars the way, warns, or is noted."""

    BLOCK = "block"
    WARN = "warn"
    NOTE = "note"


SEVERITIES = tuple(Severity)
"""From the gravest to the lightest."""


class BasisKind(StrEnum):
    """What sort of basis a rule has.

    published: a law or a notice that anybody can look up. catalogue: what the catalogue itself
    says of its fields. arithmetic: nothing but that sums are sums. bureau: an order of the bureau
    whose file it is. example: a stand-in that a bureau replaces by its own.
    """

    PUBLISHED = "published"
    CATALOGUE = "catalogue"
    ARITHMETIC = "arithmetic"
    BUREAU = "bureau"
    EXAMPLE = "example"


class Basis(Declaration):
    """On what a rule rests. document: the number of the document, where it has one."""

    kind: BasisKind
    title: Label
    document: str | None = None
    clause: str | None = None


class Effective(Declaration):
    """From when to when a rule holds; fiscal years that it touches are checked by it."""

    since: datetime.date
    until: datetime.date | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Effective:
        if self.until is not None and self.until < self.since:
            raise ValueError(f"until {self.until} comes before since {self.since}")
        return self

    @property
    def years(self) -> tuple[int, int]:
        """The first and the last fiscal year at some time of which the rule holds."""
        last = datetime.MAXYEAR if self.until is None else self.until.year
        return self.since.year, last

    def overlaps(self, other: Effective) -> bool:
        """Whether there is a day on which both hold."""
        ended = self.until is not None and self.until < other.since
        return not ended and not (other.until is not None and other.until < self.since)


class Shown(Declaration):
    """How threshold, actual and excess are told. unit: after the number."""

    kind: Literal["money", "share", "number", "year"] = "number"
    unit: Label | None = None


class Example(Declaration):
    """A project that shows the rule. project: fields in place of the file's example project.

    Of one that fails, the finding may say what is found: its item from 1 and its measures.
    """

    project: dict[str, JsonValue] = Field(default_factory=dict)
    finding: dict[str, JsonValue] = Field(default_factory=dict)


class Examples(Declaration):
    """What passes, what fails, and what the rule does not apply to."""

    passes: tuple[Example, ...] = Field(min_length=1)
    fails: tuple[Example, ...] = Field(min_length=1)
    not_applicable: tuple[Example, ...] = ()


class Rule(Declaration):
    """One check.

    dimension: which of the catalogue's dimensions its findings speak of; None only in books that
    were kept before rules had one. scope: by fields of the catalogue, the codes or their beginnings
    that it holds for. each: the part whose records are looked at one by one; None for the project
    as a whole. when: what must be so of the project for the rule to apply. where: of which records.
    require: what must hold.
    """

    code: Code
    name: Label
    basis: Basis
    effective: Effective
    dimension: AsciiName | None = None
    severity: Severity
    scope: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    each: AsciiName | None = None
    when: Node | None = None
    where: Node | None = None
    require: Node
    shown: Shown = Shown()
    finding: Label
    examples: Examples

    @model_validator(mode="after")
    def _where_each(self) -> Rule:
        if self.where is not None and self.each is None:
            raise ValueError("where chooses records: it needs each")
        return self

    @property
    def condition(self) -> tuple[Any, ...]:
        """What is asked, without how grave it is and whom it concerns."""
        return self.each, self.when, self.where, self.require
