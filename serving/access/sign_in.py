"""Signing in and out on a page: a key goes in once, and a session takes its place."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from urllib.parse import parse_qs, parse_qsl

from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import Receive, Scope, Send

from serving.access.access import Access, require_own_page, unknown
from serving.access.browser import header, session_cookie, session_secret
from serving.body import read_body
from serving.errors import AccessError
from serving.page.frame import frame_around, is_page, page_wanted
from serving.page.pages import page_style, sign_in_page
from serving.page.words import language_of
from serving.routes import SIGN_IN, require_route
from serving.wording.envelope import Refusal

_FORM = "application/x-www-form-urlencoded"
_LONGEST_FORM = 4_096
_AT_ONCE = 32
"""Forms read at the same time: strangers may send them, and others shall not be kept waiting."""
_READ_SECONDS = 5.0


class SignInNeeded(Refusal):
    """The refusal of a stranger who has a browser: it shows where to sign in.

    failed: whether a key was given that is no good.
    """

    def __init__(self, refusal: Refusal, scope: Scope, *, failed: bool = False) -> None:
        super().__init__(refusal.status, refusal.message, headers=refusal.headers)
        # What is served, from what it learned and who reviewed it is not told to strangers.
        self._frame = frame_around(scope, None, simulated=False, reviewed=True)
        self._failed = failed

    def response(self) -> Response:
        """The page; the style that it brings along is allowed by its digest."""
        digest = b64encode(sha256(page_style().encode()).digest()).decode()
        policy = (
            f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; "
            "form-action 'self'; frame-ancestors 'none'"
        )
        headers = self.headers | {"Content-Security-Policy": policy}
        return HTMLResponse(sign_in_page(self._frame, self._failed), self.status, headers)


class SignIn:
    """The ASGI application that takes the two forms."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._under_way = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        require_route(scope["path"], scope["method"])
        require_own_page(scope)
        if scope["path"] == SIGN_IN:
            response = await self._signed_in(scope, receive)
        else:
            response = self._signed_out(scope)
        await response(scope, receive, send)

    async def _signed_in(self, scope: Scope, receive: Receive) -> Response:
        if (header(scope, b"content-type") or "").partition(";")[0].strip().lower() != _FORM:
            raise Refusal(415, f"Send the form as {_FORM}.")
        if self._under_way >= _AT_ONCE:
            raise Refusal(503, headers={"Retry-After": "1", "Connection": "close"})
        self._under_way += 1
        try:
            body = await read_body(receive, _LONGEST_FORM, _READ_SECONDS)
        finally:
            self._under_way -= 1
        fields = parse_qs(body.decode("latin-1"))
        try:
            holder = self._access.keys.holder(fields.get("key", [""])[-1].strip())
        except AccessError as error:
            refusal = unknown(str(error), shown=True)
            raise SignInNeeded(refusal, scope, failed=True) from error
        lang = language_of(scope)
        asked = dict(parse_qsl(scope["query_string"].decode("latin-1")))
        wanted = page_wanted(asked.get("to", ""), lang) or f"./?lang={lang}"
        return _onwards(scope, wanted, self._access.sessions.begin(holder))

    def _signed_out(self, scope: Scope) -> Response:
        secret = session_secret(scope)
        if secret is not None:
            self._access.sessions.end(secret)
        return _onwards(scope, f"./?lang={language_of(scope)}", None)


def wants_sign_in(scope: Scope) -> bool:
    """Whether a request is a browser's for a page where somebody can sign in."""
    page = scope["method"] == "GET" and (scope["path"] == SIGN_IN or is_page(scope["path"]))
    return page and "text/html" in (header(scope, b"accept") or "")


def _onwards(scope: Scope, address: str, secret: str | None) -> Response:
    """On to a page, with the cookie of a session or without any."""
    headers = {"Set-Cookie": session_cookie(scope, secret)}
    return RedirectResponse(address, 303, headers)
