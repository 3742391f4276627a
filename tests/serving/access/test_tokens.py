"""Bearer tokens: of the right issuer, for this service, in time, well signed, with one role."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from anyio.from_thread import BlockingPortal
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey, OKPKey, RSAKey

from models.registry import Release
from serving.access.caller import Caller, parse_grant
from serving.access.token_settings import token_settings
from serving.access.tokens import Tokens
from serving.errors import AccessError, ServiceError
from tests.serving.access.conftest import Clock, Keyed, keyed_service
from tests.serving.conftest import tiny_project
from tests.serving.test_bad_requests import assert_refused

ISSUER = "https://id.example.gov.cn"
RSA = RSAKey.generate_key(2048, {"kid": "rsa"})
EC = ECKey.generate_key("P-256", {"kid": "ec"})
OKP = OKPKey.generate_key("Ed25519", {"kid": "okp"})
STRANGE = RSAKey.generate_key(2048, {"kid": "rsa"})
SETTINGS = f"""
issuer: {ISSUER}
audience: lingji
jwks: jwks.json
role_claim: realm_access.roles
roles:
  budget-platform: platform
  bureau-head: admin
  roads: department:D1
  declarer: department
department_claim: dept
"""
pytestmark = pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")


def written_keys(folder: Path, *keys: Any, private: bool = False) -> Path:
    file = folder / "jwks.json"
    file.write_text(json.dumps(KeySet([*keys]).as_dict(private=private)), encoding="utf-8")
    return file


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    written_keys(tmp_path, RSA, EC, OKP)
    (tmp_path / "tokens.yaml").write_text(SETTINGS, encoding="utf-8")
    return tmp_path


@pytest.fixture
def tokens(folder: Path, clock: Clock) -> Tokens:
    return Tokens(token_settings(folder / "tokens.yaml"), clock)


def claims(clock: Clock, **changes: Any) -> dict[str, Any]:
    """Sound claims; None leaves one out."""
    usual = {
        "iss": ISSUER,
        "aud": "lingji",
        "sub": "zhang",
        "exp": int(clock.now) + 300,
        "realm_access": {"roles": ["budget-platform", "other"]},
    }
    return {name: value for name, value in (usual | changes).items() if value is not None}


def signed(content: dict[str, Any], alg: str = "RS256", key: Any = RSA, **header: Any) -> str:
    kid = {} if "kid" in header else {"kid": key.kid}
    return jwt.encode({"alg": alg} | kid | header, content, key, algorithms=[alg])


@pytest.mark.parametrize(
    ("alg", "key"), [("RS256", RSA), ("ES256", EC), ("EdDSA", OKP), ("Ed25519", OKP)]
)
def test_a_sound_token_says_who_it_speaks_for(
    tokens: Tokens, clock: Clock, alg: str, key: Any
) -> None:
    holder = tokens.holder(signed(claims(clock), alg, key))
    assert holder == Caller(parse_grant("platform"), "oidc:zhang")


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://id.example.org"},
        {"iss": None},
        {"iss": [ISSUER]},
        {"aud": "another"},
        {"aud": ["another", "third"]},
        {"aud": None},
        {"exp": None},
        {"exp": "2099-01-01"},
        {"exp": True},
        {"sub": None},
        {"sub": 7},
        {"nbf": 1_800_000_400},
    ],
)
def test_wrong_claims_are_refused(tokens: Tokens, clock: Clock, changes: dict[str, Any]) -> None:
    with pytest.raises(AccessError, match=r"is not a sound one|has expired"):
        tokens.holder(signed(claims(clock, **changes)))


def test_one_audience_of_several_is_enough(tokens: Tokens, clock: Clock) -> None:
    assert tokens.holder(signed(claims(clock, aud=["another", "lingji"]))).name == "oidc:zhang"


def test_a_token_expires_with_a_little_leeway(tokens: Tokens, clock: Clock) -> None:
    token = signed(claims(clock))
    clock.now += 300 + 29
    assert tokens.holder(token).name == "oidc:zhang"
    clock.now += 1
    with pytest.raises(AccessError, match="has expired"):
        tokens.holder(token)


def unsigned(clock: Clock, alg: str) -> str:
    def part(content: dict[str, Any]) -> str:
        return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()

    return f"{part({'alg': alg, 'typ': 'JWT', 'kid': 'rsa'})}.{part(claims(clock))}."


@pytest.mark.parametrize("alg", ["none", "None", "NONE", "", "RS256", "HS256"])
def test_a_token_without_a_signature_is_refused(tokens: Tokens, clock: Clock, alg: str) -> None:
    with pytest.raises(AccessError, match="is not a sound one"):
        tokens.holder(unsigned(clock, alg))


def test_the_public_key_is_no_shared_secret(tokens: Tokens, clock: Clock) -> None:
    """HS256 with the issuer's public key as the secret, which everybody has."""
    for kid in ("rsa", "ec", "okp"):
        secret = OctKey.import_key(base64.urlsafe_b64encode(RSA.as_pem(private=False)).decode())
        token = jwt.encode({"alg": "HS256", "kid": kid}, claims(clock), secret, ["HS256"])
        with pytest.raises(AccessError, match="is not a sound one"):
            tokens.holder(token)


