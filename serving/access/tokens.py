"""Bearer tokens of an OpenID Connect issuer, checked with its public keys from a file.

The only module that knows the library for tokens. It never connects: the file is brought here by
whoever runs the service, and is read again when it changes.
"""

from __future__ import annotations

import json
import logging
import os
import time
import warnings
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.errors import ExpiredTokenError, JoseError, SecurityWarning
from joserfc.jwk import ECKey, KeySet, OKPKey, RSAKey
from joserfc.jwt import JWTClaimsRegistry

from serving.access.caller import Caller
from serving.access.keys import Clock
from serving.access.token_settings import TokenSettings
from serving.errors import AccessError, ServiceError

logger = logging.getLogger("lingji.serving")

ALGORITHMS = ("RS256", "ES256", "EdDSA", "Ed25519")
"""Signatures with a private key that only the issuer has: never `none`, never a shared secret."""

_LEAST_RSA_BITS = 2048
_LEEWAY_SECONDS = 30
_LONGEST_TOKEN = 8_192
_LONGEST_NAME = 200

Stamp = tuple[int, int, int]


class Tokens:
    """Reads the tokens of one issuer."""

    def __init__(self, settings: TokenSettings, clock: Clock = time.time) -> None:
        """Read the issuer's keys.

        Raises:
            ServiceError: when the file of keys is not what is expected.
        """
        self._settings = settings
        self._stamp = _stamp(settings.jwks)
        self._keys: KeySet | None = _public_keys(settings.jwks)
        self._claims = JWTClaimsRegistry(
            now=lambda: int(clock()),
            leeway=_LEEWAY_SECONDS,
            iss={"essential": True, "value": settings.issuer},
            aud={"essential": True, "value": settings.audience},
            exp={"essential": True},
            sub={"essential": True},
        )

    def holder(self, token: str) -> Caller:
        """Whom a token speaks for.

        Raises:
            AccessError: when it is not a sound token of the issuer for this service, or gives no
                role here. What the token says is not repeated.
        """
        if len(token) > _LONGEST_TOKEN:
            raise AccessError("The token is too long.")
        claims = self._sound_claims(token)
        name = claims["sub"][:_LONGEST_NAME]
        return Caller(self._settings.grant_of(claims), f"oidc:{name}")

    def _sound_claims(self, token: str) -> dict[str, Any]:
        keys = self._current_keys()
        if keys is None:
            raise AccessError("Tokens cannot be checked at present: the issuer's keys are damaged.")
        try:
            with warnings.catch_warnings():
                # Issuers still say EdDSA, for which RFC 9864 would rather have Ed25519.
                warnings.simplefilter("ignore", SecurityWarning)
                claims = jwt.decode(token, keys, algorithms=ALGORITHMS).claims
            self._claims.validate(claims)
        except ExpiredTokenError as error:
            raise AccessError("The token has expired.") from error
        except (JoseError, ValueError, TypeError, KeyError, RecursionError) as error:
            said = "The token is not a sound one of this issuer for this service."
            raise AccessError(said) from error
        return claims

    def _current_keys(self) -> KeySet | None:
        """The issuer's keys, read again when the file has changed; None while it is damaged."""
        try:
            stamp = _stamp(self._settings.jwks)
            if stamp != self._stamp:
                self._stamp, self._keys = stamp, None
                self._keys = _public_keys(self._settings.jwks)
        except ServiceError as error:
            self._keys = None
            logger.error("no token is taken: %s", error)
        return self._keys


def _stamp(path: Path) -> Stamp:
    """What changes when a file is written or replaced."""
    try:
        found = os.stat(path)
    except OSError as error:
        raise ServiceError(_wanted(path, error.strerror or "nothing")) from error
    return found.st_mtime_ns, found.st_size, found.st_ino


def _public_keys(path: Path) -> KeySet:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SecurityWarning)  # what is too weak is refused below
            found = KeySet.import_key_set(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise ServiceError(_wanted(path, type(error).__name__)) from error
    for key in found:
        if not isinstance(key, (RSAKey, ECKey, OKPKey)) or key.is_private:
            raise ServiceError(_wanted(path, "one that is secret"))
        if isinstance(key, RSAKey) and key.raw_value.key_size < _LEAST_RSA_BITS:
            raise ServiceError(_wanted(path, f"an RSA key under {_LEAST_RSA_BITS} bits"))
    return found


def _wanted(path: Path, got: str) -> str:
    return f"expected the issuer's public keys (a JWK Set, RSA, EC or OKP) in {path}; got {got}"
