"""The auditor's pages as routes: HTML for a browser, the same as JSON for a program."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from features.errors import Fault
from serving.audit import machine, pages
from serving.audit.auditing import Auditing
from serving.audit.evidence import evidence
from serving.audit.filters import read_filters
from serving.audit.form import sent_form
from serving.audit.inclusion_check import Signed
from serving.audit.turns import Turns
from serving.inquiry import Desk
from serving.page.refusal import RefusalShown
from serving.page.words import language_of
from serving.page_visitor import caller_of, frame_of, wants_page
from serving.projects.record_view import sees_personal
from serving.routes import (
    AUDIT,
    AUDIT_DIFFERENCE,
    AUDIT_EXPORT,
    AUDIT_RECORD,
    AUDIT_REPLAY,
    AUDIT_VERIFY,
)
from serving.wording.envelope import Refusal, json_response

_Form = Mapping[str, str]
_Answer = Callable[[Request, _Form], Response]
"""What answers a request, in a thread: it reads the log, may load a model, and renders a page."""


def audit_routes(desk: Desk) -> list[Route]:
    """The routes of the auditor's pages."""
    auditing, turns = Auditing(desk), Turns()
    answers = _Answers(desk, auditing)

    async def at_once(_: Request, act: Callable[[], Response]) -> Response:
        return await to_thread.run_sync(act)

    async def in_turn(_: Request, act: Callable[[], Response]) -> Response:
        return await turns.run(act)

    async def in_turn_to_load(request: Request, act: Callable[[], Response]) -> Response:
        """At once, unless the model of the record is to be loaded."""
        quick = partial(auditing.is_quick, caller_of(request), _named(request))
        return await (at_once if await to_thread.run_sync(quick) else in_turn)(request, act)

    route = partial(_route, desk)
    return [
        route(AUDIT, answers.search, at_once),
        route(AUDIT_DIFFERENCE, answers.difference, in_turn),
        route(AUDIT_RECORD, answers.record, in_turn_to_load),
        route(AUDIT_EXPORT, answers.export, in_turn_to_load),
        route(AUDIT_REPLAY, answers.replay, in_turn, form=True),
        route(AUDIT_VERIFY, answers.verify, in_turn_to_load, form=True),
    ]


def _route(
    desk: Desk,
    path: str,
    answer: _Answer,
    run: Callable[[Request, Callable[[], Response]], Awaitable[Response]],
    *,
    form: bool = False,
) -> Route:
    """A route whose answer is made in a thread, and whose refusals a browser gets as pages."""

    async def endpoint(request: Request) -> Response:
        try:
            sent = await sent_form(request) if form else {}
            return await run(request, partial(answer, request, sent))
        except Refusal as refusal:
            if wants_page(request):
                raise RefusalShown(refusal, frame_of(desk, request)) from refusal
            raise

    return Route(path, endpoint, methods=["POST" if form else "GET"])


class _Answers:
    """What answers each path."""

    def __init__(self, desk: Desk, auditing: Auditing) -> None:
        self._desk = desk
        self._auditing = auditing
        self._catalogue = desk.release.model.catalogue

    def search(self, request: Request, _: _Form) -> Response:
        filters = read_filters(request.query_params.multi_items())
        found = self._auditing.search(caller_of(request), filters, f"GET {AUDIT}")
        if not wants_page(request):
            return json_response(machine.found(found))
        frame = frame_of(self._desk, request)
        return HTMLResponse(pages.search_page(frame, self._catalogue, filters, found))

    def record(self, request: Request, _: _Form) -> Response:
        caller = caller_of(request)
        dossier = self._auditing.dossier(caller, _named(request), f"GET {AUDIT_RECORD}")
        if not wants_page(request):
            return json_response(machine.dossier(dossier, caller))
        frame = frame_of(self._desk, request)
        return HTMLResponse(pages.record_page(frame, self._catalogue, dossier, caller))

    def replay(self, request: Request, _: _Form) -> Response:
        caller = caller_of(request)
        dossier, done = self._auditing.replay(caller, _named(request), f"POST {AUDIT_REPLAY}")
        if not wants_page(request):
            return json_response(done.as_json())
        page = partial(pages.record_page, frame_of(self._desk, request), self._catalogue)
        return HTMLResponse(page(dossier, caller, replayed=done))

    def verify(self, request: Request, form: _Form) -> Response:
        caller, way = caller_of(request), f"POST {AUDIT_VERIFY}"
        dossier, check = self._auditing.verify(caller, _named(request), _signed(form), way)
        if not wants_page(request):
            return json_response(check.as_json())
        page = partial(pages.record_page, frame_of(self._desk, request), self._catalogue)
        return HTMLResponse(page(dossier, caller, checked=check))

    def difference(self, request: Request, _: _Form) -> Response:
        asked = dict(request.query_params)
        if not asked.get("a") or not asked.get("b"):
            fault = Fault(None, "a, b", "the ids of two records", "another")
            raise Refusal(422, "The address does not name two records.", [fault])
        caller, way = caller_of(request), f"GET {AUDIT_DIFFERENCE}"
        compared = self._auditing.compare(caller, asked["a"], asked["b"], way)
        if not wants_page(request):
            return json_response(machine.compared(compared))
        return HTMLResponse(pages.difference_page(frame_of(self._desk, request), compared))

    def export(self, request: Request, _: _Form) -> Response:
        caller, lang = caller_of(request), language_of(request.scope)
        dossier = self._auditing.dossier(caller, _named(request), f"GET {AUDIT_EXPORT}")
        proof = evidence(self._auditing, dossier, personal=sees_personal(caller))
        page = pages.exported_page(lang, self._catalogue, dossier, proof, caller)
        name = f"lingji-{dossier.stored.record_id}.html"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return HTMLResponse(page, headers=headers)


def _named(request: Request) -> str:
    return str(request.path_params["id"])


def _signed(form: _Form) -> Signed | None:
    """The checkpoint that a form brings, pasted or as a file, and the key; None without one."""
    note = form.get("checkpoint_file", "").strip() or form.get("checkpoint", "").strip()
    if not note:
        return None
    return Signed(note.replace("\r\n", "\n") + "\n", form.get("key", ""))
