"""A prediction head as the catalogue declares it: one thing to be predicted."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field, model_validator

from features.field import AsciiName, Declaration, Label
from features.stage import Stage


class HeadKind(StrEnum):
    """How a head is learned and shown."""

    SCORE = "score"
    AMOUNT = "amount"
    PROBABILITY = "probability"


class Outcome(Declaration):
    """What past appraisal said, as columns of the outcome table.

    `column` is taken as it is; `ratio` divides two columns. For a probability head `below` or
    `at_least` turns the value into the event (without either, the column already holds 0 or 1).
    `clip` limits a score; `scale` multiplies the raw value first.
    """

    column: str | None = None
    ratio: tuple[str, str] | None = None
    scale: float = Field(default=1.0, gt=0)
    clip: tuple[float, float] | None = None
    below: float | None = None
    at_least: float | None = None

    @model_validator(mode="after")
    def _one_source(self) -> Outcome:
        if (self.column is None) == (self.ratio is None):
            raise ValueError("give exactly one of column and ratio")
        if self.below is not None and self.at_least is not None:
            raise ValueError("give at most one of below and at_least")
        return self

    @property
    def columns(self) -> tuple[str, ...]:
        """The outcome columns that are read."""
        return self.ratio if self.ratio is not None else (self.column or "",)


class HeadDeclaration(Declaration):
    """One thing predicted: its words, its kind, what it is learned from.

    `level` is the share of later outcomes that the shown range must hold.
    `new_round_confidence` asks that the range also hold in a round unlike the last one: with this
    confidence, as far as past rounds have differed. Without it the range is calibrated for a round
    like the calibration round.
    `relative_to` names positive indicators whose product an amount is learned relative to, so
    that unit cost is learned and the quantity enters as a factor.
    `zero_based` forbids everything derived from the requested amount or last year's budget.
    `stage` is the stage of the budget process that the head helps in; accuracy is told by stages.
    `additive_by_dimension` lets indicators act together only within their dimension, so that what a
    dimension contributes depends on its own indicators and on nothing else.
    """

    name: AsciiName
    label: Label
    kind: HeadKind
    outcome: Outcome
    level: Annotated[float, Field(gt=0.5, lt=1)] = 0.8
    new_round_confidence: Annotated[float, Field(gt=0.5, lt=1)] | None = None
    relative_to: tuple[str, ...] = ()
    zero_based: bool = False
    # Left out where they are not given: a catalogue that knows neither keeps its digest.
    stage: Stage | None = Field(default=None, exclude_if=lambda stage: stage is None)
    additive_by_dimension: bool = Field(default=False, exclude_if=lambda additive: not additive)
    note: Label | None = None
