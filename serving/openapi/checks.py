"""What checks tell, as JSON Schema: findings, every check, and how many came to what."""

from __future__ import annotations

from features.checks.checked import NotApplicable, Outcome
from features.checks.rule import BasisKind, Severity
from features.duplicates.kinds import FAULTS
from serving.openapi.answers import BOTH, RECEIPT, TEXT, Schema, an_object, listed, or_null
from serving.wording.findings import SUSPECTED

_COUNT: Schema = {"type": "integer", "minimum": 0}
_NUMBER: Schema = {"type": "number"}
_MEASURED: Schema = {"type": ["number", "string", "null"]}
_SEVERITY: Schema = {"enum": [severity.value for severity in Severity]}
_OUTCOMES: Schema = {
    "type": "object",
    "properties": {outcome.value: _COUNT for outcome in Outcome},
    "additionalProperties": False,
}
_RULES: Schema = an_object(
    digest={"type": "string", "pattern": "^sha256:[0-9a-f]{64}$"},
    version=TEXT,
    reference={"type": "object", "additionalProperties": TEXT},
)


def check_schemas() -> dict[str, Schema]:
    """The schemas of what checks tell, each under its name in the document."""
    basis = an_object(
        kind={"enum": [kind.value for kind in BasisKind]},
        title=BOTH,
        document=or_null(TEXT),
        clause=or_null(TEXT),
    )
    summed = {
        "admitted": {"type": "boolean"},
        "counts": _OUTCOMES,
        "not_listed": _COUNT,
    }
    finding = an_object(
        finding_id=TEXT,
        code=TEXT,
        name=BOTH,
        severity=_SEVERITY,
        place=or_null(TEXT),
        threshold=_MEASURED,
        actual=_MEASURED,
        excess=or_null(_NUMBER),
        unit=or_null(BOTH),
        proposed=or_null(TEXT),
        text=BOTH,
        basis=_of("Basis"),
        state={"const": SUSPECTED},
    )
    finding["properties"] |= {"pair": _pair()}
    schemas = {
        "Basis": basis,
        "Finding": finding,
        "ChecksSummed": an_object(rules=_RULES, **summed),
        "CheckOfRule": an_object(
            code=TEXT,
            name=BOTH,
            severity=_SEVERITY,
            outcome={"enum": [outcome.value for outcome in Outcome]},
            basis=_of("Basis"),
            why={"enum": [*(why.value for why in NotApplicable), None]},
            why_text=or_null(BOTH),
            fields=listed(TEXT),
            judged=_COUNT,
            unjudged=_COUNT,
            findings=listed(TEXT),
            not_listed=_COUNT,
        ),
        "Check": an_object(
            project_id=TEXT,
            year={"type": "integer"},
            catalogue=TEXT,
            rules=or_null(_RULES),
            **summed | {"admitted": or_null({"type": "boolean"})},
            findings=listed(_of("Finding")),
            checks=listed(_of("CheckOfRule")),
            targets=listed(an_object(name=TEXT, source=TEXT, text=TEXT)),
            advisory={"const": True},
            record_id=TEXT,
            receipt=RECEIPT,
        ),
    }
    for name in ("Finding", "CheckOfRule"):  # rules had no dimension once
        schemas[name]["properties"] |= {"dimension": TEXT}
    return schemas


def _of(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _pair() -> Schema:
    """With which project a project is a pair, by which result of its round."""
    project = an_object(project_id=TEXT, year=_COUNT, name=TEXT, department=TEXT, place=TEXT)
    return an_object(
        kind={"enum": list(FAULTS)},
        project=or_null(project),
        other_department={"type": "boolean"},
        probability=or_null(_NUMBER),
        score=_NUMBER,
        agrees=listed(BOTH),
        more=_COUNT,
        round=an_object(year=_COUNT, version=_COUNT, made=TEXT, digest=TEXT),
    )
