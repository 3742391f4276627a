"""Reference data that checks compare a project with: what lies outside of the declaration."""

from __future__ import annotations

from dataclasses import dataclass

from features.standards.line_standards import LineStandards


@dataclass(frozen=True)
class Reference:
    """Everything beside the declaration that a check may read. standards: None where none are."""

    standards: LineStandards | None = None


NOTHING = Reference()
