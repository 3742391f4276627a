"""The short sections of a catalogue: columns, currency, dimensions, priority, cost."""

from __future__ import annotations

from pydantic import Field

from features.field import AsciiName, Declaration, Label


class Dimension(Declaration):
    """A group of indicators, such as necessity or compliance."""

    name: AsciiName
    label: Label


class Columns(Declaration):
    """Which indicators identify a project, its round, and who declares it, and which names it.

    region: the code of its administrative division (GB/T 2260), of which the first four digits
    name the city; for comparison only.
    """

    id: tuple[str, ...] = Field(min_length=1)
    time: str
    name: str | None = None
    group: str | None = None
    region: str | None = None


class Currency(Declaration):
    """The money unit that every amount is in."""

    code: str
    unit: str
    unit_en: str


class Priority(Declaration):
    """Which heads are the two axes, and the published thresholds and weights of the grade."""

    necessity: str
    importance: str
    thresholds: dict[str, float]
    weights: dict[str, float]


class CostRole(Declaration):
    """Which amount head is the reasonable cost, and which indicator is the request."""

    head: str
    requested: str
