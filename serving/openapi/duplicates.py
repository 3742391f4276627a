"""The part of the OpenAPI document that tells of duplicates: finding, listing, dismissing them."""

from __future__ import annotations

from typing import Any

from features.duplicates.kinds import KINDS
from serving.duplicates.dismissal import REASONS
from serving.duplicates.query import PARAMETERS
from serving.openapi.answers import BOTH, RECEIPT, TEXT, an_object, listed, or_null
from serving.openapi.responses import HTML, JSON, answer, bodiless, errors
from serving.recording.human_act import LONGEST_COMMENT, WRITTEN
from serving.routes import DISMISS_DUPLICATE, DUPLICATES, FIND_DUPLICATES
from serving.settings import Limits

Schema = dict[str, Any]

_PAGE_ERRORS = (400, 401, 403, 404, 405, 422, 431, 500, 503)
_FORM_ERRORS = (*_PAGE_ERRORS, 408, 413, 415)
_QUESTION_ERRORS = (*_FORM_ERRORS, 429, 504)
_FORM = "application/x-www-form-urlencoded"
_WHOLE: Schema = {"type": "integer", "minimum": 0}
_NUMBER: Schema = {"type": "number"}
_LANG: Schema = {"name": "lang", "in": "query", "schema": TEXT}


def duplicate_paths(limits: Limits, example: Any) -> Schema:
    """The paths about duplicates; example is a declared project."""
    compared = an_object(given=_WHOLE, recorded=_WHOLE, recorded_left_out=_WHOLE, rules=TEXT)
    found = an_object(
        pairs=listed(_pair()),
        groups=listed(listed(TEXT)),
        compared=compared,
        advisory={"const": True},
        record_id=TEXT,
        receipt=RECEIPT,
    )
    page = an_object(
        year=or_null({"type": "integer"}),
        pairs=listed(_pair()),
        total=_WHOLE,
        counts={"type": "object", "additionalProperties": _WHOLE},
        dismissed=_WHOLE,
        compared=_WHOLE,
        left_out=_WHOLE,
        next_after=or_null(_WHOLE),
        advisory={"const": True},
    )
    asked = {"$ref": "#/components/schemas/Project"}
    projects = listed(asked) | {"minItems": 1}
    body = {**an_object(projects=projects), "additionalProperties": False}
    content = {"schema": body, "example": {"projects": [example]}}
    record = {**TEXT, "format": "uuid"}
    comment = {**TEXT, "pattern": WRITTEN, "maxLength": LONGEST_COMMENT}
    fields = {"first": record, "second": record, "reason": {"enum": list(REASONS)}}
    form = {**an_object(**fields, comment=comment), "additionalProperties": False}
    parameters = [
        {"name": name, "in": "query", "schema": {**TEXT, **schema}}
        for name, schema in PARAMETERS.items()
    ]
    done = an_object(kind={"const": "dismissal"}, about=listed(TEXT), record_id=TEXT)
    return {
        FIND_DUPLICATES: {
            "post": {
                "summary": "Projects declared twice, split or copied, among these and the recorded",
                "description": f"At most {limits.batch_projects:,} projects. All are compared with "
                "each other and with the newest recorded ones of their rounds and the rounds "
                "beside, as far as the caller may see them; the answer says how many were left "
                "out. `places` are indices of `projects`, null for a recorded one. What is found "
                "is for people to look into.",
                "requestBody": {"required": True, "content": {JSON: content}},
                "responses": {"200": answer(found, JSON), **errors(_QUESTION_ERRORS)},
            }
        },
        DUPLICATES: {
            "get": {
                "summary": "The pairs among the recorded projects of a round",
                "description": "A department's own projects only. Dismissed pairs are left out "
                "unless asked for. With `Accept: text/html` a page.",
                "parameters": [*parameters, _LANG],
                "responses": {"200": answer(page, JSON, HTML), **errors(_PAGE_ERRORS)},
            }
        },
        DISMISS_DUPLICATE: {
            "post": {
                "summary": "Dismiss a pair with a reason, until either project changes",
                "description": "A form of a page; `first` and `second` are the records of the "
                "projects' scores. Experts and administrators. Kept as a record.",
                "parameters": [_LANG],
                "requestBody": {"required": True, "content": {_FORM: {"schema": form}}},
                "responses": {
                    "200": answer(done, JSON),
                    "303": bodiless(303, "Back to the list of pairs"),
                    **errors(_FORM_ERRORS),
                },
            }
        },
    }


def _pair() -> Schema:
    reason = an_object(comparison=TEXT, closeness=or_null(_NUMBER), text=BOTH, points=_NUMBER)
    project = an_object(project_id=TEXT, fiscal_year={"type": "integer"}, name=TEXT)
    return an_object(
        kind={"enum": list(KINDS)},
        label=BOTH,
        text=BOTH,
        projects=listed(project) | {"minItems": 2, "maxItems": 2},
        score=_NUMBER,
        probability=or_null(_NUMBER),
        base=or_null(_NUMBER),
        reasons=listed(reason),
        threshold=or_null(_NUMBER),
    )
