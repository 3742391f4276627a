"""A key, a token and a session appear in no log, no count, no error and no page."""

from __future__ import annotations

import logging
from typing import Any

import pytest

import serving.appraisal_queue
from tests.serving.access.conftest import Keyed
from tests.serving.conftest import tiny_project

OWN = {"sec-fetch-site": "same-origin"}


def ways(keyed: Keyed, secret: str) -> list[dict[str, Any]]:
    """Calls that carry a secret where it belongs and where it does not."""
    body = {"project": tiny_project()}
    bearer = {"authorization": f"Bearer {secret}"}
    admin = {"authorization": f"Bearer {keyed.keys['admin']}"}
    form = {"data": {"key": secret}, "headers": OWN}
    return [
        {"method": "POST", "path": "/score", "json": body, "headers": bearer},
        {"method": "POST", "path": "/score", "json": {"project": 1}, "headers": bearer},
        {"method": "POST", "path": "/score", "content": b"{", "headers": bearer},
        {"method": "GET", "path": "/", "headers": bearer},
        {"method": "GET", "path": "/metrics", "headers": bearer},
        {"method": "GET", "path": f"/{secret}", "headers": bearer},
        {"method": "GET", "path": f"/{secret}", "headers": admin},
        {"method": "GET", "path": f"/static/{secret}", "headers": admin},
        {"method": "POST", "path": f"/score?key={secret}", "json": body},
        {"method": "GET", "path": "/", "headers": {"cookie": f"lingji_session={secret}"}},
        {"method": "GET", "path": "/", "headers": {"authorization": f"Basic {secret}"}},
        {"method": "GET", "path": "/", "headers": {"authorization": f"Bearer x{secret}"}},
        {"method": "GET", "path": "/", "headers": {"accept": "text/html"} | bearer},
        {"method": "POST", "path": "/sign_in", **form},
        {"method": "POST", "path": "/sign_in", **form | {"data": {"key": f"{secret}x"}}},
        {"method": "POST", "path": "/sign_in", **form | {"headers": {}}},
        {"method": secret, "path": "/score", "headers": admin},
    ]


def all_that_is_said(keyed: Keyed, caplog: pytest.LogCaptureFixture, secret: str) -> str:
    caplog.set_level(logging.DEBUG)
    said = []
    for call in ways(keyed, secret):
        answer = keyed.service.call(call.pop("method"), call.pop("path"), **call)
        headers = [v for n, v in answer.headers.items() if n != "set-cookie"]
        said += [answer.text, *headers]
    said.append(keyed.call("admin", "GET", "/metrics").text)
    return "\n".join([*said, *(r.getMessage() for r in caplog.records if ours(r)), caplog.text])


def ours(record: logging.LogRecord) -> bool:
    return not record.name.startswith("httpx")


def test_a_key_is_said_nowhere(keyed: Keyed, caplog: pytest.LogCaptureFixture) -> None:
    for logger in ("httpx", "httpcore"):  # the client of the test, which logs addresses
        caplog.set_level(logging.CRITICAL, logger)
    secret = keyed.keys["platform"]
    said = all_that_is_said(keyed, caplog, secret)
    assert "/score 200" in caplog.text
    assert secret not in said
    assert secret.removeprefix("lingji_") not in said
    assert keyed.ids["platform"] in said, "control: its id is, on the page"


@pytest.mark.parametrize("secret", ["a" * 43, "header.claims.signature-of-a-token"])
def test_a_session_and_a_token_are_said_nowhere(
    keyed: Keyed, caplog: pytest.LogCaptureFixture, secret: str
) -> None:
    for logger in ("httpx", "httpcore"):
        caplog.set_level(logging.CRITICAL, logger)
    assert secret not in all_that_is_said(keyed, caplog, secret)


def test_an_unexpected_error_does_not_tell_it(
    keyed: Keyed, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = keyed.keys["platform"]

    def broken(document: object, release: object) -> None:
        raise RuntimeError(f"while {secret} was asking")

    caplog.set_level(logging.DEBUG, "lingji")
    monkeypatch.setattr(serving.appraisal_queue, "appraised", broken)
    answer = keyed.post("platform", "/score", {"project": tiny_project()})
    assert answer.status_code == 500
    assert secret not in answer.text + caplog.text


def test_control_what_is_logged_would_be_found(
    keyed: Keyed, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = keyed.keys["platform"]
    real = keyed.access.keys.holder

    def careless(given: str) -> object:
        logging.getLogger("lingji.serving").info("asked with %s", given)
        return real(given)

    monkeypatch.setattr(keyed.access.keys, "holder", careless)
    assert secret in all_that_is_said(keyed, caplog, secret)
