"""The guard before the questions: what is not a sound request never reaches the framework."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Any

from anyio import to_thread
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.access.caller import SCOPE_KEY as CALLER_KEY
from serving.access.caller import Caller
from serving.body import read_body, read_document, too_large
from serving.inquiry import SCOPE_KEY, Inquiry
from serving.office import Office
from serving.page.words import language_of
from serving.recording.once import asked_once
from serving.routes import ACTS, Route, record_named, require_route
from serving.wording.envelope import Refusal, model_stopped

_EMPTY = b"{}"
_QUICKLY_READ = 256 * 1024
_PLAIN = ("identity", "chunked")
"""Codings that leave the bytes of a body as they are."""


class Guard:
    """An ASGI application around another, which then sees sound questions only.

    The body is complete and read before the other application starts: that one finds the inquiry
    in the scope, and an empty object for a body.
    """

    def __init__(self, app: ASGIApp, office: Office) -> None:
        self._app = app
        self._office = office
        self._limits = office.desk.limits
        self._under_way: Counter[bool] = Counter()
        self._turn = asyncio.Semaphore(self._limits.batches_at_once)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        route = require_route(scope["path"], scope["method"])
        headers = Headers(scope=scope)
        _require_json(headers)
        if route.path not in ACTS and self._office.desk.state.stopped:
            raise model_stopped()
        async with self._place(route):
            inquiry = await self._inquiry(scope, route, headers, receive)
            await self._ask(scope, inquiry, send)

    @contextlib.asynccontextmanager
    async def _place(self, route: Route) -> AsyncIterator[None]:
        """Hold one of the places for questions; refuse while all are taken.

        A batch waits for its turn, unless many do: others would be told to come again while the
        place becomes free.
        """
        limits = self._limits
        most = limits.batches_at_once + limits.batches_waiting if route.batch else limits.at_once
        if self._under_way[route.batch] >= most:
            raise Refusal(503, headers={"Retry-After": "1"})
        self._under_way[route.batch] += 1
        try:
            async with self._turn if route.batch else contextlib.nullcontext():
                yield
        finally:
            self._under_way[route.batch] -= 1

    async def _inquiry(
        self, scope: Scope, route: Route, headers: Headers, receive: Receive
    ) -> Inquiry:
        limits = self._limits
        most = limits.batch_bytes if route.batch else limits.body_bytes
        announced = headers.get("content-length", "")
        if announced.isdecimal() and int(announced[:20]) > most:
            raise too_large(most)
        body = await read_body(receive, most, limits.read_seconds)
        seconds = limits.batch_seconds if route.batch else limits.answer_seconds
        deadline = time.monotonic() + seconds
        document = await _document(body, limits.depth)
        caller: Caller = scope[CALLER_KEY]
        once = asked_once(scope, caller, body) if route.once else None
        page, record = _page(scope, headers), record_named(scope["path"])
        return Inquiry(self._office.desk, document, page, deadline, caller, once, record)

    async def _ask(self, scope: Scope, inquiry: Inquiry, send: Send) -> None:
        """Let the application answer until the deadline; what it sends later is dropped."""
        late = False

        async def send_in_time(message: Message) -> None:
            if not late:
                await send(message)

        inner = {**scope, "headers": _shortened(scope["headers"]), SCOPE_KEY: inquiry}
        seconds = max(inquiry.deadline - time.monotonic(), 0)
        try:
            async with asyncio.timeout(seconds):
                await self._app(inner, _empty_body(), send_in_time)
        except TimeoutError as error:
            late = True
            raise Refusal(504) from error


def _require_json(headers: Headers) -> None:
    kind, _, parameter = headers.get("content-type", "").partition(";")
    charset = parameter.replace(" ", "").replace('"', "").lower()
    if kind.strip().lower() != "application/json" or charset not in ("", "charset=utf-8"):
        raise Refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    coded = headers.getlist("content-encoding") + headers.getlist("transfer-encoding")
    if any(coding.lower() not in _PLAIN for coding in coded):
        raise Refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Send the body uncompressed.")


async def _document(body: bytes, depth: int) -> Any:
    if len(body) <= _QUICKLY_READ:
        return read_document(body, depth)
    return await to_thread.run_sync(read_document, body, depth)


def _page(scope: Scope, headers: Headers) -> str | None:
    """The language of the page that the caller would rather see than JSON; None for JSON."""
    if not headers.get("accept", "").startswith("text/html"):
        return None
    return language_of(scope)


def _shortened(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """The headers of a request whose body is an empty object."""
    about_body = (b"content-length", b"transfer-encoding")
    kept = [(name, value) for name, value in headers if name not in about_body]
    return [*kept, (b"content-length", str(len(_EMPTY)).encode())]


def _empty_body() -> Receive:
    """A `receive` that gives an empty object, then waits like a caller that stays."""
    given = False

    async def receive() -> Message:
        nonlocal given
        if given:
            await asyncio.Event().wait()
        given = True
        return {"type": "http.request", "body": _EMPTY, "more_body": False}

    return receive
