"""What is answered about pairs of recorded projects: a page for people, JSON for programs."""

from __future__ import annotations

from functools import partial

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from serving.audit.form import sent_form
from serving.duplicates.page import duplicates_page
from serving.duplicates.query import pair_query
from serving.duplicates.view import DuplicateView
from serving.inquiry import Desk
from serving.page.refusal import RefusalShown
from serving.page_visitor import caller_of, frame_of, shown, wants_page
from serving.routes import DISMISS_DUPLICATE, DUPLICATES
from serving.wording.envelope import Refusal, json_response


def duplicate_routes(desk: Desk) -> list[Route]:
    """The routes of the pages about duplicates."""
    view = DuplicateView(desk.records, desk.release.model.catalogue)

    async def dismissed(request: Request) -> Response:
        try:
            form = await sent_form(request)
            return await to_thread.run_sync(partial(_dismissed, desk, view, request, form))
        except Refusal as refusal:
            if wants_page(request):
                raise RefusalShown(refusal, frame_of(desk, request)) from refusal
            raise

    return [
        Route(DUPLICATES, shown(desk, partial(_pairs, desk, view))),
        Route(DISMISS_DUPLICATE, dismissed, methods=["POST"]),
    ]


def _pairs(desk: Desk, view: DuplicateView, request: Request) -> Response:
    query = pair_query(request.query_params.multi_items())
    page, catalogue = view.page(caller_of(request), query), desk.release.model.catalogue
    if not wants_page(request):
        return json_response(page.as_json(query, catalogue))
    return HTMLResponse(duplicates_page(frame_of(desk, request), catalogue, query, page))


def _dismissed(desk: Desk, view: DuplicateView, request: Request, form: dict[str, str]) -> Response:
    done = view.dismiss(caller_of(request), form)
    if not wants_page(request):
        return json_response(done)
    frame = frame_of(desk, request)
    query = {name: value for name, value in frame.query if name in ("year", "kind")}
    return RedirectResponse(frame.to(DUPLICATES, query), status_code=303)
