"""Signing in on the page: a form, a cookie, an end, and no form of another site."""

from __future__ import annotations

import asyncio
import html
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from anyio.from_thread import BlockingPortal

from models.registry import Release
from serving.access.sessions import LONGEST_SECONDS, Sessions
from serving.page.words import page_words
from tests.serving.access.conftest import Keyed, keyed_service
from tests.serving.conftest import tiny_project
from tests.serving.test_bad_requests import assert_refused
from tests.serving.test_pages import Outline, foreign

BROWSER = {"accept": "text/html,application/xhtml+xml;q=0.9"}
OWN = {"origin": "http://localhost"}
QUESTION = {"project": tiny_project()}


@pytest.fixture
def own(tmp_path: Path, release: Release, portal: BlockingPortal) -> Iterator[Keyed]:
    made = keyed_service(tmp_path, release, portal)
    yield made
    made.store.close()


def signed_in(keyed: Keyed, grant: str, **headers: str) -> httpx.Response:
    form = {"data": {"key": keyed.keys[grant]}, "headers": OWN | headers}
    return keyed.service.call("POST", "/sign_in?lang=en", **form)


def cookie_of(answer: httpx.Response) -> dict[str, str]:
    """The cookie that an answer sets, as the browser sends it."""
    return {"cookie": answer.headers["set-cookie"].partition(";")[0]}


