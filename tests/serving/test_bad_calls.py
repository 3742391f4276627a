"""The same bad calls of every route in the table: each is refused in the one form, none is a
failure of the service, and none tells what was sent."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest

from serving.routes import RECEIPT, RECORD, RECORDS, ROUTES, SIGN_IN, STATIC
from tests.serving.conftest import IDENTITY_NUMBER, Caller
from tests.serving.good_calls import GOOD, OF_REVIEWS, OVERRIDE, REVIEW
from tests.serving.test_bad_requests import assert_refused

QUESTIONS = [path for path, route in ROUTES.items() if route.question]
FORMS = [path for path, route in ROUTES.items() if route.form]
PAGES = [
    path
    for path, route in ROUTES.items()
    if not route.question and not route.form and path not in OF_REVIEWS
]
OWN = {"sec-fetch-site": "same-origin"}
JSON = {"content-type": "application/json"}


@pytest.fixture(scope="module")
def record_id(service: Caller) -> str:
    """The id of a record that there is."""
    found: str = service.post("/score", GOOD["/score"].body).json()["record_id"]
    return found


@pytest.fixture
def said(caplog: pytest.LogCaptureFixture) -> Iterator[list[str]]:
    """What the service answered; with the log, it must not hold the number that was sent."""
    caplog.set_level(logging.DEBUG)
    answers: list[str] = []
    yield answers
    for told in (*answers, caplog.text):
        assert IDENTITY_NUMBER not in told
        assert IDENTITY_NUMBER[:17] not in told


def at(path: str, record_id: str) -> str:
    """Where a route is called."""
    return GOOD[path].at(record_id)


def with_text(path: str, text: str) -> bytes:
    """The good body of a question with JSON, as it is, in front of what its object holds."""
    return f"{{{text},{json.dumps(GOOD[path].body)[1:]}".encode("utf-8", "surrogatepass")


MANY = ",".join(f'"{n}":1' for n in range(5_000))
OBJECT = '{"a":'
NOT_JSON = {
    "NaN": '"a":NaN',
    "Infinity": '"a":-Infinity',
    "1e400": '"a":1e400',
    "-1e400": '"a":[[-1e400]]',
    "a number of 100,000 digits": f'"a":{"9" * 100_000}',
    "a number of 100,000 decimals": f'"a":0.{"9" * 100_000}e999',
    "plus": '"a":+1',
    "leading zeros": '"a":007',
    "hexadecimal": '"a":0x1F',
    "a point without digits": '"a":1.',
    "full width digits": '"a":１２',
    "half a character": r'"a":"\ud800"',
    "the other half": r'"a":{"b":["\uDC00"]}',
    "halves in the wrong order": r'"a":"\udc00\ud800"',
    "half a character in a key": r'"\udfff":1',
    "half a character in a deep key": r'"a":[{"b":{"\ud800x":1}}]',
    "half a character in bytes": '"a":"\ud800"',
    "NUL": r'"a":"\u0000"',
    "NUL in a key": r'"\u0000":1',
    "NUL in a deep key": r'"a":[{"b":{"x\u0000":1}}]',
    "NUL in bytes": '"a":"\x00"',
    "a tab in a text": '"a":"\t"',
    "a key twice": '"a":1,"a":1',
    "a key twice, once escaped": r'"a":1,"\u0061":1',
    "a key twice, deep": '"a":[{"b":{"c":1,"c":2}}]',
    "a key twice among many": f'"a":{{{MANY},"7":1}}',
    "100,000 lists": f'"a":{"[" * 100_000}{"]" * 100_000}',
    "100,000 objects": f'"a":{OBJECT * 100_000}1{"}" * 100_000}',
    "100,000 lists without end": f'"a":{"[" * 100_000}',
    "deeper than allowed": f'"a":{"[" * 24}{"]" * 24}',
    "an escape that is none": r'"a":"\x41"',
    "a text without end": '"a":"',
    "two values": '"a":1}{"b":1',
}
WRONG = {
    "a field too many": '"dry_run":true',
    "100,000 fields too many": ",".join(f'"a{n}":{n}' for n in range(100_000)),
    "a field with an empty name": '"":1',
    "a prototype": '"__proto__":{"rated":true}',
    "a name of 100,000 characters": f'"{"a" * 100_000}":1',
    "an identity number": f'"a":"{IDENTITY_NUMBER}"',
    "a name that looks the same": '"prоject":{},"соmment":""',  # two Cyrillic letters
    "minus nothing": '"a":-0',
    "a hundred thousand values": f'"a":[{",".join("0" * 100_000)}]',
}
BROKEN_TEXT = {
    "UTF-16": "utf-16",
    "UTF-32": "utf-32",
    "UTF-7": "utf-7",
    "GB 18030": "gb18030",
}


@pytest.mark.parametrize("name", NOT_JSON)
@pytest.mark.parametrize("path", QUESTIONS)
def test_what_is_no_json_is_refused_by_every_question(
    service: Caller, record_id: str, said: list[str], path: str, name: str
) -> None:
    answer = service.post(at(path, record_id), with_text(path, NOT_JSON[name]))
    said.append(answer.text)
    assert_refused(answer, 400)


@pytest.mark.parametrize("name", WRONG)
@pytest.mark.parametrize("path", QUESTIONS)
def test_what_is_not_asked_for_is_refused_by_every_question(
    service: Caller, record_id: str, said: list[str], path: str, name: str
) -> None:
    answer = service.post(at(path, record_id), with_text(path, WRONG[name]))
    said.append(answer.text)
    assert_refused(answer, 422)
    assert len(answer.content) < 30_000


@pytest.mark.parametrize("coding", BROKEN_TEXT.values(), ids=BROKEN_TEXT)
@pytest.mark.parametrize("path", QUESTIONS)
def test_another_coding_of_the_text_is_refused_by_every_question(
    service: Caller, record_id: str, said: list[str], path: str, coding: str
) -> None:
    text = json.dumps({**(GOOD[path].body or {}), "道路": "公路"}, ensure_ascii=False)
    answer = service.post(at(path, record_id), text.encode(coding))
    said.append(answer.text)
    assert answer.status_code == (422 if coding == "utf-7" else 400)
    assert_refused(answer, answer.status_code)


@pytest.mark.parametrize("path", QUESTIONS)
def test_control_the_bodies_that_are_spoilt_here_are_good(
    service: Caller, record_id: str, path: str
) -> None:
    assert service.post(at(path, record_id), GOOD[path].body).status_code == 200


def test_control_the_number_would_be_found(service: Caller) -> None:
    assert IDENTITY_NUMBER in json.dumps(GOOD["/score"].body)
    assert IDENTITY_NUMBER in with_text(REVIEW, WRONG["an identity number"]).decode()


KINDS: dict[str, dict[str, str | bytes]] = {
    "none": {},
    "text": {"content-type": "text/plain"},
    "form": {"content-type": "application/x-www-form-urlencoded"},
    "pickle": {"content-type": "application/vnd.bentoml+pickle"},
    "lines": {"content-type": "application/jsonl"},
    "patch": {"content-type": "application/merge-patch+json"},
    "parts": {"content-type": "multipart/form-data; boundary=a"},
    "another charset": {"content-type": "application/json; charset=gb18030"},
    "a charset that is none": {"content-type": "application/json; charset="},
    "two charsets": {"content-type": "application/json; charset=utf-8; charset=gb18030"},
    "a list": {"content-type": "application/json, text/plain"},
    "Chinese": {"content-type": "应用/json".encode()},
    "gzip": {**JSON, "content-encoding": "gzip"},
    "br": {**JSON, "content-encoding": "br"},
    "identity, then gzip": {**JSON, "content-encoding": "identity, gzip"},
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("path", QUESTIONS)
def test_another_kind_of_body_is_refused_by_every_question(
    service: Caller, record_id: str, said: list[str], path: str, kind: str
) -> None:
    body = json.dumps(GOOD[path].body).encode()
    answer = service.call("POST", at(path, record_id), content=body, headers=KINDS[kind])
    said.append(answer.text)
    assert_refused(answer, 415)


@pytest.mark.parametrize("kind", sorted(KINDS.keys() - {"form"}))
def test_another_kind_of_form_is_refused(service: Caller, said: list[str], kind: str) -> None:
    headers = {**OWN, **KINDS[kind]}
    answer = service.call("POST", SIGN_IN, content=b"key=" + b"1" * 17, headers=headers)
    said.append(answer.text)
    assert_refused(answer, 415)


FORM = {**OWN, "content-type": "application/x-www-form-urlencoded"}
BAD_FORMS = {
    "empty": b"",
    "no key": b"name=1",
    "no value": b"key=",
    "identity number": b"key=" + IDENTITY_NUMBER.encode(),
    "NUL": b"key=%00",
    "half a character": b"key=%ed%a0%80",
    "not UTF-8": b"key=\xff\xfe",
    "bad escape": b"key=%zz",
    "a file's name": b"key=../../etc/passwd",
    "many keys": b"key=1&" * 600,
    "many fields": b"&".join(b"%d=1" % n for n in range(600)),
    "separators only": b"&" * 4_000,
}


@pytest.mark.parametrize("name", BAD_FORMS)
def test_a_form_without_a_good_key_signs_nobody_in(
    service: Caller, said: list[str], name: str
) -> None:
    answer = service.call("POST", SIGN_IN, content=BAD_FORMS[name], headers=FORM)
    said.append(answer.text)
    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers
    assert "<form" in answer.text


def test_a_form_longer_than_a_key_is_refused(service: Caller) -> None:
    answer = service.call("POST", SIGN_IN, content=b"key=" + b"1" * 5_000, headers=FORM)
    assert_refused(answer, 413)


METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "QUERY")


@pytest.mark.parametrize("path", ROUTES)
def test_a_route_answers_its_methods_and_no_others(
    service: Caller, record_id: str, path: str
) -> None:
    route = ROUTES[path]
    for method in set(METHODS) - set(route.methods):
        answer = service.call(method, at(path, record_id))
        assert_refused(answer, 405)
        assert answer.headers["allow"] == ", ".join(route.methods)


@pytest.mark.parametrize("path", sorted(ROUTES.keys() - {"/"}))
def test_a_path_is_that_path_only(service: Caller, record_id: str, path: str) -> None:
    method = ROUTES[path].methods[0]
    where, _, query = at(path, record_id).partition("?")
    good = {"headers": JSON | OWN}
    for wrong in (
        f"{where}/",
        f"{where}%00",
        f"{where}%2f",
        f"{where};a",
        f"{where}%20",
    ):
        answer = service.call(method, f"{wrong}?{query}", **good)
        assert_refused(answer, 404)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_hears_no_body(service: Caller, record_id: str, path: str) -> None:
    body = json.dumps(GOOD["/score"].body).encode()
    answer = service.call("GET", at(path, record_id), content=body, headers=JSON)
    assert answer.status_code == GOOD[path].answer
    about_a_record = "{id}" in GOOD[path].where  # where the administrator sees it
    assert about_a_record or IDENTITY_NUMBER not in answer.text


BAD_IDS = (
    "1", "0", "-1", "null", "...", "%2e%2e", "..%2f..%2frecords.db", "%00", "%ff", "%ed%a0%80",
    "*", "%25", "_", "' OR 1=1 --", "$", "{id}", "01A21A7E-9DDA-7A37-AF06-C5E0403BA6E6",
    "００００００００-0000-7000-8000-000000000000", "00000000-0000-7000-8000-000000000000",
    "a" * 3_000,
)  # fmt: skip


@pytest.mark.parametrize("bad", BAD_IDS)
@pytest.mark.parametrize("path", [RECORD, RECEIPT, OVERRIDE, REVIEW])
def test_what_is_no_record_is_not_found(
    service: Caller, said: list[str], path: str, bad: str
) -> None:
    where = path.format(id=bad)
    post = "POST" in ROUTES[path].methods
    answer = service.post(where, GOOD[path].body) if post else service.get(where)
    said.append(answer.text)
    assert_refused(answer, 404)


def test_an_id_is_found_as_it_is_written_only(service: Caller, record_id: str) -> None:
    wide = "".join(chr(ord(c) + 0xFEE0) if c.isdigit() else c for c in record_id)
    for other in (record_id.upper(), f"{record_id} ", f"%20{record_id}", f"{{{record_id}}}", wide):
        assert_refused(service.get(RECORD.format(id=other)), 404)
    assert service.get(RECORD.format(id=record_id)).status_code == 200


BAD_QUERIES = {
    "nothing": "",
    "no value": "project_id=",
    "no name": "=P1",
    "only another": "kind=score",
    "twice": "project_id=P1&project_id=P2",
    "twice the same": "project_id=P1&project_id=P1",
    "a field too many": "project_id=P1&department=D2",
    "a name in capitals": "Project_Id=P1",
    "a list": "project_id[]=P1",
    "NUL": "project_id=%00",
    "NUL in a name": "project_id=P1&%00=1",
    "not UTF-8": "project_id=%ff",
    "half a character": "project_id=%ed%a0%80",
    "half a character in a name": "project_id=P1&%ed%a0%80=1",
    "a kind that is none": "project_id=P1&kind=%00",
    "no kind": "project_id=P1&kind=",
    "a kind in capitals": "project_id=P1&kind=SCORE",
    "a kind and more": "project_id=P1&kind=score%0a",
    "no place": "project_id=P1&after=",
    "a place in words": "project_id=P1&after=last",
    "a place before all": "project_id=P1&after=-2",
    "a place with a sign": "project_id=P1&after=%2b1",
    "a place in full width digits": "project_id=P1&after=%EF%BC%91",
    "half a place": "project_id=P1&after=1.5",
    "a place of 19 digits": "project_id=P1&after=9999999999999999999",
    "true": "project_id=P1&after=true",
    "two places": "project_id=P1&after=1&after=2",
    "many fields": "&".join(f"a{n}=1" for n in range(2_000)),
    "an identity number": f"project_id=P1&{IDENTITY_NUMBER}={IDENTITY_NUMBER}x",
}


@pytest.mark.parametrize("name", BAD_QUERIES)
def test_a_query_that_means_nothing_is_refused(service: Caller, said: list[str], name: str) -> None:
    answer = service.get(f"{RECORDS}?{BAD_QUERIES[name]}")
    if name != "an identity number":  # a name is shown so that it can be found
        said.append(answer.text)
    assert_refused(answer, 422)
    assert answer.json()["error"]["details"]


@pytest.mark.parametrize(
    "query", ["project_id=P1", "project_id=P1&kind=score&after=0", "project_id=%E9%81%93"]
)
def test_control_a_query_is_answered(service: Caller, query: str) -> None:
    assert service.get(f"{RECORDS}?{query}").status_code == 200


@pytest.mark.parametrize(
    "asked_for", ["bytes=0-3", "bytes=abc", "bytes=999999-", "bytes=5-1", "bytes=0-1,3-4", "x=1"]
)
def test_a_file_is_given_whole(service: Caller, asked_for: str) -> None:
    whole = service.get(f"{STATIC}/page.css")
    answer = service.get(f"{STATIC}/page.css", range=asked_for)
    assert (answer.status_code, answer.content) == (200, whole.content)
    assert answer.headers["accept-ranges"] == "none"


HOSTS = ("evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "0.0.0.0",  # noqa: S104
         "user@localhost", "localhost@evil.example", "[::1", "10.0.0.1", "", " ", "localhost evil",
         "ｌｏｃａｌｈｏｓｔ")  # fmt: skip


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("path", ROUTES)
def test_under_another_name_nobody_is_an_administrator(
    service: Caller, record_id: str, path: str, host: str
) -> None:
    method = ROUTES[path].methods[0]
    headers = JSON | {"host": host.encode()}
    answer = service.call(method, at(path, record_id), headers=headers)
    if path == "/livez":
        assert answer.status_code == 200
    elif path == SIGN_IN:
        assert answer.status_code == 403, "not from a page of this service"
    else:
        assert_refused(answer, 401)


@pytest.mark.parametrize("key", ["", " ", "a b", "键", "a" * 129, "a\tb", "\x7f"])
@pytest.mark.parametrize("path", [path for path, route in ROUTES.items() if route.once])
def test_an_idempotency_key_that_is_none_is_refused(
    service: Caller, record_id: str, path: str, key: str
) -> None:
    headers = [("content-type", "application/json"), ("idempotency-key", key.encode())]
    body = json.dumps(GOOD[path].body).encode()
    assert_refused(service.call("POST", at(path, record_id), content=body, headers=headers), 422)
    twice = [("content-type", "application/json")] + [("idempotency-key", "a")] * 2
    assert_refused(service.call("POST", at(path, record_id), content=body, headers=twice), 422)
