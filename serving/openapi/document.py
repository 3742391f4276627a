"""The OpenAPI document of the service, errors included."""

from __future__ import annotations

import json
from typing import Any

from features.catalogue import Catalogue
from features.json_schema import NO_NUL, project_schema
from models.papers.paper import FORMAT as PAPER_FORMAT
from models.release.mlflow_alias import AliasState
from serving.beside.beside_following import REFUSALS as BESIDE_REFUSALS
from serving.beside.beside_queue import OUTCOMES
from serving.example import example_text
from serving.metrics import CONTENT_TYPE
from serving.openapi.answers import ANY_OBJECT, RECEIPT, an_object, answer_schemas, listed, or_null
from serving.openapi.audit import audit_paths
from serving.openapi.checks import check_schemas
from serving.openapi.dimensions import dimension_schemas
from serving.openapi.duplicates import duplicate_paths
from serving.openapi.findings import finding_paths
from serving.openapi.releasing import release_paths
from serving.openapi.responses import (
    HTML,
    JSON,
    answer,
    bodiless,
    error_responses,
    errors,
    header_components,
    of_download,
    of_file,
    sign_in_needed,
)
from serving.openapi.review import review_paths
from serving.openapi.standards import standards_paths
from serving.openapi.topics import topic_paths
from serving.override_reasons import OverrideReasons
from serving.projects.query import PARAMETERS
from serving.recording.handling import MATTER, STATES
from serving.recording.human_act import GREATEST, LONGEST_COMMENT, VERDICTS, WRITTEN
from serving.recording.last_release import Recorded
from serving.recording.once import HEADER, KEY
from serving.recording.record_query import AFTER, KIND
from serving.records.project_list import ORDERS
from serving.routes import ALGORITHM_RECORD, DATA_SHEET, MODEL, MONITORING, STATIC
from serving.service_state import REFERENCE_REFUSALS, REFUSALS
from serving.settings import Limits
from serving.workbook import WORKBOOK_TYPE

Schema = dict[str, Any]

_OF_OPEN_PAGES = (400, 405, 431, 500)
_OF_PAGES = (*_OF_OPEN_PAGES, 401, 403)
_OF_RECORDS = (*_OF_PAGES, 404, 503)
_OF_FORMS = (*_OF_PAGES, 408, 413, 415, 503)
_OF_QUESTIONS = (*_OF_FORMS, 422, 429, 504)
_OF_LISTS = (*_OF_PAGES, 422, 503)
_SCHEMA = "application/schema+json"
_FORM = "application/x-www-form-urlencoded"
_FILES = ("text/css", "text/javascript", "image/svg+xml", JSON)
_TEXT: Schema = {"type": "string"}


