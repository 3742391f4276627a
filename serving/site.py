"""Everything that is answered without asking the model: pages, schema, health and counts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount, Route, Router
from starlette.types import ASGIApp

from features.checks.reference import NOTHING
from features.json_schema import project_schema
from serving.access.own_projects import without_others
from serving.admission.check_record_page import check_record_page
from serving.audit.site import audit_routes
from serving.duplicates.site import duplicate_routes
from serving.files.whole_files import WholeFiles
from serving.findings.record_matters import record_matters
from serving.findings.site import finding_routes
from serving.inquiry import Desk
from serving.metrics import CONTENT_TYPE
from serving.monitoring.monitoring_answer import monitoring_answer
from serving.openapi.document import openapi_document
from serving.page.pages import front_page
from serving.page_visitor import caller_of, frame_of, shown, wants_page
from serving.papers.answers import paper_answers
from serving.projects.answers import project_answers
from serving.projects.record_page import record_page
from serving.projects.record_view import RecordView
from serving.recording.check_record import CHECK
from serving.recording.kept_rules import KeptRules
from serving.recording.record_query import record_query
from serving.recording.remade_answer import NotRemade, remade_answer
from serving.recording.remade_check import remade_check
from serving.records.finding_list import CHECKED
from serving.reference_following import in_service
from serving.releasing.site import release_routes
from serving.review.site import review_routes
from serving.routes import MONITORING, RECEIPT, RECORD, RECORDS, STATIC
from serving.standards.answers import standards_answers
from serving.topics.answers import topic_answers
from serving.wording.envelope import Json, encoded, json_response, model_stopped
from serving.wording.own_answer import own_findings

_STATIC_FOLDER = Path(__file__).parent / "static"
_RECEIPT = ("leaf_index", "leaf_hash", "tree_size", "root")


def site(desk: Desk) -> ASGIApp:
    """The application that answers GET requests."""
    catalogue = desk.release.model.catalogue
    schema = encoded(project_schema(catalogue))
    openapi = encoded(openapi_document(catalogue, desk.limits, desk.reasons))
    answers: dict[str, Callable[[Request], Response]] = {
        "/": lambda asked: HTMLResponse(front_page(desk.release, frame_of(desk, asked))),
        "/schema": lambda _: Response(schema, media_type="application/schema+json"),
        "/openapi.json": lambda _: Response(openapi, media_type="application/json"),
        "/livez": lambda _: json_response({"status": "alive"}),
        "/readyz": lambda _: json_response(_ready(desk)),
        "/metrics": lambda _: Response(desk.metrics.text(), media_type=CONTENT_TYPE),
    }
    view = RecordView(desk.records, catalogue)
    answers |= {
        RECORD: shown(desk, lambda asked: _record(desk, view, asked)),
        RECEIPT: lambda asked: json_response(view.receipt(caller_of(asked), _named(asked))),
        RECORDS: lambda asked: json_response(_history(view, asked)),
    }
    answers |= project_answers(desk)
    answers |= standards_answers(desk)
    answers |= topic_answers(desk)
    answers |= paper_answers(desk)
    answers[MONITORING] = monitoring_answer(desk)
    routes = [Route(path, answer) for path, answer in answers.items()]
    static = Mount(STATIC, WholeFiles(directory=_STATIC_FOLDER))
    areas = [
        *audit_routes(desk),
        *duplicate_routes(desk),
        *finding_routes(desk),
        *release_routes(desk),
        *review_routes(desk),
    ]
    return Router([*routes, *areas, static], redirect_slashes=False)


def _named(request: Request) -> str:
    return str(request.path_params["id"])


def _record(desk: Desk, view: RecordView, request: Request) -> Response:
    """A record; that of a score or a check is a page for a browser."""
    caller = caller_of(request)
    found = view.record(caller, _named(request))
    leaf, catalogue = found["record"], desk.release.model.catalogue
    of_model = leaf["content"].get("model", leaf["content"])
    named = str(of_model.get("catalogue", "")).partition("@")[0] == catalogue.catalogue
    if not (leaf["kind"] in CHECKED and named and wants_page(request)):
        return json_response(found)
    frame = frame_of(desk, request)
    matters = record_matters(desk, view, caller, leaf, frame)
    if leaf["kind"] == CHECK:
        check = _check_remade(desk, found)
        if check is not None and caller.department is not None:
            check["findings"] = own_findings(check["findings"])
        return HTMLResponse(check_record_page(frame, catalogue, found, check, matters))
    answer = _remade(desk, found)
    own = None if answer is None else without_others(caller, answer)
    return HTMLResponse(record_page(frame, catalogue, found, own, matters))


def _remade(desk: Desk, shown: Json) -> Json | None:
    """The answer of a score's record, where the version in service gave it; else None."""
    leaf = shown["record"]
    pilot = desk.beside.pilot
    answering = [desk.release, *([] if pilot is None else [pilot.release])]
    named = leaf["content"]["model"]["digest"]
    release = next((each for each in answering if each.version.digest == named), None)
    if release is None:
        return None
    try:
        return remade_answer(release, KeptRules(desk.home), leaf, *_beside(shown)).answer
    except NotRemade:
        return None


def _check_remade(desk: Desk, shown: Json) -> Json | None:
    """The answer of a check's record, where the rules that it names are here; else None."""
    rules, catalogue = KeptRules(desk.home), desk.release.model.catalogue
    try:
        return remade_check(rules, shown["record"], catalogue, *_beside(shown))
    except NotRemade:
        return None


def _beside(shown: Json) -> tuple[Json, Json]:
    """The personal values of a record that are there and may be seen, and its receipt."""
    kept = shown.get("private", {})
    personal = {name: value for name, value in kept.items() if value is not None}
    return personal, {name: shown["receipt"][name] for name in _RECEIPT}


def _history(view: RecordView, request: Request) -> Json:
    asked = record_query(request.scope["query_string"])
    return view.history(caller_of(request), asked.project_id, asked.kind, asked.after)


def _reference(desk: Desk) -> Json:
    """What checks compare projects with, and of what kind the newest is not taken, and why."""
    checks = desk.release.checks
    now = in_service(NOTHING if checks is None else checks.reference)
    return now | {"refused": dict(desk.state.refused_reference)}


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
        "reference": _reference(desk),
        "beside": desk.beside.as_json(),
        "mlflow_alias": desk.state.alias,
        "release_record": desk.state.recorded,
    }
