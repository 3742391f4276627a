"""What an expert says of a case: a judgement unseen, then an opinion of both models' answers."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from features.catalogue_sections import Priority
from features.field import AsciiName
from features.form import Digest, Form
from models.priority import grade
from models.review.case import CaseId, ModelRole

Points = Annotated[float, Field(ge=0, le=100)]
Amount = Annotated[float, Field(gt=0, le=1e15)]
Comment = Annotated[str, StringConstraints(max_length=2_000, strip_whitespace=True)]
BIN_POINTS = 20
"""The width of the classes in which an axis is compared as grades are."""


class JudgedAmount(Form):
    """What an expert finds reasonable: a range, one amount, or both."""

    low: Amount | None = None
    mid: Amount | None = None
    high: Amount | None = None

    @model_validator(mode="after")
    def _in_order(self) -> JudgedAmount:
        given = [amount for amount in (self.low, self.mid, self.high) if amount is not None]
        if not given:
            raise ValueError("a range or an amount")
        if (self.low is None) != (self.high is None):
            raise ValueError("both ends of the range or neither")
        if given != sorted(given):
            raise ValueError("low at most the amount, and that at most high")
        return self

    @property
    def middle(self) -> float:
        """The amount, else the geometric middle of the range: amounts are compared by ratio."""
        if self.mid is not None:
            return self.mid
        assert self.low is not None  # noqa: S101 - by the rule above
        assert self.high is not None  # noqa: S101
        return float((self.low * self.high) ** 0.5)


class Judgement(Form):
    """What an expert says of a case without having seen an answer.

    case_digest: of what was shown. scores: points by head. amounts: by head, where given.
    """

    format: Literal[1] = 1
    case: CaseId
    case_digest: Digest
    scores: Annotated[dict[AsciiName, Points], Field(min_length=1)]
    amounts: dict[AsciiName, JudgedAmount] = Field(default_factory=dict)
    comment: Comment = ""

    def grade(self, policy: Priority | None) -> str | None:
        """The grade that the scores make by the published rule; None where there is none."""
        if policy is None or not {policy.necessity, policy.importance} <= self.scores.keys():
            return None
        first, second = (
            Decimal(str(self.scores[name])) for name in (policy.necessity, policy.importance)
        )
        return grade(first, second, policy)


class Correction(Judgement):
    """What an expert would say now, having seen the answers. It replaces nothing."""

    reason: Annotated[str, StringConstraints(min_length=1, max_length=2_000)]


class Stance(StrEnum):
    """What an expert thinks of a model's figure."""

    AGREE = "agree"
    TOO_HIGH = "too_high"
    TOO_LOW = "too_low"


class Opinion(Form):
    """What an expert thinks of both answers: by model, then by head."""

    format: Literal[1] = 1
    case: CaseId
    stances: dict[
        Annotated[ModelRole, Field(strict=False)],
        dict[AsciiName, Annotated[Stance, Field(strict=False)]],
    ]
    comment: Comment = ""