@pytest.mark.parametrize("alg", ["RS384", "RS512", "PS256"])
def test_another_algorithm_is_refused(tokens: Tokens, clock: Clock, alg: str) -> None:
    with pytest.raises(AccessError, match="is not a sound one"):
        tokens.holder(signed(claims(clock), alg))


def test_another_signature_is_refused(tokens: Tokens, clock: Clock) -> None:
    with pytest.raises(AccessError, match="is not a sound one"):
        tokens.holder(signed(claims(clock), key=STRANGE))
    head, body, signature = signed(claims(clock)).split(".")
    other = signed(claims(clock, sub="li")).split(".")[1]
    for forged in (f"{head}.{other}.{signature}", f"{head}.{body}.{signature[:-8]}AAAAAAAA"):
        with pytest.raises(AccessError, match="is not a sound one"):
            tokens.holder(forged)


def test_a_key_that_the_token_brings_along_is_not_used(tokens: Tokens, clock: Clock) -> None:
    header = {"jwk": STRANGE.as_dict(private=False), "kid": "none"}
    with pytest.raises(AccessError, match="is not a sound one"):
        tokens.holder(signed(claims(clock), key=STRANGE, **header))


@pytest.mark.parametrize("kid", [None, "none"])
def test_a_token_must_name_one_of_several_keys(
    tokens: Tokens, clock: Clock, kid: str | None
) -> None:
    header = {"alg": "RS256"} | ({} if kid is None else {"kid": kid})
    with pytest.raises(AccessError, match="is not a sound one"):
        tokens.holder(jwt.encode(header, claims(clock), RSA, ["RS256"]))


@pytest.mark.parametrize("text", ["", "a", "a.b.c", "..", "é.é.é", "a" * 9000, "e30.e30.e30"])
def test_what_is_no_token_is_refused(tokens: Tokens, text: str) -> None:
    with pytest.raises(AccessError, match="The token"):
        tokens.holder(text)


@pytest.mark.parametrize(
    ("changes", "grant"),
    [
        ({"realm_access": {"roles": ["bureau-head"]}}, "admin"),
        ({"realm_access": {"roles": "bureau-head"}}, "admin"),
        ({"realm_access": {"roles": ["roads"]}}, "department:D1"),
        ({"realm_access": {"roles": ["declarer"]}, "dept": "109001"}, "department:109001"),
    ],
)
def test_the_claims_give_the_role(
    tokens: Tokens, clock: Clock, changes: dict[str, Any], grant: str
) -> None:
    assert tokens.holder(signed(claims(clock, **changes))).grant == parse_grant(grant)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"realm_access": {"roles": ["other"]}}, "gives none"),
        ({"realm_access": {"roles": ["admin"]}}, "gives none"),
        ({"realm_access": {"roles": []}}, "gives none"),
        ({"realm_access": {"roles": [{"bureau-head": 1}]}}, "gives none"),
        ({"realm_access": None}, "gives none"),
        ({"realm_access": {"roles": ["bureau-head", "budget-platform"]}}, "gives several"),
        ({"realm_access": {"roles": ["declarer"]}}, "which department"),
        ({"realm_access": {"roles": ["declarer"]}, "dept": ["D1"]}, "which department"),
        ({"realm_access": {"roles": ["declarer"]}, "dept": " D1"}, "which department"),
    ],
)
def test_no_role_or_several_are_refused(
    tokens: Tokens, clock: Clock, changes: dict[str, Any], said: str
) -> None:
    with pytest.raises(AccessError, match=said):
        tokens.holder(signed(claims(clock, **changes)))


