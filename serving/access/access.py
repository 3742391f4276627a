"""Who sent a request: by its key, its token, its session, or by being on this machine."""

from __future__ import annotations

import time
from pathlib import Path

from starlette.types import Scope

from serving.access.browser import asked_host, from_own_page, is_this_machine, session_secret
from serving.access.caller import LOCAL_ADMIN, Caller
from serving.access.keys import PREFIX, Clock, Keys
from serving.access.ration import Ration
from serving.access.sessions import Sessions
from serving.access.store import AccessStore
from serving.access.token_settings import token_settings
from serving.access.tokens import Tokens
from serving.errors import AccessError
from serving.wording.envelope import Refusal

_SCHEME = "bearer "
_READING = frozenset({"GET", "HEAD"})


class Access:
    """How the service finds out who calls.

    Until there is a key, or an issuer of tokens, everybody on this machine is an administrator and
    nobody else comes in.
    """

    def __init__(
        self, store: AccessStore, tokens: Tokens | None, ration: Ration, clock: Clock = time.time
    ) -> None:
        self.keys = Keys(store, clock)
        self.sessions = Sessions(store, clock)
        self.ration = ration
        self._store = store
        self._tokens = tokens
        self._closed = tokens is not None

    @property
    def closed(self) -> bool:
        """Whether callers must say who they are. Once so, it stays so: no key is ever deleted."""
        if not self._closed:
            self._closed = self.keys.any()
        return self._closed

    def caller(self, scope: Scope) -> Caller:
        """Who sent a request; looks at nothing but its headers and where it came from.

        Raises:
            Refusal: 401 when nobody known did, 403 when a page of another site did.
        """
        if not self.closed:
            return _on_this_machine(scope)
        given = [value for name, value in scope["headers"] if name == b"authorization"]
        try:
            if given:
                return self._bearer(given)
            session = session_secret(scope)
            if session is None:
                raise unknown("An access key is needed: send it as Authorization: Bearer KEY.")
            caller = self.sessions.holder(session)
        except AccessError as error:
            raise unknown(str(error), shown=True) from error
        if scope["method"] not in _READING:
            require_own_page(scope)
        return caller

    def close(self) -> None:
        """Let go of the database; nobody is known afterwards."""
        self._store.close()

    def _bearer(self, given: list[bytes]) -> Caller:
        text = given[0].decode("latin-1")
        if len(given) > 1 or text[: len(_SCHEME)].lower() != _SCHEME:
            raise AccessError("Send one header, Authorization: Bearer KEY.")
        secret = text[len(_SCHEME) :].strip()
        if self._tokens is None or secret.startswith(PREFIX):
            return self.keys.holder(secret)
        return self._tokens.holder(secret)


def opened_access(home: Path, tokens: Path | None, what_ifs_a_day: int) -> Access:
    """Access as the working folder, and the settings of tokens if any, have it.

    Raises:
        AccessError: when the working folder cannot hold it.
        ServiceError: when the settings of tokens, or the issuer's keys, are not usable.
    """
    reader = None if tokens is None else Tokens(token_settings(tokens))
    store = AccessStore(home, durable=False)
    return Access(store, reader, Ration(store, what_ifs_a_day))


def unknown(message: str, *, shown: bool = False) -> Refusal:
    """The refusal of a caller who is not known; `shown` when a key or the like was, in vain.

    The connection is closed: what a stranger still sends is not waited for.
    """
    challenge = 'Bearer realm="lingji"' + (', error="invalid_token"' if shown else "")
    return Refusal(401, message, headers={"WWW-Authenticate": challenge, "Connection": "close"})


def require_own_page(scope: Scope) -> None:
    """Return when what a browser sends with its cookie comes from a page of this service.

    Raises:
        Refusal: 403 when it comes from elsewhere, or does not say.
    """
    if not from_own_page(scope):
        raise Refusal(403, "This was not sent by a page of this service.")


def _on_this_machine(scope: Scope) -> Caller:
    """The caller while there are no keys.

    A page of another site could reach the service through the browser of somebody who sits here,
    under a name of its own that leads to this machine; so the name asked for is looked at too.
    """
    client, host = scope.get("client"), asked_host(scope)
    if client is not None and not is_this_machine(client[0]):
        raise unknown("Without access keys this service answers its own machine only.")
    if host is not None and not is_this_machine(host):
        raise unknown("Without access keys this service answers under localhost only.")
    return LOCAL_ADMIN
