"""What the answers of the service hold, as JSON Schema: the fields that clients rely on.

Others may be added to them, except to an error.
"""

from __future__ import annotations

from typing import Any

from serving.wording.envelope import CODES, SPECIAL

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
ANY_OBJECT: Schema = {"type": "object"}
_NUMBER: Schema = {"type": "number"}
_WHOLE: Schema = {"type": "integer"}
_POINTS: Schema = {"type": "number", "minimum": 0, "maximum": 100}
_DIGEST: Schema = {"type": "string", "pattern": "^[A-Za-z0-9+/]{43}=$"}


def an_object(**properties: Schema) -> Schema:
    """An object that has all of these fields."""
    return {"type": "object", "properties": properties, "required": list(properties)}


def listed(items: Schema) -> Schema:
    """A list of such items."""
    return {"type": "array", "items": items}


def or_null(schema: Schema) -> Schema:
    """The same, or null where there is none."""
    return {"anyOf": [schema, {"type": "null"}]}


BOTH: Schema = an_object(zh=TEXT, en=TEXT)
"""The same words in Chinese and English."""

_STATUS: Schema = {"enum": ["rated", "not_rated"]}
_GRADE: Schema = {"enum": ["A", "B", "C", "D"]}
_AXES: Schema = an_object(necessity=_NUMBER, importance=_NUMBER)

RECEIPT: Schema = an_object(
    leaf_index={"type": "integer", "minimum": 0},
    leaf_hash=_DIGEST,
    tree_size={"type": "integer", "minimum": 1},
    root=_DIGEST,
)
"""Where a record stands in the log."""


def answer_schemas() -> dict[str, Schema]:
    """The schemas of answers, each under its name in the document."""
    return {
        "Error": _error(),
        "Reason": _reason(),
        "Score": _head(score=_POINTS, interval=or_null(listed(_POINTS))),
        "Amount": _head(mid=_NUMBER, low=or_null(_NUMBER), high=or_null(_NUMBER)),
        "Probability": _head(probability={"type": "number", "minimum": 0, "maximum": 1}),
        "Model": _model(),
        "BesideStandards": _beside_standards(),
        "ExplainedScore": _explained_score(),
        "Improvements": _improvements(),
        "Record": _record(),
        "Records": an_object(
            records=listed(
                an_object(record_id=TEXT, time=TEXT, kind=TEXT, about=listed(TEXT), actor=TEXT)
            ),
            next_after={"type": ["integer", "null"]},
        ),
        "ProvenReceipt": proven_receipt(),
        "Act": an_object(kind=TEXT, about=TEXT, record_id=TEXT, receipt=RECEIPT),
    }


_FLAG: Schema = {"type": "boolean"}


def _model() -> Schema:
    """The model that answers; `pilot` only where it serves some regions, by that approval."""
    named = an_object(
        version=TEXT,
        digest=TEXT,
        catalogue=TEXT,
        policy=or_null(TEXT),
        simulated=_FLAG,
        reviewed=_FLAG,
    )
    named["properties"] |= {"pilot": TEXT}
    return named


def _of(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _error() -> Schema:
    detail = an_object(field=TEXT, expected=TEXT, got=TEXT)
    detail["properties"] |= {"hint": TEXT}
    codes = {"enum": [*(code for code, _ in CODES.values()), *SPECIAL]}
    error = an_object(code=codes, message=TEXT, details=listed(detail | _CLOSED))
    return an_object(error=error | _CLOSED) | _CLOSED


_CLOSED: Schema = {"additionalProperties": False}


def _reason() -> Schema:
    moved = [{"required": ["contribution"]}, {"required": ["factor"]}]
    reason = an_object(indicator=TEXT, dimension=TEXT, text=BOTH)
    reason["properties"] |= {"contribution": _NUMBER, "factor": _NUMBER}
    return reason | {"oneOf": moved}


def _head(**measures: Schema) -> Schema:
    dimensions = listed(an_object(dimension=TEXT, label=BOTH))
    return an_object(
        label=BOTH, base=_NUMBER, **measures, dimensions=dimensions, reasons=listed(_of("Reason"))
    )


def _each(head: str) -> Schema:
    return {"type": "object", "additionalProperties": _of(head)}


def _explained_score() -> Schema:
    priority = an_object(
        grade=_GRADE,
        rank_score=_NUMBER,
        thresholds=_AXES,
        necessity=_of("Score"),
        importance=_of("Score"),
    )
    position = an_object(
        requested=or_null(_NUMBER),
        position={"enum": ["below", "within", "above", None]},
        excess=or_null(_NUMBER),
    )
    score = an_object(
        record_id={"type": ["string", "null"]},
        project_id=TEXT,
        status=_STATUS,
        missing=listed(TEXT),
        model=_of("Model"),
        priority=or_null(priority),
        cost=or_null({"allOf": [position, _of("Amount"), _of("BesideStandards")]}),
        scores=_each("Score"),
        amounts=_each("Amount"),
        risk=_each("Probability"),
        similar=listed(an_object(project_id=TEXT, year=_WHOLE)),
        findings=listed(_of("Finding")),
        advisory={"const": True},
        receipt=or_null(RECEIPT),
    )
    score["properties"] |= {
        "checks": _of("ChecksSummed"),
        "dimensions": listed(_of("DimensionScore")),
        "ruler": _of("RulerTotal"),
    }
    return score


def _beside_standards() -> Schema:
    """A cost's lines beside the expenditure standards, where a version of them is in force."""
    line = an_object(
        place=TEXT,
        task=TEXT,
        unit=TEXT,
        price=_NUMBER,
        standard=TEXT,
        kind={"enum": ["set", "learned"]},
        name=BOTH,
        limit=_NUMBER,
        excess_per_unit=_NUMBER,
        excess=_NUMBER,
        position={"enum": ["below", "within", "above", "over"]},
        low=or_null(_NUMBER),
        high=or_null(_NUMBER),
        text=BOTH,
    )
    standards = an_object(
        library=an_object(version=_WHOLE, digest=TEXT),
        lines=listed(line),
        without=_WHOLE,
        over=_WHOLE,
        excess=_NUMBER,
        share=or_null(_NUMBER),
        text=BOTH,
    )
    return {"type": "object", "properties": {"standards": standards}}


def _improvements() -> Schema:
    return an_object(
        project_id=TEXT,
        status=_STATUS,
        missing=listed(TEXT),
        model=_of("Model"),
        grade=or_null(_GRADE),
        rank_score=or_null(_NUMBER),
        necessity=or_null(_NUMBER),
        importance=or_null(_NUMBER),
        suggestions=listed(an_object(indicator=TEXT, label=BOTH, text=BOTH)),
        ways=listed(ANY_OBJECT),
        caution=BOTH,
        advisory={"const": True},
    )


def proven_receipt() -> Schema:
    """A receipt at the log's present size, with the proof of inclusion."""
    proven = an_object(record_id=TEXT, proof=listed(_DIGEST))
    return {"allOf": [RECEIPT, proven]}


def _record() -> Schema:
    return an_object(
        record=an_object(record_id=TEXT, kind=TEXT, time=TEXT, actor=TEXT, content=ANY_OBJECT),
        human_actions=listed(ANY_OBJECT),
        receipt=_of("ProvenReceipt"),
        verification=an_object(in_log=_FLAG, holds=_FLAG),
    )
