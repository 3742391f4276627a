"""The reasons for which people put something else in place of a score: a bureau's own list.

They are no part of a catalogue: a catalogue belongs to the models that were trained with it, and
who adds a reason shall not have to train.
"""

from __future__ import annotations

from functools import cache, cached_property
from pathlib import Path

from pydantic import Field, field_validator

from features.field import AsciiName, Declaration, Label
from serving.settings_file import settings_file

_SHIPPED = Path(__file__).parent / "override_reasons.yaml"
_MOST = 50


class OverrideReason(Declaration):
    """One reason. code: what records and callers name it by."""

    code: AsciiName
    label: Label


class OverrideReasons(Declaration):
    """The reasons that may be given, in the order in which they are offered."""

    reasons: tuple[OverrideReason, ...] = Field(min_length=1, max_length=_MOST)

    @field_validator("reasons")
    @classmethod
    def _once_each(cls, reasons: tuple[OverrideReason, ...]) -> tuple[OverrideReason, ...]:
        codes = [reason.code for reason in reasons]
        twice = sorted({code for code in codes if codes.count(code) > 1})
        if twice:
            raise ValueError(f"each code once; got {', '.join(twice)} again")
        return reasons

    @cached_property
    def labels(self) -> dict[str, Label]:
        """The words of each reason under its code."""
        return {reason.code: reason.label for reason in self.reasons}


def override_reasons(file: Path) -> OverrideReasons:
    """The reasons that a YAML file lists.

    Raises:
        ServiceError: when it cannot be read, or is no such list; naming every fault.
    """
    return settings_file(file, OverrideReasons, "reasons of overrides", "docs/records.md")


@cache
def shipped_reasons() -> OverrideReasons:
    """The reasons of a service that names no list of its own."""
    return override_reasons(_SHIPPED)
