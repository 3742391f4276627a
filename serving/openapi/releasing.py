"""The part of the OpenAPI document that tells of releases."""

from __future__ import annotations

from typing import Any

from features.json_schema import NO_NUL
from models.release.mlflow_alias import AliasState
from serving.openapi.answers import ANY_OBJECT, an_object, listed, or_null
from serving.openapi.responses import HTML, JSON, answer, bodiless, errors, of_download
from serving.recording.human_act import WRITTEN
from serving.recording.last_release import Recorded
from serving.releasing.acts import LONGEST_REASON, TICKED
from serving.routes import (
    APPROVE,
    PROMOTE,
    RELEASE,
    RELEASES,
    RESUME,
    ROLLBACK,
    STATEMENT,
    STOP,
)

Schema = dict[str, Any]

_ERRORS = (400, 401, 403, 404, 405, 409, 431, 500, 503)
_FORM_ERRORS = (*_ERRORS, 408, 413, 415, 422)
_FORM = "application/x-www-form-urlencoded"
_FILES = "multipart/form-data"
_TEXT: Schema = {"type": "string"}
_WRITTEN: Schema = {"type": "string", "pattern": WRITTEN, "maxLength": LONGEST_REASON}
_NUMBER: Schema = {"type": "integer"}
_FLAG: Schema = {"type": "boolean"}
_IN_FORMS: Schema = {
    "object": {"type": "string", "contentMediaType": JSON},
    "boolean": {"enum": ["", TICKED]},
    "integer": {"type": "string", "pattern": "^[0-9]{1,9}$"},
}
"""What is no text in JSON, as a form has it."""
_APPROVAL: Schema = {
    "description": "The file that /releases/{n}/statement gives, with one more signature.",
    "type": "object",
    "propertyNames": {"type": "string", "pattern": NO_NUL},
    "additionalProperties": {"$ref": "#/components/schemas/Anything"},
}
_LANG: Schema = {"name": "lang", "in": "query", "schema": _TEXT}
_N: Schema = {
    "name": "n",
    "in": "path",
    "required": True,
    "description": "The number of a registered version.",
    "schema": _TEXT,
}
_PAGE = "With `Accept: text/html` a page, in the language of `lang`."


def release_paths() -> Schema:
    """The paths of releases, each for machines as well."""
    told = an_object(
        catalogue=_TEXT,
        answering=ANY_OBJECT,
        in_service=or_null(ANY_OBJECT),
        refused={"enum": ["altered", "not_approved", None]},
        stopped=or_null(ANY_OBJECT),
        may_return=or_null(_NUMBER),
        releases=listed(ANY_OBJECT),
        versions=listed(ANY_OBJECT),
        release_record={"enum": list(Recorded)},
        mlflow_alias=an_object(
            version=or_null(_NUMBER), state={"enum": list(AliasState)}, unknown=or_null(_TEXT)
        ),
    )
    case = an_object(
        version=_NUMBER,
        digest=_TEXT,
        trainer=_TEXT,
        standing={"enum": ["in_service", "served_before", "waiting"]},
        why_not=_TEXT,
        comparison=or_null(ANY_OBJECT),
        comparison_digest=or_null(_TEXT),
        review=or_null(ANY_OBJECT),
        policy_digest=or_null(_TEXT),
        gates=listed(ANY_OBJECT),
        open=listed(_TEXT),
        waivers=listed(ANY_OBJECT),
        signatures=listed(ANY_OBJECT),
        signatures_needed=_NUMBER,
        overtaken=_TEXT,
        statement_digest=or_null(_TEXT),
        may_be_released=_FLAG,
    )
    moved = an_object(version=_NUMBER, digest=_TEXT)
    statement = _get("What the next person signs, as one file", ANY_OBJECT, [_N])
    statement["get"]["responses"]["200"] = of_download(answer(ANY_OBJECT, JSON))
    return {
        RELEASES: _get("Which releases and versions there are, and what serves", told, []),
        RELEASE: _get(
            "One version: every gate's verdict, its review, its approval, what is to be signed",
            case,
            [_N],
        ),
        STATEMENT: statement,
        APPROVE: _post(
            "Hand in a signed statement",
            an_object(version=_NUMBER, statement=_TEXT, signatures=listed(_TEXT), missing=_NUMBER),
            {"approval": _APPROVAL, "anew": _FLAG},
            ("approval",),
            [_N],
        ),
        PROMOTE: _post(
            "Put a version into service that enough people have signed",
            moved,
            {"statement": _TEXT},
            ("statement",),
            [_N],
        ),
        ROLLBACK: _post(
            "Put the version that served before back into service",
            moved,
            {"releases": {"type": "integer", "minimum": 0}},
            ("releases",),
            [],
        ),
        STOP: _post(
            "Take the model out of service at once",
            an_object(stopped=ANY_OBJECT),
            {"reason": _WRITTEN},
            ("reason",),
            [],
        ),
        RESUME: _post(
            "Put the model that was stopped back into service",
            an_object(stopped={"type": "null"}),
            {},
            (),
            [],
        ),
    }


def _get(summary: str, told: Schema, parameters: list[Schema]) -> Schema:
    return {
        "get": {
            "summary": summary,
            "description": _PAGE,
            "parameters": [*parameters, _LANG],
            "responses": {"200": answer(told, JSON, HTML), **errors(_ERRORS)},
        }
    }


def _post(
    summary: str, told: Schema, fields: Schema, required: tuple[str, ...], parameters: list[Schema]
) -> Schema:
    given: Schema = {"type": "object", "properties": fields, "required": list(required)}
    texts = {name: _IN_FORMS.get(schema.get("type", ""), schema) for name, schema in fields.items()}
    form: Schema = {"schema": {**given, "properties": texts}}
    body = {"schema": {**given, "additionalProperties": False}}
    return {
        "post": {
            "summary": summary,
            "description": "JSON, or a form of a page, which is led to a page again. Recorded as "
            "an act of the caller.",
            "parameters": [*parameters, _LANG],
            "requestBody": {
                "required": bool(required),
                "content": {JSON: body, _FORM: form, _FILES: form},
            },
            "responses": {
                "200": answer(told, JSON),
                "303": _onward(),
                **errors(_FORM_ERRORS),
            },
        }
    }


def _onward() -> Schema:
    """A page that sent its form is led on; nothing changes about its session."""
    response = bodiless(303, "Done; on to a page")
    headers = {name: told for name, told in response["headers"].items() if name != "Set-Cookie"}
    return response | {"headers": headers}
