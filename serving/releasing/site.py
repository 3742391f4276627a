"""Releases as routes: a page for a browser, JSON for a program."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from serving.audit.turns import Turns
from serving.inquiry import Desk
from serving.page.refusal import RefusalShown
from serving.page.words import language_of
from serving.page_visitor import caller_of, frame_of, wants_page
from serving.releasing import pages
from serving.releasing.acts import Fields, ReleaseActs
from serving.releasing.case import Cases
from serving.releasing.refusals import refusals
from serving.releasing.releases import registry_of, releases_told
from serving.releasing.sent import sent_fields
from serving.routes import (
    APPROVE,
    PROMOTE,
    RELEASE,
    RELEASES,
    RESUME,
    ROLLBACK,
    STATEMENT,
    STOP,
)
from serving.wording.envelope import Json, Refusal, json_response

_FIELDS = {
    APPROVE: frozenset({"approval", "anew"}),
    PROMOTE: frozenset({"statement"}),
    ROLLBACK: frozenset({"releases"}),
    STOP: frozenset({"reason"}),
    RESUME: frozenset[str](),
}
"""What each act takes."""
_LIST = "../../releases"


def release_routes(desk: Desk) -> list[Route]:
    """The routes of releases."""
    cases = Cases(registry_of(desk))
    answers = _Answers(desk, cases, ReleaseActs(desk, cases), Turns())
    return [
        Route(RELEASES, answers.shown(answers.releases)),
        Route(RELEASE, answers.shown(answers.release)),
        Route(STATEMENT, answers.shown(answers.statement)),
        *(
            Route(path, answers.shown(partial(answers.act, path)), methods=["POST"])
            for path in _FIELDS
        ),
    ]


class _Answers:
    """What answers each path."""

    def __init__(self, desk: Desk, cases: Cases, acts: ReleaseActs, turns: Turns) -> None:
        self._desk = desk
        self._cases = cases
        self._turns = turns
        self._acts: dict[str, Callable[[Request, Fields], Json]] = {
            APPROVE: lambda asked, given: _signed(acts.approve(_number(asked), given)),
            PROMOTE: lambda asked, given: _version(
                acts.promote(caller_of(asked), _number(asked), given)
            ),
            ROLLBACK: lambda asked, given: _version(acts.rollback(caller_of(asked), given)),
            STOP: lambda asked, given: {
                "stopped": acts.stop(caller_of(asked), given).model_dump(mode="json")
            },
            RESUME: lambda asked, _: _resumed(acts, asked),
        }

    def shown(self, answer: Callable[[Request], Any]) -> Callable[[Request], Any]:
        """The answer, whose refusals a browser gets as pages."""

        async def endpoint(request: Request) -> Response:
            try:
                response: Response = await answer(request)
            except Refusal as refusal:
                if wants_page(request):
                    raise RefusalShown(refusal, frame_of(self._desk, request)) from refusal
                raise
            return response

        return endpoint

    async def releases(self, request: Request) -> Response:
        told = await to_thread.run_sync(self._refusing, partial(releases_told, self._desk))
        if not wants_page(request):
            return json_response(told)
        return HTMLResponse(pages.releases_page(frame_of(self._desk, request), told))

    async def release(self, request: Request) -> Response:
        number = _number(request)
        case = await self._run(number, partial(self._cases.case, number))
        if not wants_page(request):
            return json_response(case.as_json())
        catalogue = self._desk.release.model.catalogue
        return HTMLResponse(pages.release_page(frame_of(self._desk, request), catalogue, case))

    async def statement(self, request: Request) -> Response:
        number = _number(request)
        approval = await self._run(number, partial(self._cases.to_sign, number))
        name = f'attachment; filename="lingji-release-{number}.json"'
        headers = {"Content-Disposition": name}
        return Response(approval.to_bytes(), media_type="application/json", headers=headers)

    async def act(self, path: str, request: Request) -> Response:
        given = await sent_fields(request, _FIELDS[path])
        done = await self._turned(partial(self._acts[path], request, given), path != STOP)
        if not wants_page(request):
            return json_response(done)
        number = request.path_params.get("n")
        back = f"../{number}" if path == APPROVE else "../releases" if number is None else _LIST
        return RedirectResponse(f"{back}?lang={language_of(request.scope)}", 303)

    async def _run(self, number: str, act: Callable[[], Any]) -> Any:
        """The outcome of an act; one that has to try a bundle waits for its turn."""
        quick = await to_thread.run_sync(self._refusing, partial(self._cases.is_quick, number))
        return await self._turned(act, not quick)

    async def _turned(self, act: Callable[[], Any], waits: bool) -> Any:
        refusing = partial(self._refusing, act)
        return await (self._turns.run(refusing) if waits else to_thread.run_sync(refusing))

    @staticmethod
    def _refusing(act: Callable[[], Any]) -> Any:
        with refusals():
            return act()


def _number(request: Request) -> str:
    return str(request.path_params["n"])


def _signed(approval: Any) -> Json:
    people = [signature.person for signature in approval.signatures]
    return {
        "version": approval.statement.version,
        "statement": approval.statement.file_digest,
        "signatures": people,
        "missing": max(approval.statement.approvers - len(people), 0),
    }


def _version(version: Any) -> Json:
    return {"version": version.number, "digest": version.digest}


def _resumed(acts: ReleaseActs, request: Request) -> Json:
    acts.resume(caller_of(request))
    return {"stopped": None}
