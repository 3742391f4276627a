"""The part of the OpenAPI document that tells of reviews: cases, judgements, findings, reports."""

from __future__ import annotations

from typing import Any

from features.catalogue import Catalogue
from features.head_declaration import HeadKind
from models.release.review import Severity
from models.review.case import ModelRole
from models.review.judgement import Stance
from serving.openapi.answers import an_object
from serving.openapi.responses import HTML, JSON, answer, bodiless, errors
from serving.review.forms import LONGEST_TEXT, judged_heads
from serving.routes import (
    FINDING_ANSWER,
    FINDING_CLOSE,
    FINDING_OPEN,
    FINDING_RETURN,
    FINDINGS,
    REVIEW,
    REVIEW_CASE,
    REVIEW_CORRECTION,
    REVIEW_JUDGEMENT,
    REVIEW_OPINION,
    REVIEW_REPORT,
)

Schema = dict[str, Any]

_ERRORS = (400, 401, 403, 404, 405, 409, 431, 500, 503)
_FORM_ERRORS = (*_ERRORS, 408, 413, 415, 422)
_FORM = "application/x-www-form-urlencoded"
_TEXT: Schema = {"type": "string"}
_MAP: Schema = {"type": "object"}
_LISTED: Schema = {"type": "array", "items": _MAP}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_NAMED_ID: Schema = {"name": "id", "in": "path", "required": True, "schema": _TEXT}
_LANG: Schema = {"name": "lang", "in": "query", "schema": _TEXT}
_SUBJECT: Schema = {"name": "subject", "in": "query", "schema": _TEXT}
_PAGE = "With `Accept: text/html` a page, in the language of `lang`."
_WRITTEN: Schema = {**_TEXT, "maxLength": LONGEST_TEXT}


def review_paths(catalogue: Catalogue) -> Schema:
    """The paths of reviews, each for machines as well."""
    judged = {
        f"score_{head.name}": {**_TEXT, "description": "0 to 100"}
        for head in judged_heads(catalogue, HeadKind.SCORE)
    }
    amounts = {
        f"{part}_{head.name}": _TEXT
        for head in judged_heads(catalogue, HeadKind.AMOUNT)
        for part in ("low", "mid", "high")
    }
    stances = {
        f"stance_{side}_{head.name}": {"enum": list(Stance)}
        for side in range(1, len(ModelRole) + 1)
        for head in catalogue.heads
    }
    opened = {
        "subject": {**_TEXT, "description": "The name of a round, or the id of a case."},
        "severity": {"enum": list(Severity)},
        "owner": _TEXT,
        "due": {**_TEXT, "format": "date"},
        "text": _WRITTEN,
    }
    case = {"case": _TEXT, "stage": _TEXT, "open": {"type": "boolean"}, "document": _MAP}
    return {
        REVIEW: _get("The rounds of review and their cases", {"rounds": _LISTED}),
        REVIEW_CASE: _get(
            "A case: the declared project; both models' answers once the caller has judged it",
            case,
            _NAMED_ID,
        ),
        REVIEW_REPORT: _get(
            "How far experts agree with each other and with both models, by the last report",
            {"judged": _COUNT, "models": _LISTED, "between": _LISTED},
            _NAMED_ID,
        ),
        FINDINGS: _get(
            "Findings, their owners, their days and what became of them",
            {"findings": _LISTED, "overdue": _COUNT},
            _SUBJECT,
        ),
        REVIEW_JUDGEMENT: _post(
            "Judge a case unseen; it cannot be changed", judged | amounts | {"comment": _WRITTEN}
        ),
        REVIEW_OPINION: _post(
            "Say what one thinks of both answers", stances | {"comment": _WRITTEN}
        ),
        REVIEW_CORRECTION: _post(
            "Add a correction, which replaces nothing", judged | amounts | {"reason": _WRITTEN}
        ),
        FINDING_OPEN: _post("Open a finding", opened, named=False),
        FINDING_ANSWER: _post(
            "Answer a finding", {"text": _WRITTEN, "fixed_in": _TEXT, "evidence": _WRITTEN}
        ),
        FINDING_RETURN: _post("Return an answer that is not enough", {"text": _WRITTEN}),
        FINDING_CLOSE: _post("Close a finding", {"text": _WRITTEN}),
    }


def _get(summary: str, fields: Schema, *parameters: Schema) -> Schema:
    return {
        "get": {
            "summary": summary,
            "description": f"Who reads a case or findings is recorded. {_PAGE}",
            "parameters": [*parameters, _LANG],
            "responses": {"200": answer(an_object(**fields), JSON, HTML), **errors(_ERRORS)},
        }
    }


def _post(summary: str, fields: Schema, *, named: bool = True) -> Schema:
    told = answer(an_object(record_id=_TEXT, receipt=_MAP), JSON)
    form: Schema = {"schema": {"type": "object", "properties": fields}}
    return {
        "post": {
            "summary": summary,
            "description": "A form of a page; kept as a record of its own before it is confirmed. "
            "A browser is led on to the page.",
            "parameters": [*([_NAMED_ID] if named else []), _LANG],
            "requestBody": {"required": False, "content": {_FORM: form}},
            "responses": {
                "200": told,
                "303": bodiless(303, "On to the page"),
                **errors(_FORM_ERRORS),
            },
        }
    }
