"""The rule by which cases are chosen for experts: sizes and limits, in one file."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from features.field import AsciiName
from features.form import Count, Form, Share
from features.yaml_form import form_in_force
from models.review.case import Kind

FILE = "cases.yaml"


class CasePolicy(Form):
    """How many cases of which kind. Its digest is that of what it says."""

    format: Literal[1]
    seed: Count
    drawn: dict[Annotated[Kind, Field(strict=False)], Count]
    rank_share: Share
    amount_change: Annotated[float, Field(gt=0)]
    boundary_points: Annotated[float, Field(ge=0, le=100)]
    large_share: Share
    topic: AsciiName
    least_told: Annotated[int, Field(ge=2)]

    @model_validator(mode="after")
    def _every_kind(self) -> CasePolicy:
        if set(self.drawn) != set(Kind):
            raise ValueError(f"a number for each of {', '.join(Kind)}")
        if not self.drawn[Kind.RANDOM]:
            raise ValueError("random cases: without them nothing can be said of all projects")
        return self


def case_policy(path: Path | None, home: Path) -> CasePolicy:
    """The rule in a file; else the working folder's; else the one that ships.

    Raises:
        FormError: when the file cannot be read or is of another shape.
    """
    shipped = resources.files("training.review") / FILE
    return form_in_force(CasePolicy, path, home, shipped, "the rule that ships")
