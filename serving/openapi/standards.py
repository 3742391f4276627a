"""The part of the OpenAPI document that tells of expenditure standards."""

from __future__ import annotations

from typing import Any

from serving.openapi.answers import an_object
from serving.openapi.responses import HTML, JSON, answer, errors, of_download
from serving.routes import STANDARD, STANDARDS, STANDARDS_CHANGES, STANDARDS_EXPORT
from serving.standards.search import PARAMETERS
from serving.workbook import WORKBOOK_TYPE

Schema = dict[str, Any]

_ERRORS = (400, 401, 403, 404, 405, 422, 431, 500)
_TEXT: Schema = {"type": "string"}
_MAP: Schema = {"type": "object"}
_LISTED: Schema = {"type": "array", "items": _MAP}
_ADVISORY: Schema = {"const": True}
_LANG: Schema = {"name": "lang", "in": "query", "schema": _TEXT}


def standards_paths() -> Schema:
    """The paths of the library of standards."""
    parameters = [_asked(name, schema) for name, schema in PARAMETERS.items()]
    version = [_asked("version", PARAMETERS["version"])]
    code = _asked("code", {"minLength": 1}, required=True)
    found = an_object(
        version={"type": ["object", "null"]},
        standards=_LISTED,
        total={"type": "integer"},
        next_after={"type": ["integer", "null"]},
        advisory=_ADVISORY,
    )
    one = an_object(
        kind={"enum": ["set", "learned"]},
        name=_MAP,
        code=_TEXT,
        versions=_LISTED,
        advisory=_ADVISORY,
    )
    changes = an_object(
        version={"type": "integer"},
        digest=_TEXT,
        moved=_LISTED,
        affected=_MAP,
        false_alarm_rate={"type": ["number", "null"]},
        advisory=_ADVISORY,
    )
    return {
        STANDARDS: _get(
            "Expenditure standards of the version in force, else the newest, or of one that is "
            "named",
            answer(found, JSON, HTML),
            parameters,
        ),
        STANDARD: _get(
            "One standard, and what it was in every version",
            answer(one, JSON, HTML),
            [code, *version],
        ),
        STANDARDS_CHANGES: _get(
            "What a version changes, why, and whom it would affect in the latest round",
            answer(changes, JSON, HTML),
            version,
        ),
        STANDARDS_EXPORT: _get(
            "The standards that are found as an Excel workbook",
            of_download(answer({}, WORKBOOK_TYPE)),
            parameters,
        ),
    }


def _asked(name: str, schema: Schema, *, required: bool = False) -> Schema:
    return {"name": name, "in": "query", "required": required, "schema": {**_TEXT, **schema}}


def _get(summary: str, told: Schema, parameters: list[Schema]) -> Schema:
    return {
        "get": {
            "summary": summary,
            "description": "With `Accept: text/html` a page, in the language of `lang`.",
            "parameters": [*parameters, _LANG],
            "responses": {"200": told, **errors(_ERRORS)},
        }
    }
