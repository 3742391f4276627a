"""The OpenAPI document of the service, errors included."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from features.catalogue import Catalogue
from features.json_schema import project_schema
from serving.envelope import CODES, SPECIAL
from serving.human_act import OVERRIDE_REASONS, VERDICTS
from serving.once import HEADER, LONGEST
from serving.service_state import REFUSALS
from serving.settings import Limits

Schema = dict[str, Any]

_OF_QUESTIONS = (400, 401, 403, 405, 408, 413, 415, 422, 429, 500, 503, 504)
_OF_PAGES = (401, 403, 405, 500)
_OF_RECORDS = (401, 403, 404, 405, 422, 500, 503)
_OF_OPEN_PAGES = (405, 500)
_OF_FORMS = (401, 403, 405, 408, 413, 415, 500, 503)
_ANSWER = "#/components/schemas/ExplainedScore"


def openapi_document(catalogue: Catalogue, limits: Limits) -> Schema:
    """The OpenAPI 3.1 document for one catalogue and the limits in force."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"Lingji: {catalogue.label.en} / {catalogue.label.zh}",
            "version": catalogue.identity,
            "description": "Explained scores of declared projects. The model advises; people "
            "decide. 模型仅供辅助决策，由人作出决定。",
        },
        "paths": _questions(limits) | _records() | _pages() | _forms(),
        "security": [{"key": []}, {"token": []}, {"session": []}],
        "components": {
            "schemas": _schemas(catalogue),
            "responses": _error_responses(),
            "securitySchemes": _security(),
        },
    }


def _questions(limits: Limits) -> Schema:
    project = {"$ref": "#/components/schemas/Project"}
    projects = {"type": "array", "items": project, "maxItems": limits.batch_projects}
    paths = {
        "/score": _post(
            "One explained score",
            f"Body of at most {limits.body_bytes:,} bytes. With `Accept: text/html` the answer is "
            "the part of a page that shows it, in the language of `lang`.",
            {"project": project},
            {"$ref": _ANSWER},
        ),
        "/score_batch": _post(
            "Explained scores of many projects, and their ranking",
            f"Body of at most {limits.batch_bytes:,} bytes. Results come in the order of the "
            "projects; one that does not meet the catalogue is an error in its own place. "
            "`ranking` holds the ids of the rated projects, the first to be served first.",
            {"projects": projects},
            _object(
                results={
                    "type": "array",
                    "items": {"oneOf": [{"$ref": _ANSWER}, {"$ref": "#/components/schemas/Error"}]},
                },
                ranking={"type": "array", "items": {"type": "string"}},
            ),
        ),
        "/what_if": _post(
            "What a change of some fields would do",
            "The difference per head and reason. Not recorded as a score. Of one project its "
            "department may ask this some times a day, and have some versions of it scored; then "
            "the answer is 429.",
            {"project": project, "changes": {"type": "object"}},
            _object(before={"$ref": _ANSWER}, after={"$ref": _ANSWER}, difference=_MAP),
        ),
        "/improvements": _post(
            "What the department may lawfully improve, and what grade that would reach",
            "Changes of what the catalogue lets a department change, each tried on the model, and "
            "the fewest found that reach a higher grade. Not recorded as a score; of one project "
            "its department may ask as often as what a change would do. With `Accept: text/html` "
            "the answer is the part of a page that shows it, in the language of `lang`.",
            {"project": project},
            _improvements(),
        ),
    }
    for path in ("/score", "/score_batch"):
        paths[path]["post"]["parameters"] = [_ONCE]
        paths[path]["post"]["responses"] |= _errors((409,))
    return paths


_MAP: Schema = {"type": "object"}
_ONCE: Schema = {
    "name": HEADER,
    "in": "header",
    "description": "The same body again under the same key gets the same answer again; another "
    "body gets 409.",
    "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST},
}


def _post(summary: str, description: str, fields: Schema, answer: Schema) -> Schema:
    body = {**_object(**fields), "additionalProperties": False}
    return {
        "post": {
            "summary": summary,
            "description": description,
            "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
            "responses": {"200": _content(answer), **_errors(_OF_QUESTIONS)},
        }
    }


def _records() -> Schema:
    """Records: reading them, and what people say about them."""
    text: Schema = {"type": "string"}
    receipt = _object(
        record_id=text,
        leaf_index={"type": "integer"},
        leaf_hash=text,
        tree_size={"type": "integer"},
        root=text,
        proof={"type": "array", "items": text},
    )
    whole = _object(
        record=_MAP,
        human_actions={"type": "array", "items": _MAP},
        receipt=receipt,
        verification=_object(holds={"type": "boolean"}),
    )
    listed = _object(
        records={"type": "array", "items": _MAP}, next_after={"type": ["integer", "null"]}
    )
    override = {
        "reason": {"enum": list(OVERRIDE_REASONS)},
        "comment": text,
        "values": {"type": "object", "minProperties": 1},
    }
    review = {"verdict": {"enum": list(VERDICTS)}, "comment": text}
    done = _object(kind=text, about=text, record_id=text, receipt=_MAP)
    return {
        "/record/{id}": _read("A record, what people said about it, and its proof", whole, "id"),
        "/record/{id}/receipt": _read("The proof that a record is in the log", receipt, "id"),
        "/records": _read("The records of a project", listed, "project_id"),
        "/record/{id}/override": _act("Put something else in place of a score", override, done),
        "/record/{id}/review": _act(
            "Say that a score was looked at, and the outcome", review, done
        ),
    }


