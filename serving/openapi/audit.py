"""The part of the OpenAPI document that tells of searching, checking and exporting records."""

from __future__ import annotations

from typing import Any

from serving.audit.filters import PARAMETERS
from serving.openapi.answers import an_object
from serving.openapi.responses import HTML, JSON, answer, errors, of_download
from serving.routes import (
    AUDIT,
    AUDIT_DIFFERENCE,
    AUDIT_EXPORT,
    AUDIT_RECORD,
    AUDIT_REPLAY,
    AUDIT_VERIFY,
)

Schema = dict[str, Any]

_ERRORS = (400, 401, 403, 404, 405, 422, 431, 500, 503)
_FORM_ERRORS = (*_ERRORS, 408, 413, 415)
_FORM = "application/x-www-form-urlencoded"
_FILES = "multipart/form-data"
_TEXT: Schema = {"type": "string"}
_MAP: Schema = {"type": "object"}
_LISTED: Schema = {"type": "array", "items": _MAP}
_NAMED_ID: Schema = {"name": "id", "in": "path", "required": True, "schema": _TEXT}
_LANG: Schema = {"name": "lang", "in": "query", "schema": _TEXT}
"""Whatever is no language of ours is taken for Chinese."""
_PAGE = "With `Accept: text/html` a page, in the language of `lang`."


def audit_paths() -> Schema:
    """The paths of the auditor's pages, each for machines as well."""
    place: Schema = {"type": ["integer", "null"]}
    dossier = dict.fromkeys(("record", "verification"), _MAP) | {
        "history": _LISTED,
        "answer_as_said": {"type": "boolean"},
    }
    replayed = {"same": {"type": "boolean"}, "differences": _LISTED}
    checked = {
        "holds": {"type": "boolean"},
        "tree_size": {"type": "integer"},
        "root": _TEXT,
        "covered_by_checkpoint": {"type": "boolean"},
        "findings": _LISTED,
    }
    signed = {"checkpoint": _TEXT, "checkpoint_file": _TEXT, "key": _TEXT}
    return {
        AUDIT: _get(
            "Search of the records that the caller may see, newest first",
            {"records": _LISTED, "next_before": place},
            [_asked(name, schema) for name, schema in PARAMETERS.items()],
        ),
        AUDIT_RECORD: _get(
            "A record, the answer that was given, its proof, and what is linked with it",
            dossier,
            [_NAMED_ID],
        ),
        AUDIT_EXPORT: {
            "get": {
                "summary": "A record as one file, to be read, printed and verified offline",
                "parameters": [_NAMED_ID, _LANG],
                "responses": {"200": of_download(answer({}, HTML)), **errors(_ERRORS)},
            }
        },
        AUDIT_DIFFERENCE: _get(
            "What leads from one recorded score to another, in five parts that add up",
            {"a": _TEXT, "b": _TEXT, "documents": _LISTED, "difference": _MAP, "steps": _LISTED},
            [_asked(name, {"format": "uuid"}, required=True) for name in ("a", "b")],
        ),
        AUDIT_REPLAY: _post(
            "A recorded score made again by the version that answered, compared bit for bit",
            an_object(**replayed),
            {},
        ),
        AUDIT_VERIFY: _post(
            "Whether a record is in the log, and among what a signed checkpoint covers",
            an_object(**checked),
            signed,
        ),
    }


def _asked(name: str, schema: Schema, *, required: bool = False) -> Schema:
    return {"name": name, "in": "query", "required": required, "schema": {**_TEXT, **schema}}


def _get(summary: str, fields: Schema, parameters: list[Schema]) -> Schema:
    return {
        "get": {
            "summary": summary,
            "description": f"Who searches or reads is recorded. {_PAGE}",
            "parameters": [*parameters, _LANG],
            "responses": {"200": answer(an_object(**fields), JSON, HTML), **errors(_ERRORS)},
        }
    }


def _post(summary: str, told: Schema, fields: Schema) -> Schema:
    form: Schema = {"schema": {"type": "object", "properties": fields}}
    return {
        "post": {
            "summary": summary,
            "description": f"A form of a page; recorded as an act of the caller. {_PAGE}",
            "parameters": [_NAMED_ID, _LANG],
            "requestBody": {"required": False, "content": {_FORM: form, _FILES: form}},
            "responses": {"200": answer(told, JSON, HTML), **errors(_FORM_ERRORS)},
        }
    }
