"""An indicator: one named fact about a project, given or derived."""

from __future__ import annotations

from pydantic import Field, JsonValue, field_validator

from features.field import AsciiName, Declaration, Direction, FieldDeclaration, Source


class Derivation(Declaration):
    """One named operation and everything it reads: indicators, or `part.field`."""

    operation: str
    of: tuple[str, ...]
    options: dict[str, JsonValue] = Field(default_factory=dict)


class Changeable(Declaration):
    """Who may lawfully change the value, and the smallest step that means anything."""

    by: str
    step: float = Field(default=1.0, gt=0)


class Indicator(FieldDeclaration):
    """One named fact about a project and how each head may use it."""

    dimension: AsciiName
    source: Source
    column: tuple[str, ...] = ()
    scale: float = Field(default=1.0, gt=0)
    key_evidence: bool = False
    changeable: Changeable | None = None
    derive: Derivation | None = None
    use: dict[str, Direction] = Field(default_factory=dict)

    @field_validator("column", mode="before")
    @classmethod
    def _one_or_many(cls, value: object) -> object:
        return (value,) if isinstance(value, str) else value

    @property
    def derived(self) -> bool:
        """Whether the value is calculated rather than given."""
        return self.source is Source.DERIVED

    @property
    def columns(self) -> tuple[str, ...]:
        """The names under which a file may carry the value, the ASCII name first."""
        return (self.name, *self.column)
