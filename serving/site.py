"""Everything that is answered without asking the model: pages, schema, health and counts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount, Route, Router
from starlette.types import ASGIApp

from features.json_schema import project_schema
from serving.access.browser import session_secret
from serving.access.caller import SCOPE_KEY as CALLER_KEY
from serving.access.caller import Caller
from serving.access.policy import may_call
from serving.envelope import Json, encoded, json_response
from serving.inquiry import Desk
from serving.metrics import CONTENT_TYPE
from serving.openapi import openapi_document
from serving.page_words import language_of
from serving.pages import Visitor, front_page
from serving.record_query import record_query
from serving.record_view import RecordView
from serving.routes import RECEIPT, RECORD, RECORDS, STATIC
from serving.whole_files import WholeFiles

_STATIC_FOLDER = Path(__file__).parent / "static"


def site(desk: Desk) -> ASGIApp:
    """The application that answers GET requests."""
    catalogue = desk.release.model.catalogue
    schema = encoded(project_schema(catalogue))
    openapi = encoded(openapi_document(catalogue, desk.limits))
    answers: dict[str, Callable[[Request], Response]] = {
        "/": lambda request: HTMLResponse(_front_page(desk, request)),
        "/schema": lambda _: Response(schema, media_type="application/schema+json"),
        "/openapi.json": lambda _: Response(openapi, media_type="application/json"),
        "/livez": lambda _: json_response({"status": "alive"}),
        "/readyz": lambda _: json_response(_ready(desk)),
        "/metrics": lambda _: Response(desk.metrics.text(), media_type=CONTENT_TYPE),
    }
    view = RecordView(desk.records)
    answers |= {
        RECORD: lambda asked: json_response(view.record(_caller(asked), asked.path_params["id"])),
        RECEIPT: lambda asked: json_response(view.receipt(_caller(asked), asked.path_params["id"])),
        RECORDS: lambda asked: json_response(_history(view, asked)),
    }
    routes = [Route(path, answer) for path, answer in answers.items()]
    static = Mount(STATIC, WholeFiles(directory=_STATIC_FOLDER))
    return Router([*routes, static], redirect_slashes=False)


def _caller(request: Request) -> Caller:
    caller: Caller = request.scope[CALLER_KEY]
    return caller


def _history(view: RecordView, request: Request) -> Json:
    asked = record_query(request.scope["query_string"])
    return view.history(_caller(request), asked.project_id, asked.kind, asked.after)


def _front_page(desk: Desk, request: Request) -> str:
    caller = request.scope[CALLER_KEY]
    visitor = Visitor(
        role=caller.role.value,
        department=caller.department or "",
        name=caller.name,
        known=desk.access.closed,
        may_score=may_call(caller, "POST", "/score"),
        may_watch=may_call(caller, "GET", "/metrics"),
        signed_in=session_secret(request.scope) is not None,
    )
    return front_page(desk.release, language_of(request.scope), visitor)


def _ready(desk: Desk) -> Json:
    model, version = desk.release.model, desk.release.version
    return {
        "status": "ready",
        "model": {
            "catalogue": model.catalogue.identity,
            "version": str(version.number),
            "digest": version.digest,
            "simulated": model.facts.simulated,
        },
    }
