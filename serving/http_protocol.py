"""How the server reads HTTP/1.1: the heads of requests within limits, and in one way only.

uvicorn reads a head of any length and waits for it for ever, takes a request without a host or
with two, and refuses what is no HTTP in a form of its own.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from serving.wording.envelope import Refusal

MOST_HEAD_BYTES = 64 * 1024
MOST_HEADERS = 200
HEAD_SECONDS = 15.0


class HttpProtocol(HttpToolsProtocol):
    """One connection. What is refused here has not reached the application, and ends it."""

    head_seconds = HEAD_SECONDS

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._in_head = True
        self._head_bytes = 0
        self._late: asyncio.TimerHandle | None = None
        self._refusal: Refusal | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._expect_nothing()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if not self._in_head or self.transport.is_closing():
            return
        self._head_bytes += len(data)
        if self._head_bytes > MOST_HEAD_BYTES:
            self._refuse(Refusal(431))
        elif self._late is None:
            self._expect_head()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head = True
        self._head_bytes = 0

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._expect_nothing()
        self._require_sound()
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:
        """Refuse what the parser did not take."""
        self._refuse(self._refusal or Refusal(400, code="not_http"))

    def _require_sound(self) -> None:
        """Return when the head is one that everybody reads in the same way.

        Raises:
            Refusal: 431 when there is too much of it, 400 without a host or with two; the parser
                stops, and what it says then is this.
        """
        size = sum(len(name) + len(value) for name, value in self.headers)
        if len(self.headers) > MOST_HEADERS or size + len(self.url) > MOST_HEAD_BYTES:
            self._refusal = Refusal(431)
        hosts = sum(name == b"host" for name, _ in self.headers)
        if hosts > 1 or (not hosts and self.parser.get_http_version() == "1.1"):
            self._refusal = Refusal(400, "A request names one host.", code="not_http")
        if self._refusal is not None:
            raise self._refusal

    def _expect_head(self) -> None:
        self._late = self.loop.call_later(self.head_seconds, self._head_late)

    def _expect_nothing(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _head_late(self) -> None:
        said = f"The head of the request did not arrive within {self.head_seconds:g} seconds."
        self._refuse(Refusal(408, said))

    def _refuse(self, refusal: Refusal) -> None:
        """Send the error answer, unless another is due first, and end the connection."""
        if self.transport.is_closing():
            return
        if not self._owes_another_answer():
            response = refusal.response()
            head = [STATUS_LINE[refusal.status], b"connection: close\r\n"]
            head += [b"%s: %s\r\n" % header for header in response.raw_headers]
            self.transport.write(b"".join([*head, b"\r\n", bytes(response.body)]))
        self.transport.close()

    def _owes_another_answer(self) -> bool:
        """Whether what is refused comes behind a request that has not been answered."""
        last = self.cycle
        if last is None or last.response_complete:
            return False
        return bool(self.pipeline) or last.response_started or not last.more_body
