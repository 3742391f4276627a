"""The rule book: every rule that is in use for a catalogue, from one file or several."""

from __future__ import annotations

import hashlib
from functools import cached_property
from typing import Annotated

from pydantic import Field, JsonValue, PrivateAttr, StringConstraints

from features.checks.rule import Code, Rule
from features.field import AsciiName, Declaration

Version = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z][0-9A-Za-z.\-]{0,31}$")]


class RuleFile(Declaration):
    """One file of rules for a catalogue.

    replaces: codes of rules in other files that are not used where this file is. tables: lists
    that its conditions name, as do those of other files. example: the project with which each
    example of a rule begins.
    """

    rules_for: AsciiName
    name: AsciiName
    version: Version
    replaces: tuple[Code, ...] = ()
    tables: dict[AsciiName, JsonValue] = Field(default_factory=dict)
    example: dict[str, JsonValue] = Field(default_factory=dict)
    rules: tuple[Rule, ...] = ()

    @property
    def identity(self) -> str:
        """Name and version."""
        return f"{self.name}@{self.version}"


class RuleBook(Declaration):
    """Files of rules that are used together. Use `rule_files.read_rule_book`, which checks them."""

    files: tuple[RuleFile, ...] = Field(min_length=1)
    _kept: bytes | None = PrivateAttr(default=None)

    @cached_property
    def catalogue(self) -> str:
        """The catalogue whose projects it is for."""
        return self.files[0].rules_for

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """The rules in use, in the order of the files."""
        replaced = {code for file in self.files for code in file.replaces}
        return tuple(
            rule
            for file in self.files
            for rule in file.rules
            if rule.code not in replaced or rule.code in file.replaces
        )

    @cached_property
    def tables(self) -> dict[str, JsonValue]:
        """Every table under its name."""
        return {name: table for file in self.files for name, table in file.tables.items()}

    @cached_property
    def version(self) -> str:
        """What the files call themselves."""
        return " ".join(file.identity for file in self.files)

    @classmethod
    def of_bytes(cls, content: bytes) -> RuleBook:
        """The book that was kept, which stays these bytes whatever this code would write now.

        Raises:
            ValidationError: when it is none.
        """
        book = cls.model_validate_json(content)
        book._kept = content
        return book

    def to_bytes(self) -> bytes:
        """The book as it is kept; the same book is always the same bytes."""
        return self.model_dump_json().encode() if self._kept is None else self._kept

    @cached_property
    def digest(self) -> str:
        """The version of the rules: the SHA-256 of the book as it is kept."""
        return f"sha256:{hashlib.sha256(self.to_bytes()).hexdigest()}"
