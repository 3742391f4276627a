"""The part of the OpenAPI document that tells of special topics."""

from __future__ import annotations

from typing import Any

from serving.openapi.answers import an_object
from serving.openapi.responses import HTML, JSON, answer, errors, of_download
from serving.routes import TOPIC, TOPIC_EXPORT, TOPICS
from serving.topics.topic_query import OF_ALL, PARAMETERS
from serving.workbook import WORKBOOK_TYPE

Schema = dict[str, Any]

_ERRORS = (400, 401, 403, 404, 405, 422, 431, 500, 503)
_TEXT: Schema = {"type": "string"}
_WHOLE: Schema = {"type": "integer"}
_MAP: Schema = {"type": "object"}
_LISTED: Schema = {"type": "array", "items": _MAP}
_LANG: Schema = {"name": "lang", "in": "query", "schema": _TEXT}


def topic_paths() -> Schema:
    """The paths of special topics."""
    every = an_object(topics=_LISTED, projects=_WHOLE, unread=_WHOLE, advisory={"const": True})
    one = an_object(
        name=_TEXT,
        label=_MAP,
        projects=_WHOLE,
        units=_WHOLE,
        amount={"type": "number"},
        alerts=_MAP,
        alert_list=_LISTED,
        item_list=_LISTED,
        library={"type": ["object", "null"]},
        advisory={"const": True},
    )
    return {
        TOPICS: _get("Special topics with their counts", answer(every, JSON, HTML), OF_ALL),
        TOPIC: _get(
            "One topic: every item beside its standard, other units and other regions, and what "
            "to warn about",
            answer(one, JSON, HTML),
            tuple(PARAMETERS),
        ),
        TOPIC_EXPORT: _get(
            "One topic as an Excel workbook",
            of_download(answer({}, WORKBOOK_TYPE)),
            tuple(PARAMETERS),
        ),
    }


def _get(summary: str, told: Schema, names: tuple[str, ...]) -> Schema:
    parameters: list[Schema] = [
        {
            "name": name,
            "in": "query",
            "required": name == "name",
            "schema": {**_TEXT, **PARAMETERS[name]},
        }
        for name in names
    ]
    return {
        "get": {
            "summary": summary,
            "description": "Over the newest scores that the caller may see, a department its own. "
            "With `Accept: text/html` a page, in the language of `lang`.",
            "parameters": [*parameters, _LANG],
            "responses": {"200": told, **errors(_ERRORS)},
        }
    }
