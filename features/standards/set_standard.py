"""A standard that a document sets: a price for a unit, a share of a request, or a limit."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from features.field import Label
from features.form import Form, Words

Day = Annotated[str, StringConstraints(pattern=r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$")]
"""A date as ISO 8601 writes it."""
Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,79}$")]


class Standing(StrEnum):
    """How firmly a standard holds: 法定标准, 固定标准, 暂定标准."""

    STATUTORY = "statutory"
    FIXED = "fixed"
    INTERIM = "interim"


class StandardForm(StrEnum):
    """What its value is: yuan for a unit (定额), a share of the request (比例), yuan for a line
    (限额)."""

    QUOTA = "quota"
    RATIO = "ratio"
    LIMIT = "limit"


class SetStandard(Form):
    """One standard of a bureau.

    value: yuan per unit, a share 0–1, or yuan, by the form. economic_codes: of the lines that it
    holds for. unit: of a quota. task: words of which the line's content has one; none: any line.
    project_types, region_levels, divisions: where it holds; none: everywhere. start, end: the first
    and the last day on which it holds.
    """

    code: Code
    name: Label
    standing: Annotated[Standing, Field(strict=False)]
    form: Annotated[StandardForm, Field(strict=False)]
    value: Annotated[float, Field(gt=0)]
    economic_codes: Annotated[tuple[str, ...], Field(min_length=1)]
    unit: str = ""
    task: tuple[str, ...] = ()
    project_types: tuple[str, ...] = ()
    region_levels: tuple[str, ...] = ()
    divisions: tuple[str, ...] = ()
    document_number: Words
    start: Day
    end: Day | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.form is StandardForm.QUOTA and not self.unit:
            raise ValueError("a quota needs the unit that its price is of")
        if self.form is StandardForm.RATIO and self.value > 1:
            raise ValueError("a ratio is a share between 0 and 1, such as 0.03 for 3 %")
        if self.end is not None and self.end < self.start:
            raise ValueError("the last day cannot come before the first")
        return self

    def holds_on(self, day: str) -> bool:
        """Whether it is valid on a day."""
        return self.start <= day and (self.end is None or day <= self.end)