def _read(summary: str, answer: Schema, name: str) -> Schema:
    responses = {"200": _content(answer), **_errors(_OF_RECORDS)}
    return {"get": {"summary": summary, "parameters": [_named(name)], "responses": responses}}


def _act(summary: str, fields: Schema, answer: Schema) -> Schema:
    said = "Experts and administrators. Kept as a record of its own; nothing is ever changed."
    path = _post(summary, said, fields, answer)
    path["post"]["parameters"] = [_named("id"), _ONCE]
    path["post"]["responses"] |= _errors((404, 409))
    return path


def _named(name: str) -> Schema:
    where = "path" if name == "id" else "query"
    return {"name": name, "in": where, "required": True, "schema": {"type": "string"}}


def _pages() -> Schema:
    health = _object(status={"type": "string"})
    return {
        "/": _get("The front page", "text/html"),
        "/schema": _get("JSON Schema of a declared project", "application/schema+json"),
        "/openapi.json": _get("This document", "application/json"),
        "/livez": _open(_get("Whether the process lives", "application/json", health)),
        "/readyz": _ready(),
        "/metrics": _get("Counts for Prometheus", "text/plain"),
    }


def _ready() -> Schema:
    """Whether it answers; 503 while the model is out of service."""
    path = _get(
        "Whether it answers, and with which model; why a newer release does not",
        "application/json",
        _object(
            status={"type": "string"},
            model=_MAP,
            refused_release={"enum": [*REFUSALS, None]},
        ),
    )
    path["get"]["responses"] |= _errors((503,))
    return path


def _open(path: Schema) -> Schema:
    """A path that strangers may call."""
    get = {**path["get"], "security": [{}]}
    return {"get": get | {"responses": {"200": get["responses"]["200"], **_errors(_OF_OPEN_PAGES)}}}


def _forms() -> Schema:
    form = {"application/x-www-form-urlencoded": {"schema": _object(key={"type": "string"})}}
    front = {"303": {"description": "To the front page"}, **_errors(_OF_FORMS)}
    return {
        "/sign_in": {
            "post": {
                "summary": "Take the access key of a page's form, and begin a session",
                "security": [{}],
                "requestBody": {"required": True, "content": form},
                "responses": front,
            }
        },
        "/sign_out": {"post": {"summary": "End the session of a page", "responses": front}},
    }


def _security() -> Schema:
    """How callers say who they are. Without any key or issuer this machine alone is answered."""
    return {
        "key": {
            "type": "http",
            "scheme": "bearer",
            "description": "An access key, as `lingji keys create` shows it.",
        },
        "token": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "A token of the OpenID Connect issuer that this service knows.",
        },
        "session": {
            "type": "apiKey",
            "in": "cookie",
            "name": "__Host-lingji_session",
            "description": "Set by /sign_in; forms of this service's pages only. On localhost "
            "without `__Host-`.",
        },
    }


def _get(summary: str, media: str, schema: Schema | None = None) -> Schema:
    responses = {"200": _content(schema or {}, media), **_errors(_OF_PAGES)}
    return {"get": {"summary": summary, "responses": responses}}


def _content(schema: Schema, media: str = "application/json") -> Schema:
    return {"description": "The answer", "content": {media: {"schema": schema}}}


def _errors(statuses: tuple[int, ...]) -> Schema:
    return {str(status): {"$ref": f"#/components/responses/{status}"} for status in statuses}


def _error_responses() -> Schema:
    error = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    return {
        str(status): {"description": f"{code}: {message}", "content": error}
        for status, (code, message) in CODES.items()
    }


def _object(**properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "required": list(properties)}


def _schemas(catalogue: Catalogue) -> Schema:
    text: Schema = {"type": "string"}
    detail = _object(field=text, expected=text, got=text)
    detail["properties"] |= {"hint": text}
    error = _object(code=text, message=text, details={"type": "array", "items": detail})
    error["properties"]["code"] = {"enum": [*(code for code, _ in CODES.values()), *SPECIAL]}
    return {
        "Project": project_schema(catalogue),
        "ExplainedScore": _explained_score(),
        "Error": _object(error=error),
    }


def _improvements() -> Schema:
    nullable: Schema = {"type": ["number", "null"]}
    text: Schema = {"type": "string"}
    moves: Schema = {"type": "array", "items": {"type": "object"}}
    return _object(
        project_id=text,
        status={"enum": ["rated", "not_rated"]},
        missing={"type": "array", "items": text},
        model=_MAP,
        grade={"type": ["string", "null"]},
        rank_score=nullable,
        necessity=nullable,
        importance=nullable,
        suggestions=moves,
        ways=moves,
        caution=_object(zh=text, en=text),
        advisory={"const": True},
    )


def _explained_score() -> Schema:
    """The fields that clients rely on; others may be added."""
    nullable: Mapping[str, Any] = {"type": ["object", "null"]}
    text: Schema = {"type": "string"}
    listed: Schema = {"type": "array"}
    return _object(
        record_id={"type": ["string", "null"]},
        project_id=text,
        status={"enum": ["rated", "not_rated"]},
        missing={"type": "array", "items": text},
        model=_object(version=text, digest=text, catalogue=text, simulated={"type": "boolean"}),
        priority=dict(nullable),
        cost=dict(nullable),
        risk=_MAP,
        similar=listed,
        findings=listed,
        advisory={"const": True},
        receipt=dict(nullable),
    )
