"""What is answered about the list of projects: pages for people, JSON for programs, a workbook."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Mapping

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from serving.inquiry import Desk
from serving.page.words import language_of
from serving.page_visitor import Answer, caller_of, frame_of, shown, wants_page
from serving.projects.list_page import projects_page
from serving.projects.query import ProjectQuery, project_query
from serving.projects.tendencies_page import tendencies_page
from serving.projects.view import ProjectView
from serving.projects.workbook import project_workbook
from serving.routes import EXPORT, PROJECTS, TENDENCIES
from serving.wording.envelope import Refusal, json_response
from serving.workbook import WORKBOOK_TYPE

_PATIENCE = 2.0
"""Seconds that a sum or a workbook waits for its turn."""


class _Turn:
    """One sum or workbook at a time: each keeps a processor busy for seconds."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def taken(self) -> Iterator[None]:
        """Its turn.

        Raises:
            Refusal: 503 when others are before it.
        """
        if not self._lock.acquire(timeout=_PATIENCE):
            raise Refusal(503, headers={"Retry-After": "5"})
        try:
            yield
        finally:
            self._lock.release()


def project_answers(desk: Desk) -> Mapping[str, Answer]:
    """What answers each path of the list."""
    view, turn = ProjectView(desk.records, desk.release.model.catalogue), _Turn()
    answers: Mapping[str, Answer] = {
        PROJECTS: lambda request: _projects(desk, view, request),
        TENDENCIES: lambda request: _tendencies(desk, view, turn, request),
        EXPORT: lambda request: _export(desk, view, turn, request),
    }
    return {path: shown(desk, answer) for path, answer in answers.items()}


def _query(request: Request) -> ProjectQuery:
    return project_query(request.query_params.multi_items())


def _projects(desk: Desk, view: ProjectView, request: Request) -> Response:
    caller, query = caller_of(request), _query(request)
    page = view.page(caller, query)
    if not wants_page(request):
        return json_response(page.as_json(query))
    catalogue, frame = desk.release.model.catalogue, frame_of(desk, request)
    return HTMLResponse(projects_page(frame, catalogue, query, page, view.choices(caller)))


def _tendencies(desk: Desk, view: ProjectView, turn: _Turn, request: Request) -> Response:
    caller, query = caller_of(request), _query(request)
    with turn.taken():
        found = view.tendencies(caller, query)
    if not wants_page(request):
        return json_response(found.as_json() | {"filters": query.filters, "advisory": True})
    catalogue, frame = desk.release.model.catalogue, frame_of(desk, request)
    return HTMLResponse(tendencies_page(frame, catalogue, query, found, view.choices(caller)))


def _export(desk: Desk, view: ProjectView, turn: _Turn, request: Request) -> Response:
    """The workbook; its readings are recorded with its digest before it is given out."""
    caller, query = caller_of(request), _query(request)
    with turn.taken():
        found = view.whole(caller, query)
        book = project_workbook(found, query, desk.release, caller, language_of(request.scope))
    view.note_export(caller, query, len(found), book.digest)
    headers = {"Content-Disposition": f'attachment; filename="{book.file_name}"'}
    return Response(book.body, media_type=WORKBOOK_TYPE, headers=headers)
