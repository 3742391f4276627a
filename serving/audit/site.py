"""The auditor's pages as routes: HTML for a browser, the same as JSON for a program."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeVar

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
from serving.envelope import Refusal, json_response
from serving.inquiry import Desk
from serving.page_refusal import RefusalShown
from serving.page_visitor import caller_of, frame_of, wants_page
from serving.page_words import language_of
from serving.record_view import sees_personal
from serving.routes import (
    AUDIT,
    AUDIT_DIFFERENCE,
    AUDIT_EXPORT,
    AUDIT_RECORD,
    AUDIT_REPLAY,
    AUDIT_VERIFY,
)

T = TypeVar("T")
_Endpoint = Callable[[Request], Awaitable[Response]]


def audit_routes(desk: Desk) -> list[Route]:
    """The routes of the auditor's pages."""
    site = _AuditSite(desk)
    reading: dict[str, _Endpoint] = {
        AUDIT: site.search,
        AUDIT_DIFFERENCE: site.difference,
        AUDIT_RECORD: site.record,
        AUDIT_EXPORT: site.export,
    }
    acting: dict[str, _Endpoint] = {AUDIT_REPLAY: site.replay, AUDIT_VERIFY: site.verify}
    return [
        *(Route(path, site.refusing(endpoint)) for path, endpoint in reading.items()),
        *(
            Route(path, site.refusing(endpoint), methods=["POST"])
            for path, endpoint in acting.items()
        ),
    ]


class _AuditSite:
    """The endpoints; what may load a model waits for its turn."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._auditing = Auditing(desk)
        self._turns = Turns()
        self._catalogue = desk.release.model.catalogue

    def refusing(self, endpoint: _Endpoint) -> _Endpoint:
        """The endpoint, whose refusals a browser gets as a page."""

        async def answered(request: Request) -> Response:
            try:
                return await endpoint(request)
            except Refusal as refusal:
                if wants_page(request):
                    raise RefusalShown(refusal, frame_of(self._desk, request)) from refusal
                raise

        return answered

    async def search(self, request: Request) -> Response:
        filters = read_filters(request.query_params.multi_items())
        caller, html = caller_of(request), wants_page(request)
        search = partial(self._auditing.search, caller, filters, f"GET {AUDIT}")
        found = await to_thread.run_sync(search)
        if html:
            return HTMLResponse(
                pages.search_page(frame_of(self._desk, request), self._catalogue, filters, found)
            )
        return json_response(machine.found(found))

    async def record(self, request: Request) -> Response:
        caller, record_id = caller_of(request), request.path_params["id"]
        look = partial(self._auditing.dossier, caller, record_id, f"GET {AUDIT_RECORD}")
        dossier = await self._shown(request, look)
        if wants_page(request):
            return HTMLResponse(
                pages.record_page(frame_of(self._desk, request), self._catalogue, dossier, caller)
            )
        return json_response(machine.dossier(dossier, caller))

    async def replay(self, request: Request) -> Response:
        await sent_form(request)
        caller, record_id = caller_of(request), request.path_params["id"]
        act = partial(self._auditing.replay, caller, record_id, f"POST {AUDIT_REPLAY}")
        dossier, done = await self._turns.run(act)
        if wants_page(request):
            frame = frame_of(self._desk, request)
            return HTMLResponse(
                pages.record_page(frame, self._catalogue, dossier, caller, replayed=done)
            )
        return json_response(done.as_json())

    async def verify(self, request: Request) -> Response:
        signed = _signed(await sent_form(request))
        caller, record_id = caller_of(request), request.path_params["id"]
        act = partial(self._auditing.verify, caller, record_id, signed, f"POST {AUDIT_VERIFY}")
        dossier, check = await self._shown(request, act)
        if wants_page(request):
            frame = frame_of(self._desk, request)
            return HTMLResponse(
                pages.record_page(frame, self._catalogue, dossier, caller, checked=check)
            )
        return json_response(check.as_json())

    async def difference(self, request: Request) -> Response:
        asked = dict(request.query_params)
        if not asked.get("a") or not asked.get("b"):
            raise Refusal(422, faults=[Fault(None, "a, b", "the ids of two records", "another")])
        caller = caller_of(request)
        way = f"GET {AUDIT_DIFFERENCE}"
        act = partial(self._auditing.compare, caller, asked["a"], asked["b"], way)
        compared = await self._turns.run(act)
        if wants_page(request):
            return HTMLResponse(pages.difference_page(frame_of(self._desk, request), compared))
        return json_response(machine.compared(compared))

    async def export(self, request: Request) -> Response:
        caller, record_id = caller_of(request), request.path_params["id"]
        lang = language_of(request.scope)

        def exported() -> Response:
            dossier = self._auditing.dossier(caller, record_id, f"GET {AUDIT_EXPORT}")
            proof = evidence(self._auditing, dossier, personal=sees_personal(caller))
            name = f"lingji-{dossier.stored.record_id}.html"
            headers = {"Content-Disposition": f'attachment; filename="{name}"'}
            return HTMLResponse(
                pages.exported_page(lang, self._catalogue, dossier, proof, caller), headers=headers
            )

        return await self._shown(request, exported)

    async def _shown(self, request: Request, act: Callable[[], T]) -> T:
        """The outcome of an act on a record: at once, or in its turn when a model is to load."""
        ask = partial(self._auditing.is_quick, caller_of(request), request.path_params["id"])
        if await to_thread.run_sync(ask):
            return await to_thread.run_sync(act)
        return await self._turns.run(act)


def _signed(form: dict[str, str]) -> Signed | None:
    """The checkpoint that a form brings, pasted or as a file, and the key; None without one."""
    note = form.get("checkpoint_file", "").strip() or form.get("checkpoint", "").strip()
    if not note:
        return None
    return Signed(note.replace("\r\n", "\n") + "\n", form.get("key", ""))
