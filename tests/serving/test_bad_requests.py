"""A battery of bad requests: each is refused in the one form, none is a failure of the service."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from serving.wording.envelope import CODES
from tests.serving.conftest import Caller, tiny_project

GOOD = json.dumps(tiny_project())


def project(**changes: Any) -> bytes:
    """The body of /score with a project changed in some fields."""
    return json.dumps({"project": {**tiny_project(), **changes}}).encode()


def spliced(text: str) -> bytes:
    """The body of /score with `text` put into the project as it is."""
    return f'{{"project":{GOOD[:-1]},{text}}}}}'.encode()


BAD_BODIES: dict[str, tuple[int, bytes]] = {
    "empty": (400, b""),
    "blank": (400, b"   \n"),
    "word": (400, b"project"),
    "cut off": (400, GOOD[:40].encode()),
    "more after it": (400, project() + b"{}"),
    "single quotes": (400, b"{'project': {}}"),
    "trailing comma": (400, b'{"project": {},}'),
    "comment": (400, b'{"project": {}} // so'),
    "NaN": (400, spliced('"people":NaN').replace(b'"people": 500, ', b"")),
    "Infinity": (400, spliced('"other":Infinity')),
    "-Infinity": (400, spliced('"other":-Infinity')),
    "1e999": (400, spliced('"other":1e999')),
    "number of 500 digits": (400, spliced(f'"other":{"9" * 500}')),
    "number of 5000 digits": (400, spliced(f'"other":{"9" * 5000}')),
    "key twice": (400, spliced('"apply":1')),
    "key twice on top": (400, b'{"project":{},"project":{}}'),
    "NUL escaped": (400, spliced(r'"other":"a\u0000b"')),
    "NUL raw": (400, spliced('"other":"a\x00b"')),
    "half a character": (400, spliced(r'"other":"\ud800"')),
    "half a character in a key": (400, spliced(r'"\udfff":1')),
    "nested 30 deep": (400, spliced(f'"other":{"[" * 30}{"]" * 30}')),
    "nested 900 deep": (400, spliced(f'"other":{"[" * 900}{"]" * 900}')),
    "nested 100000 deep": (400, spliced(f'"other":{"[" * 100_000}{"]" * 100_000}')),
    "nested 900 deep with NUL": (400, spliced(rf'"other":{"[" * 900}"\u0000"{"]" * 900}')),
    "nested 900 deep objects": (400, b'{"a":' * 900 + b"1" + b"}" * 900),
    "latin-1": (400, '{"project":{"type":"é"}}'.encode("latin-1")),
    "gb18030": (400, '{"project":{"type":"道路"}}'.encode("gb18030")),
    "utf-16": (400, GOOD.encode("utf-16")),
    "gzip": (400, b"\x1f\x8b\x08\x00"),
    "list": (422, b"[]"),
    "null": (422, b"null"),
    "true": (422, b"true"),
    "number": (422, b"7"),
    "text": (422, b'"project"'),
    "no project": (422, b"{}"),
    "project beside another": (422, b'{"project":{},"dry_run":true}'),
    "project as it is": (422, GOOD.encode()),
    "project is null": (422, b'{"project":null}'),
    "project is a list": (422, b'{"project":[]}'),
    "project is a text": (422, b'{"project":"P1"}'),
    "project is empty": (422, b'{"project":{}}'),
    "unknown field": (422, project(colour="red")),
    "unknown field in a part": (422, project(lines=[{"task": "a", "colour": "red"}])),
    "a text for a number": (422, project(area="1200")),
    "full width digits for a number": (422, project(area="１２００")),
    "a flag for a count": (422, project(people=True)),
    "a flag for a year": (422, project(year=True)),
    "a text for a share": (422, project(executed_share="90%")),
    "a code with a letter that looks the same": (422, project(type="rоad")),
    "a code in full width letters": (422, project(type="ｒｏａｄ")),
    "a code with a character that is not seen": (422, project(type="road\u200b")),
    "an amount with its unit": (422, project(apply="30万元")),
    "true for a number": (422, project(area=True)),
    "a number for a text": (422, project(code=5)),
    "a number for a code": (422, project(type=1)),
    "an unknown code": (422, project(type="tunnel")),
    "negative": (422, project(apply=-1)),
    "below its range": (422, project(area=0.5)),
    "above its range": (422, project(executed_share=1.5)),
    "half a person": (422, project(people=1.5)),
    "beyond a quadrillion": (422, project(apply=1e16)),
    "of 390 digits": (422, project(apply=10**390)),
    "of 390 digits, negative": (422, project(apply=-(10**390))),
    "year out of range": (422, project(year=1800)),
    "code too long": (422, project(code="P" * 21)),
    "required field is null": (422, project(apply=None)),
    "part is an object": (422, project(lines={})),
    "part of texts": (422, project(lines=["gravel"])),
    "too many in a part": (422, project(lines=[{"task": "a"}] * 6)),
    "part without its required field": (422, project(lines=[{"amount": 1}])),
    "a list for a number": (422, project(area=[1])),
    "an object for a text": (422, project(code={"a": 1})),
    "nested 20 deep for a number": (422, spliced(f'"people2":{"[" * 20}{"]" * 20}')),
}


def assert_refused(answer: httpx.Response, status: int, code: str | None = None) -> None:
    """The answer is an error of that status in the one form, and nothing else."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    assert list(answer.json()) == ["error"]
    error = answer.json()["error"]
    assert list(error) == ["code", "message", "details"]
    assert error["code"] == (code or CODES[status][0])
    assert error["message"]
    for detail in error["details"]:
        assert detail.keys() - {"hint"} == {"field", "expected", "got"}
        assert all(isinstance(text, str) for text in detail.values())
    for foreign in ("Traceback", "pydantic", "bentoml", "http://", "https://"):
        assert foreign not in answer.text


