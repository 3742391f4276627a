"""Why people may overrule: a bureau's own list, kept in records with its words of the day."""

from __future__ import annotations

from pathlib import Path

import pytest
from anyio.from_thread import BlockingPortal

from models.registry import Release
from serving.access.access import Access
from serving.assembly import around, reasons_of
from serving.errors import ServiceError
from serving.override_reasons import override_reasons, shipped_reasons
from serving.questions import questions
from serving.records.database import AUDITOR
from serving.records.record_log import RecordLog
from serving.settings import Limits, ServiceSettings
from tests.serving.conftest import Caller, tiny_project
from tests.serving.test_bad_requests import assert_refused

OWN = """
reasons:
  - {code: site_visit, label: {zh: 现场踏勘结论, en: found on site}}
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    file = tmp_path / "reasons.yaml"
    file.write_text(OWN, encoding="utf-8")
    return file


def test_without_a_list_of_its_own_a_service_has_the_shipped_one() -> None:
    assert reasons_of(ServiceSettings()) == shipped_reasons()
    assert len(shipped_reasons().reasons) == 6


def test_a_bureaus_own_list_is_what_may_be_given_and_what_is_documented(
    own: Path, tmp_path: Path, release: Release, access: Access, portal: BlockingPortal
) -> None:
    reasons = reasons_of(ServiceSettings(reasons=own))
    with RecordLog.open(f"sqlite:///{tmp_path / 'records.db'}") as log:
        app = around(questions, release, Limits(), access, log, reasons=reasons)
        service = Caller(app, portal)
        scored = service.post("/score", {"project": tiny_project()}).json()["record_id"]
        act = {"reason": "site_visit", "comment": "量过了", "values": {"grade": "A"}}
        path = f"/record/{scored}/override"
        assert service.post(path, act).status_code == 200
        shipped = service.post(path, act | {"reason": "facts_wrong"})
        assert_refused(shipped, 422)
        assert shipped.json()["error"]["details"][0]["expected"] == "one of site_visit"
        (kept,) = log.records(AUDITOR, kind="override")
        content = kept.content()["content"]
        assert content["reason"] == "site_visit"
        assert content["reason_words"] == {"zh": "现场踏勘结论", "en": "found on site"}
        document = service.get("/openapi.json").json()["paths"]["/record/{id}/override"]
        body = document["post"]["requestBody"]["content"]["application/json"]["schema"]
        assert body["properties"]["reason"] == {"enum": ["site_visit"]}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("reasons: []", "reasons: Tuple should have at least 1 item"),
        (OWN + OWN.split("\n")[2], "each code once; got site_visit again"),
        (OWN.replace("site_visit", "踏勘"), "reasons.0.code: String should match"),
        (OWN.replace(", en: found on site", ""), "reasons.0.label.en: Field required"),
        (OWN + "more: 1", "more: Extra inputs are not permitted"),
        ("a: [", "expected reasons of overrides in"),
        ("", "file: Input should be"),
    ],
)
def test_what_is_no_such_list_is_refused(own: Path, text: str, said: str) -> None:
    own.write_text(text, encoding="utf-8")
    with pytest.raises(ServiceError) as found:
        override_reasons(own)
    assert said in str(found.value)


def test_control_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ServiceError, match=r"none\.yaml"):
        override_reasons(tmp_path / "none.yaml")
