"""The gate: who calls is known, and may call this, before anything else of a request is read."""

from __future__ import annotations

import contextlib

from starlette.types import ASGIApp, Receive, Scope, Send

from serving.access.access import Access
from serving.access.caller import SCOPE_KEY
from serving.access.policy import POLICY, STRANGERS, Policy, require_allowed, require_complete
from serving.access.sign_in import SignIn, SignInNeeded, wants_sign_in
from serving.routes import ROUTES, SIGN_IN, SIGN_OUT, require_route, route_of
from serving.wording.envelope import Refusal


class Gate:
    """An ASGI application around the whole service, which then finds the caller in the scope.

    A stranger learns nothing of what there is: every path but the open ones answers the same.
    """

    def __init__(self, app: ASGIApp, access: Access, policy: Policy = POLICY) -> None:
        """Put the gate up.

        Raises:
            AccessError: when a route has no policy.
        """
        require_complete(policy, ROUTES.values())
        self._app = app
        self._access = access
        self._sign_in = SignIn(access)
        self._policy = policy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            with contextlib.closing(self._access):
                await self._app(scope, receive, send)
            return
        path, method = scope["path"], scope["method"]
        route = route_of(path)
        if route is None or self._policy.get((method, route.path)) != STRANGERS:
            self._admit(scope)
        inside = self._sign_in if path in (SIGN_IN, SIGN_OUT) else self._app
        await inside(scope, receive, send)

    def _admit(self, scope: Scope) -> None:
        """Put the caller into the scope.

        Raises:
            Refusal: 401 for a stranger, 403 for the wrong role, 404 and 405 where nothing answers.
        """
        try:
            caller = self._access.caller(scope)
        except Refusal as refusal:
            if refusal.status == 401 and self._access.closed and wants_sign_in(scope):
                raise SignInNeeded(refusal, scope) from refusal
            raise
        route = require_route(scope["path"], scope["method"])
        require_allowed(caller, route, scope["method"], self._policy)
        scope[SCOPE_KEY] = caller
