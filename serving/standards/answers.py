"""What is answered about expenditure standards: pages for people, JSON for programs, a workbook."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from features.errors import Fault
from features.standards.library import Library
from features.standards.library_difference import LibraryDifference
from serving.inquiry import Desk
from serving.page.words import language_of
from serving.page_visitor import Answer, frame_of, shown, wants_page
from serving.routes import STANDARD, STANDARDS, STANDARDS_CHANGES, STANDARDS_EXPORT
from serving.standards.library_in_service import StandardsInService
from serving.standards.search import (
    StandardsQuery,
    found_standards,
    page_of,
    standards_query,
)
from serving.standards.standards_page import changes_page, standard_page, standards_page
from serving.standards.standards_workbook import standards_workbook
from serving.standards.telling import Standard, told_standard, told_version
from serving.wording.envelope import Json, Refusal, json_response
from serving.workbook import WORKBOOK_TYPE


def standards_answers(desk: Desk) -> Mapping[str, Answer]:
    """What answers each path."""
    standards = StandardsInService(desk.home, desk.release.model.catalogue.catalogue)
    answers: Mapping[str, Answer] = {
        STANDARDS: lambda request: _standards(desk, standards, request),
        STANDARD: lambda request: _standard(desk, standards, request),
        STANDARDS_CHANGES: lambda request: _changes(desk, standards, request),
        STANDARDS_EXPORT: lambda request: _export(desk, standards, request),
    }
    return {path: shown(desk, answer) for path, answer in answers.items()}


def _standards(desk: Desk, standards: StandardsInService, request: Request) -> Response:
    query = standards_query(request.query_params.multi_items())
    catalogue = desk.release.model.catalogue
    chosen = standards.shown(query.version)
    found = [] if chosen is None else found_standards(chosen[0], catalogue, query)
    some, after = page_of(found, query)
    if wants_page(request):
        frame = frame_of(desk, request)
        versions = standards.versions()
        return HTMLResponse(
            standards_page(frame, catalogue, query, chosen, some, len(found), after, versions)
        )
    told: Json = {
        "version": None,
        "standards": [],
        "total": len(found),
        "next_after": after,
        "advisory": True,
    }
    if chosen is not None:
        library, status = chosen
        told["version"] = told_version(library) | {"status": status.value}
        told["standards"] = [told_standard(each, library, catalogue) for each in some]
    return json_response(told)


def _standard(desk: Desk, standards: StandardsInService, request: Request) -> Response:
    """One standard, and what it was in every version."""
    code, query = _code(request)
    chosen = standards.shown(query.version)
    standard = None if chosen is None else _named(chosen[0], code)
    if chosen is None or standard is None:
        raise Refusal(404)
    catalogue = desk.release.model.catalogue
    history = [
        (library, status, each)
        for library, status in standards.versions()
        if (each := _named(library, code)) is not None
    ]
    if wants_page(request):
        frame = frame_of(desk, request)
        return HTMLResponse(standard_page(frame, catalogue, chosen[0], standard, history))
    told = told_standard(standard, chosen[0], catalogue)
    told["versions"] = [
        {
            "version": library.version,
            "status": status.value,
            "digest": library.digest,
            "standard": each.model_dump(mode="json"),
        }
        for library, status, each in history
    ]
    return json_response(told | {"advisory": True})


def _changes(desk: Desk, standards: StandardsInService, request: Request) -> Response:
    """What a version changes, and whom it would affect."""
    query = standards_query(request.query_params.multi_items(), ("version",))
    chosen = standards.shown(query.version)
    if chosen is None:
        raise Refusal(404)
    library, status = chosen
    difference = standards.shelf.difference(library.version)
    if wants_page(request):
        frame, catalogue = frame_of(desk, request), desk.release.model.catalogue
        return HTMLResponse(changes_page(frame, catalogue, library, status, difference))
    return json_response(told_changes(difference) | {"status": status.value, "advisory": True})


def told_changes(difference: LibraryDifference) -> Json:
    """A difference as JSON, with the rates that its counts make."""
    before = difference.affected_before
    return {
        **difference.model_dump(mode="json"),
        "false_alarm_rate": difference.affected.false_alarm_rate,
        "false_alarm_rate_before": None if before is None else before.false_alarm_rate,
    }


def _export(desk: Desk, standards: StandardsInService, request: Request) -> Response:
    query = standards_query(request.query_params.multi_items())
    chosen = standards.shown(query.version)
    if chosen is None:
        raise Refusal(404)
    library, status = chosen
    catalogue, lang = desk.release.model.catalogue, language_of(request.scope)
    found = found_standards(library, catalogue, query)
    book = standards_workbook(found, library, status, catalogue, lang)
    headers = {"Content-Disposition": f'attachment; filename="{book.file_name}"'}
    return Response(book.body, media_type=WORKBOOK_TYPE, headers=headers)


def _code(request: Request) -> tuple[str, StandardsQuery]:
    given = request.query_params.multi_items()
    codes = [text for name, text in given if name == "code"]
    if len(codes) != 1 or not codes[0]:
        got = "none" if not codes else "another value"
        fault = Fault(None, "code", "the code of one standard", got)
        raise Refusal(422, "The address does not say which standard.", [fault])
    others = ((name, text) for name, text in given if name != "code")
    return codes[0], standards_query(others, ("version",))


def _named(library: Library, code: str) -> Standard | None:
    return library.set_by_code.get(code) or library.learned_by_code.get(code)
