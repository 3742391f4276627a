"""The responses of the service, as OpenAPI describes them: statuses, media types, headers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from serving.front_door import COMMON_HEADERS
from serving.wording.envelope import CODES

Schema = dict[str, Any]

JSON, HTML = "application/json", "text/html"
_HEADERS_OF = {
    303: ("Location", "Set-Cookie"),
    401: ("WWW-Authenticate",),
    405: ("Allow",),
    429: ("Retry-After",),
    503: ("Retry-After",),
}
"""The headers that come with a status, besides those of every answer."""


_WORD: Schema = {"type": "string", "minLength": 1}


def answer(schema: Schema, *media: str) -> Schema:
    """The answer of a call, in any of the media types; a page is text and nothing more is said."""
    given = {each: {"schema": {"type": "string"} if each == HTML else schema} for each in media}
    return {"description": "The answer", "headers": _headers(200), "content": given}


def of_file(response: Schema) -> Schema:
    """A response with a file, or about one."""
    told = {name: {"schema": _WORD} for name in ("ETag", "Last-Modified", "Accept-Ranges")}
    return {**response, "headers": response["headers"] | told}


def of_download(response: Schema) -> Schema:
    """A response that a browser keeps as a file, under the name that it brings."""
    told = {"Content-Disposition": {"schema": _WORD, "required": True}}
    return {**response, "headers": response["headers"] | told}


def bodiless(status: int, description: str) -> Schema:
    """A response without content."""
    return {"description": description, "headers": _headers(status)}


def errors(statuses: Iterable[int]) -> Schema:
    """The error answers with these statuses, by reference."""
    return {str(status): {"$ref": f"#/components/responses/{status}"} for status in statuses}


def sign_in_needed() -> Schema:
    """A 401 that shows a browser where to sign in, and tells a program as always."""
    told = _error_response(401)
    told["content"] |= {HTML: {"schema": {"type": "string"}}}
    return told


def error_responses() -> Schema:
    """Every error answer, by its status."""
    return {str(status): _error_response(status) for status in CODES}


def _error_response(status: int) -> Schema:
    code, message = CODES[status]
    schema = {"$ref": "#/components/schemas/Error"}
    return {
        "description": f"{code}: {message}",
        "headers": _headers(status),
        "content": {JSON: {"schema": schema}},
    }


def _headers(status: int) -> Schema:
    names = (*COMMON_HEADERS, *_HEADERS_OF.get(status, ()))
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def header_components() -> Schema:
    """Every header that an answer may carry, by its name."""
    told = {
        "Location": "Where to go on.",
        "Set-Cookie": "The session, or its end.",
        "WWW-Authenticate": "How to say who calls: Bearer.",
        "Allow": "The methods that the path answers.",
        "Retry-After": "In how many seconds to try again.",
    }
    components: Schema = {
        name: {"description": f"Usually: {value}", "required": True, "schema": _WORD}
        for name, value in COMMON_HEADERS.items()
    }
    components |= {
        name: {"description": said, "required": True, "schema": _WORD}
        for name, said in told.items()
    }
    components["Retry-After"]["schema"] = {"type": "integer", "minimum": 0}
    return components
