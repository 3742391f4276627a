"""A case of a review: a project to be judged unseen, and apart from it what the models said.

The two are files of their own. Who shows a case to be judged reads the first and never the second.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, JsonValue, StringConstraints

from features.form import Digest, Form

CaseId = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,9}-[0-9a-f]{12}-[0-9]{3,6}$")]
"""The round's name and the case's number in it: 2-3fa9c1d20b7e-007."""
Stratum = Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,40}(=.{1,200})?$")]
"""For which a case was chosen: a kind, and of a topic its code after an equals sign."""


class Kind(StrEnum):
    """Why a project may be chosen."""

    GRADE = "grade"
    """The models give it different grades."""
    RANK = "rank"
    """The challenger moves it far in the ranking."""
    AMOUNT = "amount"
    """The models find very different amounts reasonable."""
    BOUNDARY = "boundary"
    """An axis lies close to the threshold of a grade."""
    LARGE = "large"
    """It asks for much."""
    TOPIC = "topic"
    """It stands for its topic."""
    RANDOM = "random"
    """Chance alone."""


class ModelRole(StrEnum):
    """Which of the two models."""

    CHALLENGER = "challenger"
    CHAMPION = "champion"


class Case(Form):
    """What an expert is shown before judging: the project as declared, and nothing of a model.

    document: without personal values.
    """

    format: Literal[1] = 1
    id: CaseId
    project_id: str
    year: int
    document: dict[str, JsonValue]


class HeadFigure(Form):
    """What an answer says of one head, as shown; low, high: its range, where it has one."""

    value: float
    low: float | None = None
    high: float | None = None


class Side(Form):
    """One model's whole answer, the explained score with its reasons; and its figures by head."""

    model: Annotated[ModelRole, Field(strict=False)]
    grade: str | None
    figures: dict[str, HeadFigure]
    answer: dict[str, JsonValue]


class CaseAnswers(Form):
    """What an expert is shown after judging, and why the case was chosen, which tells of it too.

    case: the digest of the case. strata: for what it was chosen, or could have been. chance: with
    which probability the choice takes this project. sides: in the order of the page, which chance
    has given.
    """

    format: Literal[1] = 1
    id: CaseId
    case: Digest
    strata: Annotated[tuple[Stratum, ...], Field(min_length=1)]
    chance: Annotated[float, Field(gt=0, le=1)]
    sides: Annotated[tuple[Side, ...], Field(min_length=1, max_length=2)]

    def side(self, model: ModelRole) -> Side | None:
        """What a model said; None where there is no such model."""
        return next((side for side in self.sides if side.model is model), None)