def test_new_keys_of_the_issuer_are_taken_and_old_ones_no_longer(
    tokens: Tokens, clock: Clock, folder: Path
) -> None:
    old, new = signed(claims(clock)), signed(claims(clock), key=STRANGE)
    file = written_keys(folder, STRANGE)
    os.utime(file, ns=(1, 1))
    assert tokens.holder(new).name == "oidc:zhang"
    with pytest.raises(AccessError, match="is not a sound one"):
        tokens.holder(old)


@pytest.mark.parametrize("content", ["{", "{}", '{"keys": []}', None])
def test_while_the_keys_are_damaged_no_token_is_taken(
    tokens: Tokens, clock: Clock, folder: Path, content: str | None
) -> None:
    file = folder / "jwks.json"
    if content is None:
        file.unlink()
    else:
        file.write_text(content, encoding="utf-8")
    for _ in range(2):
        with pytest.raises(AccessError, match="cannot be checked"):
            tokens.holder(signed(claims(clock)))
    written_keys(folder, RSA)
    assert tokens.holder(signed(claims(clock))).name == "oidc:zhang"


@pytest.mark.parametrize(
    ("key", "private", "said"),
    [
        (lambda: RSA, True, "one that is secret"),
        (lambda: OctKey.generate_key(256), True, "one that is secret"),
        (lambda: RSAKey.generate_key(1024), False, "under 2048 bits"),
    ],
)
def test_unfit_keys_stop_the_start(
    folder: Path, key: Callable[[], Any], private: bool, said: str
) -> None:
    written_keys(folder, key(), private=private)
    with pytest.raises(ServiceError, match=said):
        Tokens(token_settings(folder / "tokens.yaml"))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("issuer: https", "isuer: https", "issuer: Field required"),
        ("bureau-head: admin", "bureau-head: root", "expected a role, one of platform"),
        ("department_claim: dept", "", "needs a department_claim"),
        ("audience: lingji", "audience: ''", "audience: String should have at least 1"),
        ("roles:\n", "roles: [\n", "expected settings of tokens"),
    ],
)
def test_wrong_settings_are_named(folder: Path, old: str, new: str, said: str) -> None:
    file = folder / "tokens.yaml"
    file.write_text(SETTINGS.replace(old, new), encoding="utf-8")
    with pytest.raises(ServiceError, match=said):
        token_settings(file)


@pytest.fixture
def keyed_too(
    tokens: Tokens, tmp_path: Path, release: Release, portal: BlockingPortal
) -> Iterator[Keyed]:
    made = keyed_service(tmp_path / "home", release, portal, tokens)
    yield made
    made.store.close()


def test_a_token_opens_the_service_beside_keys(keyed_too: Keyed, clock: Clock) -> None:
    body = {"project": tiny_project()}

    def asked(token: str) -> Any:
        headers = {"authorization": f"Bearer {token}"}
        return keyed_too.service.call("POST", "/score", json=body, headers=headers)

    assert asked(signed(claims(clock))).json()["status"] == "rated"
    assert keyed_too.post("platform", "/score", body).status_code == 200
    of_another = claims(clock, realm_access={"roles": ["declarer"]}, dept="D2")
    assert_refused(asked(signed(of_another)), 403)
    clock.now += 1000
    refused = asked(signed(claims(clock, iss="https://id.example.org")))
    assert_refused(refused, 401)
    assert 'error="invalid_token"' in refused.headers["www-authenticate"]
