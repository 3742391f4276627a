"""Everything that is answered without asking the model: pages, schema, health and counts."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount, Route, Router
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from features.errors import Fault
from features.json_schema import project_schema
from serving.access.browser import session_secret
from serving.access.caller import SCOPE_KEY as CALLER_KEY
from serving.access.caller import Caller
from serving.access.policy import may_call
from serving.envelope import Json, Refusal, encoded, json_response, model_stopped
from serving.inquiry import Desk
from serving.metrics import CONTENT_TYPE
from serving.openapi import openapi_document
from serving.page_words import language_of
from serving.pages import Visitor, front_page
from serving.record_view import RecordView
from serving.routes import RECEIPT, RECORD, RECORDS, STATIC

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
    static = Mount(STATIC, StaticFiles(directory=_STATIC_FOLDER))
    return Router([*routes, static], redirect_slashes=False)


def _caller(request: Request) -> Caller:
    caller: Caller = request.scope[CALLER_KEY]
    return caller


def _history(view: RecordView, request: Request) -> Json:
    asked = dict(request.query_params)
    if not asked.get("project_id") or asked.keys() - {"project_id", "kind", "after"}:
        fault = Fault(
            None, "project_id", "?project_id=…, perhaps &kind=… &after=…", "another query"
        )
        raise Refusal(422, faults=[fault])
    after = asked.get("after", "-1")
    if not re.fullmatch(r"-1|\d{1,18}", after, re.ASCII):
        raise Refusal(422, faults=[Fault(None, "after", "a leaf index", "another value")])
    return view.history(_caller(request), asked["project_id"], asked.get("kind"), int(after))


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
    """Which model answers; and why the newest release does not, where that is so.

    Raises:
        Refusal: 503 while the model is out of service.
    """
    if desk.state.stopped:
        raise model_stopped()
    model, version = desk.release.model, desk.release.version
    return {
        "status": "ready",
        "model": {
            "catalogue": model.catalogue.identity,
            "version": str(version.number),
            "digest": version.digest,
            "simulated": model.facts.simulated,
            "reviewed": desk.release.reviewed,
        },
        "refused_release": desk.state.refused,
    }
