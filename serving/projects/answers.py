"""What is answered about the list of projects: pages for people, JSON for programs, a workbook."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from serving.inquiry import Desk
from serving.page.words import language_of
from serving.page_visitor import Answer, caller_of, frame_of, shown, wants_page
from serving.projects.list_page import projects_page
from serving.projects.query import ProjectQuery, project_query
from serving.projects.tendencies_page import tendencies_page
from serving.projects.turn import Turn
from serving.projects.view import ProjectView
from serving.projects.workbook import project_workbook
from serving.routes import EXPORT, PROJECTS, TENDENCIES
from serving.wording.envelope import json_response
from serving.workbook import WORKBOOK_TYPE


def project_answers(desk: Desk) -> Mapping[str, Answer]:
    """What answers each path of the list."""
    view, turn = ProjectView(desk.records, desk.release.model.catalogue), Turn()
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


def _tendencies(desk: Desk, view: ProjectView, turn: Turn, request: Request) -> Response:
    caller, query = caller_of(request), _query(request)
    with turn.taken():
        found = view.tendencies(caller, query)
    if not wants_page(request):
        return json_response(found.as_json() | {"filters": query.filters, "advisory": True})
    catalogue, frame = desk.release.model.catalogue, frame_of(desk, request)
    return HTMLResponse(tendencies_page(frame, catalogue, query, found, view.choices(caller)))


def _export(desk: Desk, view: ProjectView, turn: Turn, request: Request) -> Response:
    """The workbook; its readings are recorded with its digest before it is given out."""
    caller, query = caller_of(request), _query(request)
    with turn.taken():
        found = view.whole(caller, query)
        book = project_workbook(found, query, desk.release, caller, language_of(request.scope))
    view.note_export(caller, query, len(found), book.digest)
    headers = {"Content-Disposition": f'attachment; filename="{book.file_name}"'}
    return Response(book.body, media_type=WORKBOOK_TYPE, headers=headers)