def openapi_document(catalogue: Catalogue, limits: Limits, reasons: OverrideReasons) -> Schema:
    """The OpenAPI 3.1 document for one catalogue, with the limits and the reasons in force."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"Lingji: {catalogue.label.en} / {catalogue.label.zh}",
            "version": catalogue.identity,
            "description": "Explained scores of declared projects. The model advises; people "
            "decide. 模型仅供辅助决策，由人作出决定。 HEAD answers as GET does, without a body.",
        },
        "paths": _questions(catalogue, limits)
        | _records(catalogue, reasons)
        | _projects()
        | duplicate_paths(limits, json.loads(example_text(catalogue)))
        | finding_paths()
        | audit_paths()
        | release_paths()
        | review_paths(catalogue)
        | standards_paths()
        | topic_paths()
        | _pages()
        | _forms(),
        "security": [{"key": []}, {"token": []}, {"session": []}],
        "components": {
            "schemas": _project_schemas(catalogue)
            | answer_schemas()
            | check_schemas()
            | dimension_schemas(),
            "headers": header_components(),
            "responses": error_responses(),
            "securitySchemes": _security(),
        },
    }


def _questions(catalogue: Catalogue, limits: Limits) -> Schema:
    project, score = _of("Project"), _of("ExplainedScore")
    example = json.loads(example_text(catalogue))
    items = listed({"anyOf": [project, _of("Anything")]})
    projects = items | {"maxItems": limits.batch_projects}
    paths = {
        "/score": _post(
            "One explained score",
            f"Body of at most {limits.body_bytes:,} bytes. With `Accept: text/html` the answer is "
            "the part of a page that shows it, in the language of `lang`.",
            {"project": project},
            answer(score, JSON, HTML),
            example={"project": example},
        ),
        "/score_batch": _post(
            "Explained scores of many projects, and their ranking",
            f"Body of at most {limits.batch_bytes:,} bytes. Results come in the order of the "
            "projects; one that does not meet the catalogue is an error in its own place. "
            "`ranking` holds the ids of the rated projects, the first to be served first. While a "
            "pilot serves some of them, `versions` says how many projects each version answered, "
            "each by its own ruler.",
            {"projects": projects},
            answer(_batch(score), JSON),
            example={"projects": [example]},
        ),
        "/what_if": _post(
            "What a change of some fields would do",
            "The difference per head and reason. Not recorded as a score. Of one project its "
            "department may ask this some times a day, and have some versions of it scored; then "
            "the answer is 429.",
            {"project": project, "changes": _of("Changes")},
            answer(an_object(before=score, after=score, difference=ANY_OBJECT), JSON),
            example={"project": example, "changes": {}},
        ),
        "/improvements": _post(
            "What the department may lawfully improve, and what grade that would reach",
            "Changes of what the catalogue lets a department change, each tried on the model, and "
            "the fewest found that reach a higher grade. Not recorded as a score; of one project "
            "its department may ask as often as what a change would do. With `Accept: text/html` "
            "the answer is the part of a page that shows it, in the language of `lang`.",
            {"project": project},
            answer(_of("Improvements"), JSON, HTML),
            example={"project": example},
        ),
    }
    paths |= {
        "/check": _post(
            "Whether a project may be admitted: what every rule says of it",
            "Each check with `passed`, `finding` or `not_applicable` and why; targets as they were "
            "read. Not a score. With `Accept: text/html` the answer is the part of a page that "
            "shows it, in the language of `lang`.",
            {"project": project},
            answer(_of("Check"), JSON, HTML),
            example={"project": example},
        )
    }
    for path in ("/score", "/improvements", "/check"):
        paths[path]["post"]["parameters"] = [_LANG]
    for path in ("/score", "/score_batch"):
        paths[path]["post"].setdefault("parameters", []).append(_ONCE)
        paths[path]["post"]["responses"] |= errors((409,))
    return paths


_ONCE: Schema = {
    "name": HEADER,
    "in": "header",
    "description": "The same body again under the same key gets the same answer again; another "
    "body gets 409.",
    "schema": {"type": "string", "pattern": f"^{KEY}$"},
}
_LANG: Schema = {
    "name": "lang",
    "in": "query",
    "description": "The language of a page: `zh` or `en`; Chinese unless it is one of them.",
    "schema": _TEXT,
}


def _of(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _post(
    summary: str, description: str, fields: Schema, told: Schema, example: Any = None
) -> Schema:
    body: Schema = {"schema": {**an_object(**fields), "additionalProperties": False}}
    if example is not None:
        body["example"] = example
    return {
        "post": {
            "summary": summary,
            "description": description,
            "requestBody": {"required": True, "content": {JSON: body}},
            "responses": {"200": told, **errors(_OF_QUESTIONS)},
        }
    }


def _records(catalogue: Catalogue, reasons: OverrideReasons) -> Schema:
    """Records: reading them, and what people say about them."""
    comment = {"type": "string", "pattern": WRITTEN, "maxLength": LONGEST_COMMENT}
    heads: Schema = {
        head.name: {"type": "number", "minimum": -GREATEST, "maximum": GREATEST}
        for head in catalogue.heads
    }
    values = {
        "type": "object",
        "description": "A grade, or numbers for heads that the record has.",
        "properties": {"grade": {"enum": ["A", "B", "C", "D"]}, **heads},
        "additionalProperties": False,
        "minProperties": 1,
    }
    override = {"reason": {"enum": list(reasons.labels)}, "comment": comment, "values": values}
    review = {"verdict": {"enum": list(VERDICTS)}, "comment": comment}
    handling = {
        "finding": _TEXT | {"pattern": MATTER},
        "state": {"enum": list(STATES)},
        "comment": comment,
    }
    history = _read("The records of a project", "Records", [_PROJECT_ID, _KIND_PARAMETER, _AFTER])
    history["get"]["responses"] |= errors((422,))
    return {
        "/record/{id}": _read(
            "A record, what people said about it, and its proof", "Record", [_ID]
        ),
        "/record/{id}/receipt": _read(
            "The proof that a record is in the log", "ProvenReceipt", [_ID]
        ),
        "/records": history,
        "/record/{id}/override": _act("Put something else in place of a score", override),
        "/record/{id}/handling": _act("Say what becomes of a finding of a record", handling),
        "/record/{id}/review": _act("Say that a score was looked at, and the outcome", review),
    }


def _parameter(name: str, where: str, schema: Schema, *, required: bool = False) -> Schema:
    return {"name": name, "in": where, "required": required, "schema": {**_TEXT, **schema}}


_ID = _parameter("id", "path", {"format": "uuid"}, required=True)
_PROJECT_ID = _parameter("project_id", "query", {"pattern": r"^[^\u0000]+$"}, required=True)
_KIND_PARAMETER = _parameter("kind", "query", {"pattern": f"^{KIND}$"})
_AFTER = _parameter("after", "query", {"pattern": f"^({AFTER})$"})


def _read(summary: str, name: str, parameters: list[Schema]) -> Schema:
    responses = {"200": answer(_of(name), JSON), **errors(_OF_RECORDS)}
    return {"get": {"summary": summary, "parameters": parameters, "responses": responses}}


def _act(summary: str, fields: Schema) -> Schema:
    said = "Experts and administrators. Kept as a record of its own; nothing is ever changed."
    path = _post(summary, said, fields, answer(_of("Act"), JSON))
    path["post"]["parameters"] = [_ID, _ONCE]
    path["post"]["responses"] |= errors((404, 409))
    return path


def _projects() -> Schema:
    """The list of projects, what their scores have in common, and both as a workbook."""
    some: Schema = listed(ANY_OBJECT)
    page = an_object(
        projects=some,
        total={"type": "integer"},
        filters=ANY_OBJECT,
        sort={"enum": list(ORDERS)},
        next_after=or_null(_TEXT),
        not_yet_listed={"type": "integer"},
        advisory={"const": True},
    )
    summed = an_object(
        rated={"type": "integer"},
        not_rated={"type": "integer"},
        heads=ANY_OBJECT,
        missing=some,
        filters=ANY_OBJECT,
        advisory={"const": True},
    )
    told = {
        "/projects": ("The newest score of each project and year", answer(page, JSON, HTML)),
        "/projects/tendencies": (
            "What raises and lowers the scores of several projects, and what leaves them unrated",
            answer(summed, JSON, HTML),
        ),
        "/projects/export": (
            "The same projects as an Excel workbook",
            of_download(answer({}, WORKBOOK_TYPE)),
        ),
    }
    parameters = [_parameter(name, "query", schema) for name, schema in PARAMETERS.items()]
    return {
        path: {
            "get": {
                "summary": summary,
                "description": "A department's own projects only. With `Accept: text/html` a page.",
                "parameters": [*parameters, _LANG],
                "responses": {"200": response, **errors(_OF_LISTS)},
            }
        }
        for path, (summary, response) in told.items()
    }


def _pages() -> Schema:
    alive = an_object(status={"const": "alive"})
    front = _get("The front page", answer({}, HTML))
    front["get"]["parameters"] = [_LANG]
    front["get"]["responses"] |= {"401": sign_in_needed()}
    return {
        "/": front,
        "/schema": _get("JSON Schema of a declared project", answer(ANY_OBJECT, _SCHEMA)),
        "/openapi.json": _get("This document", answer(ANY_OBJECT, JSON)),
        "/livez": _open(_get("Whether the process lives", answer(alive, JSON))),
        "/readyz": _ready(),
        "/metrics": _get("Counts for Prometheus", answer(_TEXT, CONTENT_TYPE)),
        MODEL: _paper("The model card of the model in service"),
        DATA_SHEET: _paper("The data sheet of what it learned from"),
        ALGORITHM_RECORD: _paper("Its record for registers of algorithms"),
        MONITORING: _monitoring(),
        f"{STATIC}/{{file}}": _static(),
    }


def _paper(what: str) -> Schema:
    paper = an_object(
        format={"const": PAPER_FORMAT},
        paper=_TEXT,
        title=ANY_OBJECT,
        about=ANY_OBJECT,
        model=ANY_OBJECT,
        sections=listed(ANY_OBJECT),
        sources=listed(ANY_OBJECT),
    )
    path = _get(
        f"{what}; with `Accept: text/html` a page. Each figure has the place where it stands: a "
        "source of the list, and a JSON Pointer into it",
        answer(paper, JSON, HTML),
    )
    path["get"]["parameters"] = [_LANG]
    path["get"]["responses"] |= errors((503,))
    return path


def _monitoring() -> Schema:
    path = _get(
        "The newest monitoring report, or null; with `Accept: text/html` a page",
        answer(an_object(report=or_null(ANY_OBJECT)), JSON, HTML),
    )
    path["get"]["parameters"] = [_LANG]
    return path


_COUNT: Schema = {"type": "integer", "minimum": 0}


def _batch(score: Schema) -> Schema:
    """The answer to many projects."""
    whole = an_object(
        results=listed({"oneOf": [score, _of("Error")]}),
        ranking=listed(_TEXT),
        projects=_COUNT,
        record_id=_TEXT,
        receipt=RECEIPT,
    )
    whole["properties"] |= {"versions": {"type": "object", "additionalProperties": _COUNT}}
    return whole


def _beside() -> Schema:
    """What runs beside the model in service, and what became of the answers made beside."""
    version = {"version": _TEXT, "digest": _TEXT}
    nothing: Schema = {"type": "null"}
    refused = {"enum": list(BESIDE_REFUSALS)}
    return an_object(
        shadow={"anyOf": [an_object(**version), nothing]},
        pilot={"anyOf": [an_object(**version, regions=_TEXT, until=_TEXT), nothing]},
        refused={"type": "object", "additionalProperties": refused},
        answers=an_object(**dict.fromkeys(OUTCOMES, _COUNT)),
    )


def _reference() -> Schema:
    """What checks compare projects with, and why the newest of a kind is not taken."""
    version = an_object(version=_COUNT, digest=_TEXT)
    return an_object(
        standards={"anyOf": [version, {"type": "null"}]},
        duplicates={
            "type": "array",
            "items": an_object(year=_COUNT, version=_COUNT, digest=_TEXT),
        },
        refused={
            "type": "object",
            "additionalProperties": {"enum": list(REFERENCE_REFUSALS)},
        },
    )


def _ready() -> Schema:
    """Whether it answers; 503 while the model is out of service."""
    model = an_object(
        catalogue=_TEXT,
        version=_TEXT,
        digest=_TEXT,
        simulated={"type": "boolean"},
        reviewed={"type": "boolean"},
    )
    ready = an_object(
        status={"const": "ready"},
        model=model,
        refused_release={"enum": [*REFUSALS, None]},
        reference=_reference(),
        beside=_beside(),
        mlflow_alias={"enum": list(AliasState)},
        release_record={"enum": list(Recorded)},
    )
    path = _get(
        "Whether it answers, and with which model; why a newer release does not",
        answer(ready, JSON),
    )
    path["get"]["responses"] |= errors((503,))
    return path


def _static() -> Schema:
    path = _get("A file of the pages", of_file(answer({}, *_FILES)))
    path["get"]["parameters"] = [_parameter("file", "path", {"minLength": 1}, required=True)]
    unchanged = of_file(bodiless(304, "Not changed"))
    path["get"]["responses"] |= {"304": unchanged} | errors((404,))
    return path


def _open(path: Schema) -> Schema:
    """A path that strangers may call."""
    get = {**path["get"], "security": [{}]}
    return {"get": get | {"responses": {"200": get["responses"]["200"], **errors(_OF_OPEN_PAGES)}}}


def _forms() -> Schema:
    form = {_FORM: {"schema": an_object(key=_TEXT)}}
    front = {"303": bodiless(303, "To the front page"), **errors(_OF_FORMS)}
    return {
        "/sign_in": {
            "post": {
                "summary": "Take the access key of a page's form, and begin a session",
                "parameters": [_LANG],
                "security": [{}],
                "requestBody": {"required": True, "content": form},
                "responses": front | {"401": sign_in_needed()},
            }
        },
        "/sign_out": {
            "post": {
                "summary": "End the session of a page",
                "parameters": [_LANG],
                "responses": front,
            }
        },
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


def _get(summary: str, told: Schema) -> Schema:
    return {"get": {"summary": summary, "responses": {"200": told, **errors(_OF_PAGES)}}}


def _project_schemas(catalogue: Catalogue) -> Schema:
    """A declared project, fields that are put in place of what it has, and what is no project."""
    project = project_schema(catalogue)
    inside = {name: value for name, value in project.items() if not name.startswith("$")}
    text, anything = {"type": "string", "pattern": NO_NUL}, _of("Anything")
    scalars = [{"type": ["null", "boolean"]}, {"type": "number"}, text]
    whole = {"type": "object", "propertyNames": text, "additionalProperties": anything}
    return {
        "Project": inside,
        "Changes": {**inside, "required": []},
        "Anything": {
            "description": "JSON as this service reads it. In place of a project it is an error, "
            "told in its own place.",
            "anyOf": [*scalars, listed(anything), whole],
        },
    }