@pytest.mark.parametrize("name", BAD_BODIES)
def test_a_bad_body_is_refused(service: Caller, name: str) -> None:
    status, body = BAD_BODIES[name]
    answer = service.post("/score", body)
    assert_refused(answer, status)
    assert answer.json()["error"]["details"], "a refused body is told what is wrong with it"


@pytest.mark.parametrize("name", BAD_BODIES)
def test_a_bad_body_is_refused_elsewhere_too(service: Caller, name: str) -> None:
    _, body = BAD_BODIES[name]
    for path in ("/score_batch", "/what_if", "/improvements"):
        answer = service.post(path, body)
        assert answer.status_code in (400, 422)
        assert_refused(answer, answer.status_code)


def test_control_the_body_that_the_battery_spoils_is_good(service: Caller) -> None:
    assert service.post("/score", project()).status_code == 200


@pytest.mark.parametrize(
    "kind",
    ["", "text/plain", "application/x-www-form-urlencoded", "application/vnd.bentoml+pickle",
     "application/json; charset=gb18030", "application/jsonl", "multipart/form-data"],
)  # fmt: skip
def test_another_content_type_is_refused(service: Caller, kind: str) -> None:
    assert_refused(service.post("/score", project(), {"content-type": kind}), 415)


@pytest.mark.parametrize(
    "kind", ["application/json", "Application/JSON", 'application/json; charset="UTF-8"']
)
def test_control_json_by_any_of_its_names_is_taken(service: Caller, kind: str) -> None:
    assert service.post("/score", project(), {"content-type": kind}).status_code == 200


def test_a_compressed_body_is_refused(service: Caller) -> None:
    assert_refused(service.post("/score", project(), {"content-encoding": "gzip"}), 415)


@pytest.mark.parametrize("path", ["/score", "/score_batch", "/what_if"])
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "OPTIONS", "HEAD", "PATCH", "BREW"])
def test_another_method_is_refused(service: Caller, path: str, method: str) -> None:
    answer = service.call(method, path)
    assert answer.status_code == 405
    assert answer.headers["allow"] == "POST"


@pytest.mark.parametrize("path", ["/", "/schema", "/readyz", "/metrics", "/static/page.css"])
def test_a_page_takes_no_body(service: Caller, path: str) -> None:
    answer = service.post(path, project())
    assert_refused(answer, 405)
    assert answer.headers["allow"] == "GET, HEAD"


@pytest.mark.parametrize(
    "path",
    ["/nothing", "/score/", "/Score", "/score/1", "/docs.json", "/schema.json", "/healthz",
     "/static/none.css", "/static/%2e%2e/service.py", "/static", "/%00", "/score%2Fx"],
)  # fmt: skip
def test_a_path_where_nothing_is(service: Caller, path: str) -> None:
    answer = service.get(path)
    assert_refused(answer, 404)


def test_minus_nothing_is_nothing(service: Caller) -> None:
    plain, minus = (service.post("/score", spliced_apply(text)).text for text in ("0", "-0.0"))
    assert '"requested":0.0,' in plain
    assert '"requested":0.0,' in minus


def spliced_apply(text: str) -> bytes:
    """The body of /score with an amount as it is written."""
    return project().replace(b'"apply": 300000.0', f'"apply": {text}'.encode())


def test_every_fault_is_named_at_once(service: Caller) -> None:
    answer = service.post("/score", project(area="x", type="tunnel", colour="red"))
    fields = [detail["field"] for detail in answer.json()["error"]["details"]]
    assert sorted(fields) == ["area", "colour", "type"]


def test_a_thousand_unknown_fields_are_counted_not_listed(service: Caller) -> None:
    many = {f"unknown_{number}": 1 for number in range(1000)}
    error = service.post("/score", project(**many)).json()["error"]
    assert len(error["details"]) == 100
    assert "1000 faults" in error["message"]
    assert "first 100" in error["message"]


SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8
)
QUICK = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@given(st.dictionaries(st.sampled_from(sorted(tiny_project())), ANYTHING))
@QUICK
def test_no_value_makes_the_service_fail(service: Caller, changes: dict[str, Any]) -> None:
    answer = service.post("/score", {"project": tiny_project() | changes})
    assert answer.status_code in (200, 400, 422), answer.text
    if answer.status_code != 200:
        assert_refused(answer, answer.status_code)


@given(st.integers(0, len(GOOD)), st.binary(max_size=6), st.integers(0, 6))
@QUICK
def test_no_damage_makes_the_service_fail(
    service: Caller, place: int, put: bytes, left_out: int
) -> None:
    good = f'{{"project":{GOOD}}}'.encode()
    answer = service.post("/score", good[:place] + put + good[place + left_out :])
    assert answer.status_code in (200, 400, 422), answer.text