@pytest.mark.parametrize("path", ["/", "/sign_in"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_browser_is_shown_where_to_sign_in(own: Keyed, path: str, lang: str) -> None:
    answer = own.service.get(f"{path}?lang={lang}", **BROWSER)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert page_words(lang)["key_hint"] in answer.text
    assert foreign(answer.text) == []
    assert "script" not in Outline(answer.text).tags
    assert not Outline(answer.text).handlers
    assert "tiny@1" not in answer.text, "what is served is not told to strangers"


def test_its_policy_allows_its_own_style_and_nothing_else(own: Keyed) -> None:
    from base64 import b64encode
    from hashlib import sha256

    answer = own.service.get("/", **BROWSER)
    (policy,) = answer.headers.get_list("content-security-policy")
    (style,) = re.findall(r"<style>(.*?)</style>", answer.text, re.DOTALL)
    digest = b64encode(sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in policy
    assert "script-src" not in policy
    assert "default-src 'none'" in policy
    assert answer.headers.get_list("x-content-type-options") == ["nosniff"]
    assert answer.headers.get_list("cache-control") == ["no-store"]


def test_who_is_no_browser_gets_the_usual_form(own: Keyed) -> None:
    assert_refused(own.service.get("/"), 401)
    assert_refused(own.service.get("/schema", **BROWSER), 401)
    assert_refused(own.service.call("POST", "/score", json=QUESTION, headers=BROWSER), 401)


def test_a_key_begins_a_session_that_a_page_can_use(own: Keyed) -> None:
    answer = signed_in(own, "platform")
    assert (answer.status_code, answer.headers["location"]) == (303, "./?lang=en")
    cookie = answer.headers["set-cookie"]
    assert own.keys["platform"] not in cookie
    attributes = set(cookie.split("; ")[1:])
    assert attributes == {"Max-Age=28800", "Path=/", "HttpOnly", "SameSite=Strict"}
    page = own.service.get("/?lang=en", **cookie_of(answer))
    assert f"You are: review platform ({own.ids['platform']})" in page.text
    assert 'action="sign_out?lang=en"' in page.text
    asked = {"headers": cookie_of(answer) | OWN, "json": QUESTION}
    assert own.service.call("POST", "/score", **asked).json()["status"] == "rated"


def test_signing_in_leads_on_to_the_page_that_was_asked_for(own: Keyed) -> None:
    page = own.service.get("/projects/tendencies?grade=A&words=%E8%B7%AF&lang=en", **BROWSER).text
    (action,) = re.findall(r'action="([^"]*)"', page)
    action = html.unescape(action)
    assert action.startswith("../sign_in?")
    failed = own.service.call("POST", action[2:], data={"key": "wrong"}, headers=OWN)
    (again,) = re.findall(r'action="([^"]*)"', failed.text)
    assert html.unescape(again) == action[3:], "also after a wrong key"
    key = {"key": own.keys["expert"]}
    answer = own.service.call("POST", action[2:], data=key, headers=OWN)
    assert answer.headers["location"] == ("./projects/tendencies?grade=A&words=%E8%B7%AF&lang=en")


@pytest.mark.parametrize(
    "wanted",
    [
        "//evil.example/projects", "https://evil.example/projects", "/\\evil.example", "/sign_out",
        "/projects/../../evil", "/projects\r\nX: y", "projects", "/nothing", "/projects//x", "",
    ],
)  # fmt: skip
def test_signing_in_leads_nowhere_else(own: Keyed, wanted: str) -> None:
    path = f"/sign_in?lang=en&{urlencode({'to': wanted})}"
    answer = own.service.call("POST", path, data={"key": own.keys["expert"]}, headers=OWN)
    assert (answer.status_code, answer.headers["location"]) == (303, "./?lang=en")
    assert "x" not in answer.headers


@pytest.mark.parametrize(
    ("host", "cookie"),
    [
        ("localhost:8000", "lingji_session="),
        ("127.0.0.1", "lingji_session="),
        ("[::1]:8000", "lingji_session="),
        ("review.example.gov.cn", "__Host-lingji_session="),
        ("10.0.0.9:8000", "__Host-lingji_session="),
    ],
)
def test_away_from_this_machine_the_cookie_needs_encryption(
    own: Keyed, host: str, cookie: str
) -> None:
    answer = signed_in(own, "admin", host=host, origin=f"https://{host}")
    assert answer.headers["set-cookie"].startswith(cookie)
    assert ("Secure" in answer.headers["set-cookie"]) == cookie.startswith("__Host-")
    assert own.service.get("/", host=host, **cookie_of(answer)).status_code == 200


def test_a_role_that_may_not_score_is_shown_no_form_to_try(own: Keyed) -> None:
    page = own.service.get("/", **cookie_of(signed_in(own, "expert"))).text
    assert 'id="try"' not in page
    assert "page.js" not in page
    assert "评审专家" in page
    shown = own.service.get("/", **cookie_of(signed_in(own, "department:D1"))).text
    assert 'id="try"' in shown
    assert "<code>D1</code>" in shown


@pytest.mark.parametrize("key", ["", "wrong", "lingji_" + "a" * 43, "a" * 3000])
def test_a_wrong_key_is_told_on_the_page(own: Keyed, key: str) -> None:
    answer = own.service.call("POST", "/sign_in?lang=zh", data={"key": key}, headers=OWN)
    assert answer.status_code == 401
    assert page_words("zh")["sign_in_failed"] in answer.text
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"json": {"key": "a"}}, 415),
        ({"content": b"a" * 5000, "headers": {"content-type": "application/x-www-form-urlencoded"}}, 413),  # noqa: E501
        ({"content": b"a=1&b=2&c=3&d=4&e=5", "headers": {"content-type": "application/x-www-form-urlencoded"}}, 401),  # noqa: E501
        ({"content": b"\xff\x00%zz&=&key", "headers": {"content-type": "application/x-www-form-urlencoded"}}, 401),  # noqa: E501
    ],
)  # fmt: skip
def test_an_unsound_form_is_refused(own: Keyed, given: dict[str, Any], status: int) -> None:
    headers = OWN | given.pop("headers", {})
    answer = own.service.call("POST", "/sign_in", headers=headers, **given)
    assert answer.status_code == status


ELSEWHERE: list[dict[str, str]] = [
    {},
    {"origin": "https://evil.example"},
    {"origin": "null"},
    {"origin": "http://localhost.evil.example"},
    {"origin": "http://localhost:9999"},
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site", "origin": "http://localhost"},
    {"sec-fetch-site": "none", "origin": "http://localhost"},
]


