"""What is answered about findings of checks: a page, JSON, files; and the form that handles one."""

from __future__ import annotations

from functools import partial

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from serving.audit.form import sent_form
from serving.findings.page import findings_page
from serving.findings.query import finding_query
from serving.findings.saying import said_of_finding
from serving.findings.table import CSV_TYPE, finding_file
from serving.findings.view import FindingView
from serving.inquiry import Desk
from serving.page.refusal import RefusalShown
from serving.page.words import language_of
from serving.page_visitor import caller_of, frame_of, shown, wants_page
from serving.projects.turn import Turn
from serving.recording.handling import HANDLING
from serving.recording.kept_answer import refused
from serving.records.errors import RecordsError
from serving.routes import CHECK_FINDINGS, CHECK_FINDINGS_EXPORT, SAY_OF_FINDING
from serving.wording.envelope import Refusal, json_response
from serving.workbook import WORKBOOK_TYPE


def finding_routes(desk: Desk) -> list[Route]:
    """The routes of the pages about findings of checks."""
    view, turn = FindingView(desk), Turn()

    async def said(request: Request) -> Response:
        try:
            form = await sent_form(request)
            return await to_thread.run_sync(partial(_said, desk, request, form))
        except Refusal as refusal:
            if wants_page(request):
                raise RefusalShown(refusal, frame_of(desk, request)) from refusal
            raise

    return [
        Route(CHECK_FINDINGS, shown(desk, partial(_findings, desk, view))),
        Route(CHECK_FINDINGS_EXPORT, shown(desk, partial(_export, view, turn))),
        Route(SAY_OF_FINDING, said, methods=["POST"]),
    ]


def _findings(desk: Desk, view: FindingView, request: Request) -> Response:
    caller, query = caller_of(request), finding_query(request.query_params.multi_items())
    page = view.page(caller, query)
    if not wants_page(request):
        return json_response(page.as_json(query))
    choices = view.choices(caller, query)
    frame = frame_of(desk, request)
    return HTMLResponse(findings_page(frame, query, page, choices, desk.release.checks))


def _export(view: FindingView, turn: Turn, request: Request) -> Response:
    """The file; that it was given out is recorded with its digest before."""
    caller = caller_of(request)
    query = finding_query(request.query_params.multi_items(), export=True)
    with turn.taken():
        lines = view.whole(caller, query)
        file = finding_file(lines, query, caller, language_of(request.scope))
    view.note_export(caller, query, len(lines), file.digest, f"GET {CHECK_FINDINGS_EXPORT}")
    headers = {"Content-Disposition": f'attachment; filename="{file.file_name}"'}
    kind = CSV_TYPE if query.format == "csv" else WORKBOOK_TYPE
    return Response(file.body, media_type=kind, headers=headers)


def _said(desk: Desk, request: Request, form: dict[str, str]) -> Response:
    """What somebody says of a finding is kept; then the page of its record again."""
    record_id = str(request.path_params["id"])
    way = f"POST {SAY_OF_FINDING}"
    record = said_of_finding(desk, caller_of(request), record_id, form, way)
    try:
        desk.records.append(record).result()
    except RecordsError as error:
        raise refused(error) from error
    if not wants_page(request):
        done = {"kind": HANDLING, "about": record_id, "record_id": record.record_id}
        return json_response(done)
    back = frame_of(desk, request).to(f"/record/{record_id}")
    return RedirectResponse(f"{back}#handling", status_code=303)
