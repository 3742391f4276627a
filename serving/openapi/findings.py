"""The part of the OpenAPI document about findings over many records, and handling one."""

from __future__ import annotations

from typing import Any

from features.checks.rule import SEVERITIES
from serving.findings.query import ALL_STATES, EXPORT_PARAMETERS, PARAMETERS
from serving.openapi.answers import BOTH, TEXT, an_object, listed, or_null
from serving.openapi.responses import HTML, JSON, answer, bodiless, errors, of_download
from serving.recording.handling import MATTER, STATES
from serving.recording.human_act import LONGEST_COMMENT, WRITTEN
from serving.records.finding_list import CHECKED, ORDERS
from serving.routes import CHECK_FINDINGS, CHECK_FINDINGS_EXPORT, SAY_OF_FINDING
from serving.workbook import WORKBOOK_TYPE

Schema = dict[str, Any]

_PAGE_ERRORS = (400, 401, 403, 404, 405, 422, 431, 500, 503)
_FORM_ERRORS = (*_PAGE_ERRORS, 408, 409, 413, 415)
_FORM = "application/x-www-form-urlencoded"
_COUNT: Schema = {"type": "integer", "minimum": 0}
_MEASURED: Schema = {"type": ["number", "string", "null"]}
_LANG: Schema = {"name": "lang", "in": "query", "schema": TEXT}
_ID: Schema = {"name": "id", "in": "path", "required": True, "schema": TEXT | {"format": "uuid"}}


def finding_paths() -> Schema:
    """The paths about findings."""
    counted: Schema = {"type": "object", "additionalProperties": _COUNT}
    page = an_object(
        findings=listed(_line()),
        total=_COUNT,
        counts=an_object(state=counted, severity=counted, rule=counted),
        filters={"type": "object"},
        sort={"enum": list(ORDERS)},
        next_after=or_null(TEXT),
        not_yet_listed=_COUNT,
        advisory={"const": True},
    )
    comment = {**TEXT, "pattern": WRITTEN, "maxLength": LONGEST_COMMENT}
    fields = {"finding": TEXT | {"pattern": MATTER}, "state": {"enum": list(STATES)}}
    form = {**an_object(**fields, comment=comment), "additionalProperties": False}
    done = an_object(kind={"const": "handling"}, about=TEXT, record_id=TEXT)
    return {
        CHECK_FINDINGS: {
            "get": {
                "summary": "The findings of the newest score, or check, of each project and year",
                "description": "A department's own projects only. `counts` are of all that meet "
                "the filters. `of` is `score` unless it is given; `region` may be the beginning of "
                "a code. With `Accept: text/html` a page.",
                "parameters": [*_parameters(PARAMETERS), _LANG],
                "responses": {"200": answer(page, JSON, HTML), **errors(_PAGE_ERRORS)},
            }
        },
        CHECK_FINDINGS_EXPORT: {
            "get": {
                "summary": "The same findings as an Excel workbook, or as CSV",
                "description": "At most 10,000 findings. That they were given out is recorded.",
                "parameters": [*_parameters(EXPORT_PARAMETERS), _LANG],
                "responses": {
                    "200": of_download(answer(TEXT, WORKBOOK_TYPE, "text/csv")),
                    **errors(_PAGE_ERRORS),
                },
            }
        },
        SAY_OF_FINDING: {
            "post": {
                "summary": "Say what becomes of a finding of a record, by the form of its page",
                "description": "As `/record/{id}/handling`, for a browser. Experts and "
                "administrators. Kept as a record of its own.",
                "parameters": [_ID, _LANG],
                "requestBody": {"required": True, "content": {_FORM: {"schema": form}}},
                "responses": {
                    "200": answer(done, JSON),
                    "303": bodiless(303, "Back to the record's page"),
                    **errors(_FORM_ERRORS),
                },
            }
        },
    }


def _parameters(known: Any) -> list[Schema]:
    return [
        {"name": name, "in": "query", "schema": {**TEXT, **schema}}
        for name, schema in known.items()
    ]


def _line() -> Schema:
    said = an_object(
        state={"enum": list(STATES)}, time=TEXT, actor=TEXT, comment=TEXT, record_id=TEXT
    )
    seconds = or_null({"type": "number"})
    return an_object(
        record_id=TEXT,
        of={"enum": list(CHECKED)},
        time=TEXT,
        project_id=TEXT,
        project_name=or_null(TEXT),
        department=or_null(TEXT),
        region=or_null(TEXT),
        year={"type": "integer"},
        finding_id=TEXT,
        code=TEXT,
        name=or_null(BOTH),
        severity={"enum": [*(severity.value for severity in SEVERITIES), None]},
        place=or_null(TEXT),
        threshold=_MEASURED,
        actual=_MEASURED,
        excess=or_null({"type": "number"}),
        text=or_null(BOTH),
        state={"enum": list(ALL_STATES)},
        since=TEXT,
        found=TEXT,
        history=listed(said),
        seconds_to_decision=seconds,
        seconds_to_rectified=seconds,
    )
