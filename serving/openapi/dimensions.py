"""The scores of dimensions, as JSON Schema: each with what was deducted, and their total."""

from __future__ import annotations

from features.checks.dimensions.rated_dimension import Limited, NotScored
from features.checks.rule import Severity
from serving.openapi.answers import BOTH, TEXT, Schema, an_object, listed, or_null

_NUMBER: Schema = {"type": "number"}
_SCORE: Schema = {"type": "number", "minimum": 0, "maximum": 100}
_POINTS: Schema = {"type": "number", "minimum": 0, "maximum": 100}
_WEIGHT: Schema = {"type": "number", "minimum": 0, "maximum": 1}


def dimension_schemas() -> dict[str, Schema]:
    """The schemas of the scores of dimensions, each under its name in the document."""
    deduction = an_object(
        section=TEXT,
        rule=or_null(TEXT),
        indicator=or_null(TEXT),
        name=BOTH,
        severity={"enum": [*(severity.value for severity in Severity), None]},
        count=or_null(_NUMBER),
        each=or_null(_POINTS),
        most=_POINTS,
        points=_POINTS,
        limited={"enum": [*(limit.value for limit in Limited), None]},
        findings=listed(TEXT),
        text=BOTH,
    )
    section = an_object(
        name=TEXT, label=BOTH, points=_POINTS, judged={"type": "boolean"}, deducted=_POINTS
    )
    return {
        "Deduction": deduction,
        "DimensionScore": an_object(
            name=TEXT,
            label=BOTH,
            score=or_null(_SCORE),
            weight=_WEIGHT,
            head=or_null(TEXT),
            base=or_null(_NUMBER),
            contributions=listed(an_object(dimension=TEXT, label=BOTH, contribution=_NUMBER)),
            sections=listed(section),
            deductions=listed({"$ref": "#/components/schemas/Deduction"}),
            why={"enum": [*(why.value for why in NotScored), None]},
            why_text=or_null(BOTH),
        ),
        "RulerTotal": an_object(
            digest={"type": "string", "pattern": "^sha256:[0-9a-f]{64}$"},
            version=TEXT,
            total=or_null(_SCORE),
            weight=_WEIGHT,
            orientation=BOTH,
        ),
    }
