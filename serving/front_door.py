"""The front door: whatever happens inside, the answer has the service's own form."""

from __future__ import annotations

import logging
import time

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.body import CallerGone
from serving.metrics import Metrics
from serving.routes import route_of
from serving.unexpected import unexpected
from serving.wording.envelope import CODES, Refusal

logger = logging.getLogger("lingji.serving")

_OWN_FORM = b'{"error":{"code":'
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
COMMON_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    # Not "no-referrer": with it a browser would not say that a form comes from a page of ours.
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""The headers of every answer; a page of ours may bring a stricter content policy."""
_HEADERS = tuple((name.lower().encode(), value.encode()) for name, value in COMMON_HEADERS.items())
_BUSY = 429
"""What the framework says when it is busy; ours says with it that a ration is used up."""
_FOREIGN = CODES.keys() - {_BUSY}
_REPLACED = frozenset({b"server", b"x-bentoml-request-id", *(name for name, _ in _HEADERS)})


class FrontDoor:
    """An ASGI application around the whole service."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await self._answer(scope, receive, _Answer(send))

    async def _answer(self, scope: Scope, receive: Receive, answer: _Answer) -> None:
        started = time.monotonic()
        try:
            await self._app(scope, receive, answer.send)
        except CallerGone:
            answer.status = 499
        except Exception as error:
            await answer.instead(_refusal(error).response(), scope, receive)
        finally:
            self._count(scope, answer, time.monotonic() - started)

    def _count(self, scope: Scope, answer: _Answer, seconds: float) -> None:
        route, status = route_of(scope["path"]), answer.status
        label = route.path if route else "other"
        self._metrics.answered(label, scope["method"], status, seconds)
        if answer.code:
            self._metrics.refused(label, answer.code)
        logger.info("%s %s in %.0f ms", label, status, 1000 * seconds)


def _refusal(error: Exception) -> Refusal:
    if isinstance(error, Refusal):
        return error
    if isinstance(error, HTTPException) and error.status_code in _FOREIGN:
        return Refusal(error.status_code)
    return unexpected(error)


class _Answer:
    """What is sent of one answer. Error bodies wait, so that a foreign form can be replaced.

    status: of the answer; 500 until one has begun. code: of the error that it is; or "".
    """

    def __init__(self, send: Send) -> None:
        self._send = send
        self._begun = False
        self._held: list[Message] = []
        self._ours = False
        self.status = 500
        self.code = ""

    async def send(self, message: Message) -> None:
        """Send a message of the answer on, with the service's headers."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message = {**message, "headers": self._headers(message["headers"])}
        if self.status < 400:
            self._begun = True
            await self._send(message)
            return
        self._held.append(message)
        if message["type"] == "http.response.body" and not message.get("more_body", False):
            await self._release_held()

    def _headers(self, given: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        if self._ours:  # a page of ours may bring a stricter policy
            names = {name for name, _ in given}
            return [*given, *(added for added in _HEADERS if added[0] not in names)]
        return [*((n, v) for n, v in given if n.lower() not in _REPLACED), *_HEADERS]

    async def _release_held(self) -> None:
        held, self._held = self._held, []
        body = b"".join(message.get("body", b"") for message in held)
        if not self._ours and not body.startswith(_OWN_FORM):
            held = _messages(Refusal(self.status if self.status in _FOREIGN else 500).response())
            self.status = held[0]["status"]
            body = held[1]["body"]
        if body.startswith(_OWN_FORM):
            self.code = body.removeprefix(_OWN_FORM).split(b'"', 2)[1].decode()
        self._begun = True
        for message in held:
            await self._send(message)

    async def instead(self, response: Response, scope: Scope, receive: Receive) -> None:
        """Send `response`, unless another answer has begun and cannot be taken back."""
        self._held = []
        self._ours = True
        if not self._begun:
            await response(scope, receive, self.send)


def _messages(response: Response) -> list[Message]:
    """A response as the ASGI messages that send it."""
    headers = [*response.raw_headers, *_HEADERS]
    return [
        {"type": "http.response.start", "status": response.status_code, "headers": headers},
        {"type": "http.response.body", "body": bytes(response.body)},
    ]
