"""What is answered at /monitoring: the newest report, a page for a browser."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from features.errors import FormError
from serving.inquiry import Desk
from serving.monitoring.monitoring_page import monitoring_page
from serving.monitoring.monitoring_report import newest_report
from serving.page_visitor import Answer, frame_of, shown, wants_page
from serving.wording.envelope import json_response


def monitoring_answer(desk: Desk) -> Answer:
    """What answers the path: it reads a file and asks no model."""
    return shown(desk, lambda request: _answer(desk, request))


def _answer(desk: Desk, request: Request) -> Response:
    catalogue, broken = desk.release.model.catalogue, False
    try:
        report = newest_report(desk.home, catalogue.catalogue)
    except FormError:
        report, broken = None, True
    if not wants_page(request):
        return json_response({"report": report})
    version = str(desk.release.version.number)
    frame = frame_of(desk, request)
    beside = desk.beside.as_json()
    return HTMLResponse(monitoring_page(frame, catalogue, report, version, beside, broken=broken))