@pytest.mark.parametrize("headers", ELSEWHERE)
def test_a_form_of_another_site_is_refused(own: Keyed, headers: dict[str, str]) -> None:
    cookie = cookie_of(signed_in(own, "platform"))
    form = {"data": {"key": own.keys["platform"]}, "headers": headers}
    assert_refused(own.service.call("POST", "/sign_in", **form), 403)
    assert_refused(own.service.call("POST", "/sign_out", headers=cookie | headers), 403)
    asked = {"json": QUESTION, "headers": cookie | headers}
    assert_refused(own.service.call("POST", "/score", **asked), 403)
    assert own.service.get("/schema", **cookie).status_code == 200, "the session goes on"


@pytest.mark.parametrize("headers", [OWN, {"sec-fetch-site": "same-origin"}])
def test_control_the_page_of_this_service_is_not(own: Keyed, headers: dict[str, str]) -> None:
    cookie = cookie_of(signed_in(own, "platform"))
    asked = {"json": QUESTION, "headers": cookie | headers}
    assert own.service.call("POST", "/score", **asked).status_code == 200


def test_browsers_are_told_to_say_where_a_form_comes_from(own: Keyed) -> None:
    """With no-referrer a browser would send `Origin: null` with a form of our own page."""
    for answer in (own.service.get("/", **BROWSER), own.call("admin", "GET", "/")):
        assert answer.headers["referrer-policy"] == "same-origin"
        assert "form-action 'self'" in answer.headers["content-security-policy"]


def test_signing_out_ends_the_session(own: Keyed) -> None:
    cookie, other = (cookie_of(signed_in(own, "platform")) for _ in range(2))
    answer = own.service.call("POST", "/sign_out", headers=cookie | OWN)
    assert answer.status_code == 303
    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert_refused(own.service.get("/schema", **cookie), 401)
    assert own.service.get("/schema", **other).status_code == 200, "others go on"


def test_a_session_ends_after_eight_hours(own: Keyed) -> None:
    cookie = cookie_of(signed_in(own, "platform"))
    own.clock.now += 8 * 3600 - 1
    assert own.service.get("/schema", **cookie).status_code == 200
    own.clock.now += 1
    assert_refused(own.service.get("/schema", **cookie), 401)
    signed_in(own, "platform")
    assert own.store.execute("SELECT count(*) FROM sessions") == [(1,)], "ended ones are forgotten"


def test_a_session_ends_with_its_key(own: Keyed) -> None:
    cookie = cookie_of(signed_in(own, "platform"))
    own.access.keys.revoke(own.ids["platform"])
    assert_refused(own.service.get("/schema", **cookie), 401)


def test_a_session_does_not_outlive_an_expiring_key(own: Keyed) -> None:
    own.clock.now += 30 * 86_400 - 60
    cookie = cookie_of(signed_in(own, "platform"))
    own.clock.now += 60
    assert_refused(own.service.get("/schema", **cookie), 401)


def test_the_session_itself_is_in_no_file(own: Keyed, tmp_path: Path) -> None:
    holder = own.access.keys.holder(own.keys["admin"])
    secret = Sessions(own.store, own.clock).begin(holder)
    kept = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert secret.encode() not in kept
    assert LONGEST_SECONDS <= 8 * 3600


def test_many_strangers_with_forms_that_never_end_are_not_waited_for(
    own: Keyed, portal: BlockingPortal
) -> None:
    leave = asyncio.Event()
    headers = OWN | {"content-type": "application/x-www-form-urlencoded"}

    async def stalling() -> Any:
        yield b"key="
        await leave.wait()

    async def crowd() -> tuple[httpx.Response, httpx.Response]:
        given = {"headers": headers}
        slow = [
            asyncio.create_task(
                own.service.later("POST", "/sign_in", {**given, "content": stalling()})
            )
            for _ in range(32)
        ]
        await asyncio.sleep(0.2)
        refused = await own.service.later("POST", "/sign_in", {**given, "content": b"key=a"})
        leave.set()
        await asyncio.gather(*slow)
        return refused, await own.service.later("POST", "/sign_in", {**given, "content": b"key=a"})

    refused, after = portal.call(crowd)
    assert_refused(refused, 503)
    assert after.status_code == 401, "places are given back"
