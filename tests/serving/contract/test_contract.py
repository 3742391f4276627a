"""The service against its own OpenAPI document: what that describes is asked in every way, and
no answer is one that it does not describe.

50 cases of each call are made up, and those at the bounds of every field are added. With
`--hypothesis-profile thorough` there are 1,000.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from anyio.from_thread import BlockingPortal
from hypothesis import settings
from schemathesis.checks import CheckContext, not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.core.transport import Response
from schemathesis.specs.openapi.checks import (
    allow_header_conformance,
    content_type_conformance,
    negative_data_rejection,
    positive_data_acceptance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from features.catalogue import load_catalogue
from models.approval import Approval
from models.people import now
from models.release import releasing
from models.trial import try_bundle
from serving.openapi.document import openapi_document
from serving.override_reasons import shipped_reasons
from serving.recording.once import HEADER
from serving.routes import APPROVE, PROMOTE, RELEASE, RELEASES, RESUME, ROLLBACK, STATEMENT, STOP
from serving.settings import Limits
from tests.releases import Waiting
from tests.serving.access.conftest import GRANTS, keyed_service
from tests.serving.conftest import CATALOGUE, tiny_project
from tests.serving.contract.conftest import Contract, started_already
from tests.serving.review.conftest import JUDGEMENT

DOCUMENT = openapi_document(load_catalogue(CATALOGUE), Limits(), shipped_reasons())
THOROUGH = settings.get_current_profile_name() == "thorough"
GENERATION = {
    "max-examples": 1_000 if THOROUGH else 50,
    "deterministic": True,
    "database": "none",
    "with-security-parameters": False,  # the callers are chosen below
}
CALLS = schemathesis.openapi.from_dict(
    DOCUMENT, config=schemathesis.Config.from_dict({"generation": GENERATION})
)
OTHERS = [None, *(grant for grant in GRANTS if grant != "admin")]
OF_HTTP = {"content-type", "content-length", "connection"}


def described(case: schemathesis.Case, status: int) -> dict[str, Any]:
    """What the document says of an answer to a case."""
    operation = DOCUMENT["paths"][case.path][case.operation.method.lower()]
    found: dict[str, Any] = operation["responses"][str(status)]
    return DOCUMENT["components"]["responses"][str(status)] if "$ref" in found else found


def no_other_header(ctx: CheckContext, response: Response, case: schemathesis.Case) -> None:
    """Every header of an answer is one that the document names."""
    if case.method != case.operation.method.upper():
        return  # a method that the document does not have
    named = {name.lower() for name in described(case, response.status_code)["headers"]}
    assert response.headers.keys() - OF_HTTP <= named


UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
OF_ANSWERS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    no_other_header,
    response_schema_conformance,
]
CHECKS = [
    *OF_ANSWERS,
    negative_data_rejection,
    positive_data_acceptance,
    unsupported_method,
    allow_header_conformance,
]


REVIEW_FORM = {
    **JUDGEMENT,
    **{f"stance_{n}_{h}": "agree" for n in (1, 2) for h in ("necessity", "importance")},
    **{f"stance_{n}_{h}": "too_low" for n in (1, 2) for h in ("cost", "late")},
    "subject": f"2-{'d' * 12}",
    "severity": "minor",
    "owner": "Li",
    "due": "2999-12-31",
    "text": "权重偏高",
    "evidence": "tests/test_grade.py",
    "reason": "依据看漏了",
}
"""A form that every route of reviews takes."""


def checked(case: schemathesis.Case, *, stranger: bool = False) -> list[Any]:
    """The checks that say too much of an answer to a case.

    Which cases there are, what day it is and which fields go together, no schema tells.
    """
    spared: list[Any] = []
    if case.path.startswith("/review") and case.operation.method.upper() == "POST":
        spared.append(positive_data_acceptance)
        if case.body == REVIEW_FORM:  # in place of what was made up, which may have been wrong
            spared.append(negative_data_rejection)
    return [*spared, *([unsupported_method] if stranger else [])]


def chance_of(case: schemathesis.Case) -> bytes:
    """Bytes that are the same for the same case, and otherwise as good as random."""
    told = (case.operation.label, case.path_parameters, case.query, dict(case.headers), case.body)
    return sha256(repr(told).encode("utf-8", "surrogatepass")).digest()


def led_to_what_is_there(contract: Contract, case: schemathesis.Case, chance: bytes) -> None:
    """Put an id, a file and a key that the service has in place of one in two made-up ones."""
    if chance[0] >= 128:
        return
    if case.path in contract.reviews:
        known = contract.reviews[case.path]
        case.path_parameters["id"] = known[chance[1] % len(known)]
    elif "id" in case.path_parameters:
        case.path_parameters["id"] = contract.records[chance[1] % len(contract.records)]
    for name, record_id in zip(("a", "b"), contract.records, strict=True):
        if name in case.query:
            case.query[name] = record_id
    for name, there in (("code", "MEETING"), ("version", "1"), ("name", "roads")):
        if name in case.query:
            case.query[name] = there
    if "file" in case.path_parameters:
        case.path_parameters["file"] = ("page.css", "page.js", "icon.svg")[chance[1] % 3]
    if case.path in ("/record/{id}/handling", "/record/{id}/findings") and isinstance(
        case.body, dict
    ):
        case.body |= {"finding": "TNY-01"} if "finding" in case.body else {}
    if case.path.startswith("/review") and case.method == "POST":
        case.body = dict(REVIEW_FORM)
    if case.path == "/duplicates/dismiss" and isinstance(case.body, dict):
        for name, record_id in zip(("first", "second"), contract.records, strict=False):
            if UUID.fullmatch(str(case.body.get(name))):  # what is none stays none
                case.body[name] = record_id
    if case.path == "/sign_in" and isinstance(case.body, dict) and "key" in case.body:
        case.body["key"] = contract.keys["expert"]


@CALLS.parametrize()
def test_every_answer_is_one_that_the_document_describes(
    contract: Contract, case: schemathesis.Case
) -> None:
    chance = chance_of(case)
    led_to_what_is_there(contract, case, chance)
    spared = checked(case)
    case.validate_response(contract.sent(case, "admin"), checks=CHECKS, excluded_checks=spared)
    other = OTHERS[chance[2] % len(OTHERS)]
    answer = contract.sent(case, other, by_session=chance[3] < 64)
    if other is not None:
        case.validate_response(answer, checks=CHECKS, excluded_checks=spared)
        return
    # A stranger does not learn which methods a path has.
    spared = checked(case, stranger=True)
    case.validate_response(answer, checks=CHECKS, excluded_checks=spared)
    if {} not in case.operation.definition.raw.get("security", []):
        assert answer.status_code == 401


@CALLS.include(path=["/score", "/score_batch"]).parametrize()
def test_a_case_sent_twice_under_a_key_is_answered_once(
    contract: Contract, case: schemathesis.Case
) -> None:
    key = chance_of(case).hex()
    first, again = (contract.sent(case, "platform", **{HEADER: key}) for _ in range(2))
    assert first.status_code == again.status_code
    if first.status_code == 200:
        assert first.content == again.content
    case.validate_response(again, checks=OF_ANSWERS)


GOOD: list[tuple[str, dict[str, Any]]] = [
    ("/score", {"project": tiny_project()}),
    ("/score_batch", {"projects": [tiny_project()]}),
    ("/what_if", {"project": tiny_project(), "changes": {}}),
    ("/improvements", {"project": tiny_project()}),
    ("/check", {"project": tiny_project()}),
]


@pytest.mark.parametrize(("path", "body"), [*GOOD, ("/readyz", None)])
def test_that_the_model_is_stopped_is_described(
    contract: Contract, path: str, body: dict[str, Any] | None
) -> None:
    if body is None:
        case = CALLS[path]["GET"].Case()
    else:
        case = CALLS[path]["POST"].Case(body=body, media_type="application/json")
    assert contract.sent(case, "admin").status_code == 200  # control
    answer = replace(contract, app=contract.stopped).sent(case, "admin")
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "model_stopped")
    wanted = [each for each in OF_ANSWERS if each is not not_a_server_error]
    case.validate_response(answer, checks=wanted)


def test_a_release_and_its_end_are_described(
    contract: Contract, tmp_path: Path, portal: BlockingPortal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(releasing, "tried", try_bundle)
    waiting = Waiting.at(tmp_path)
    waiting.review(waiting.challenger().number)
    keyed = keyed_service(tmp_path, waiting.registry.champion_release(), portal, home=tmp_path)
    office = replace(contract, app=started_already(keyed.service.app), keys=keyed.keys)

    def done(method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        given = {} if body is None else {"body": body, "media_type": "application/json"}
        at = {"n": "2"} if "{n}" in path else {}
        case = CALLS[path][method].Case(path_parameters=at, **given)
        answer = office.sent(case, "approver")
        assert answer.status_code == 200, answer.text
        case.validate_response(answer, checks=OF_ANSWERS)
        return answer.json()

    def case() -> Any:
        return done("GET", RELEASE)

    done("GET", RELEASES)
    for name in ("Li", "Wang"):
        given = Approval.parse(json.dumps(done("GET", STATEMENT)).encode(), "statement")
        signed = given.signed_apart(waiting.keys[name], name, now()).model_dump(mode="json")
        done("POST", APPROVE, {"approval": signed})
    assert case()["may_be_released"]
    assert done("POST", PROMOTE, {"statement": case()["statement_digest"]})["version"] == 2
    assert case()["standing"] == "in_service"
    assert done("POST", ROLLBACK, {"releases": 2})["version"] == 1
    done("POST", STOP, {"reason": "looked into"})
    assert done("GET", RELEASES)["stopped"]["reason"] == "looked into"
    done("POST", RESUME, {})
    keyed.store.close()
    keyed.records.close()


def test_it_is_the_document_that_the_service_answers_with(contract: Contract) -> None:
    assert contract.get("/openapi.json").json() == DOCUMENT


@pytest.mark.parametrize(
    ("status", "headers", "body"),
    [
        (500, {}, b'{"error":{"code":"internal","message":"","details":[]}}'),
        (418, {}, b"{}"),
        (422, {}, b'{"error":{"code":"other","message":"","details":[]}}'),
        (422, {}, b'{"detail":[]}'),
        (200, {}, b"{}"),
        (200, {"content-type": "text/plain"}, b"rated"),
        (429, {}, b'{"error":{"code":"ration_used_up","message":"","details":[]}}'),
        (422, {"server": "x"}, b'{"error":{"code":"invalid","message":"","details":[]}}'),
    ],
)
def test_control_an_answer_that_is_not_described_is_seen(
    contract: Contract, status: int, headers: dict[str, str], body: bytes
) -> None:
    case = CALLS["/score"]["POST"].Case(body={"project": {}}, media_type="application/json")
    right = contract.sent(case, "admin")
    given = {**right.headers, "content-type": ["application/json"]}
    given |= {name: [value] for name, value in headers.items()}
    wrong = Response(status, given, body, right.request, 0.0, verify=True)
    with pytest.raises((FailureGroup, AssertionError, KeyError)):
        case.validate_response(wrong, checks=CHECKS)
