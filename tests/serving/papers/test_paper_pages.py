"""The papers about the model in service, as pages and JSON: for whom, and from which records."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from anyio.from_thread import BlockingPortal

from models.papers.shown import said
from models.registry import Release
from models.releases import FILE as RELEASES
from serving.access.access import Access
from serving.assembly import around
from serving.questions import questions
from serving.records.record import Record
from serving.records.record_log import RecordLog
from serving.routes import ALGORITHM_RECORD, DATA_SHEET, MODEL
from serving.settings import Limits
from serving.wording.words import LANGUAGES
from tests.serving.access.conftest import Keyed, keyed  # noqa: F401 - a fixture
from tests.serving.conftest import Caller
from tests.serving.papers.worth import WORTH

PATHS = (MODEL, DATA_SHEET, ALGORITHM_RECORD)
ANSWERING = {"expert", "trainer", "auditor", "admin"}


def release_record(
    catalogue: str, before: int | None, after: int, *, reviewed: bool = False
) -> Record:
    named = [
        None if number is None else {"version": number, "digest": f"sha256:{number}", "run": ""}
        for number in (before, after)
    ]
    asked = {"role": "command_line", "way": "lingji promote"}
    content = {"catalogue": catalogue, "before": named[0], "after": named[1], "asked": asked}
    content["reviewed"] = reviewed
    return Record("release", "os:somebody", content)


@pytest.fixture
def log(tmp_path: Path) -> Iterator[RecordLog]:
    with RecordLog.open(f"sqlite:///{tmp_path / 'records.db'}") as log:
        for catalogue, before, after in [("tiny", None, 1), ("other", None, 7), ("tiny", 1, 2)]:
            log.append(release_record(catalogue, before, after)).result()
        yield log


@pytest.fixture
def measured(release: Release) -> Release:
    return replace(release, model=replace(release.model, evaluated=WORTH))


@pytest.fixture
def service(
    measured: Release, log: RecordLog, access: Access, portal: BlockingPortal, home: Path
) -> Caller:
    return Caller(around(questions, measured, Limits(), access, log, home), portal)


def section(paper: dict[str, Any], name: str) -> dict[str, Any]:
    return next(each for each in paper["sections"] if each["name"] == name)


def test_the_card_is_of_the_version_in_service(service: Caller, measured: Release) -> None:
    card = service.get(MODEL).json()
    assert card["model"]["digest"] == measured.version.digest
    assert card["model"]["in_service"] is True
    entries = {entry["name"]: entry for entry in section(card, "which")["entries"]}
    assert entries["learned_projects"]["value"] == measured.model.facts.rows
    assert entries["tested_projects"]["value"] == 412
    assert entries["review"]["value"] is False


def test_releases_are_those_of_this_catalogue_the_newest_first(
    service: Caller, log: RecordLog
) -> None:
    card = service.get(MODEL).json()
    (table,) = section(card, "logged")["tables"]
    after = [row["cells"]["version_after"]["value"] for row in table["rows"]]
    assert after == [2, 1]
    assert "somebody" not in str(card)
    for row in table["rows"]:
        place = next(s["place"] for s in card["sources"] if s["name"] == row["name"])
        stored = log.record(place.removeprefix("record/"))
        assert stored is not None
        assert stored.content()["content"]["after"]["version"] in after


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("reviewed", [True, False])
def test_the_card_and_the_page_say_whether_it_was_reviewed(
    release: Release,
    log: RecordLog,
    access: Access,
    portal: BlockingPortal,
    home: Path,
    lang: str,
    reviewed: bool,
) -> None:
    log.append(release_record("tiny", 2, 3, reviewed=reviewed)).result()
    served = replace(release, reviewed=reviewed)
    service = Caller(around(questions, served, Limits(), access, log, home), portal)
    card = service.get(MODEL).json()
    assert card["model"]["reviewed"] is reviewed
    rows = section(card, "logged")["tables"][0]["rows"]
    assert [row["cells"]["review"]["value"] for row in rows] == [reviewed, False, False]
    page = service.get(f"{MODEL}?lang={lang}", accept="text/html").text.partition("<h1")[2]
    words = [said(f"reviewed_{each}").of(lang) for each in ("yes", "no")]
    assert [page.count(each) for each in words] == ([2, 2] if reviewed else [0, 4])


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_shows_the_numbers_of_the_card(
    service: Caller, measured: Release, lang: str
) -> None:
    page = service.get(f"{MODEL}?lang={lang}", accept="text/html").text
    for shown in ("81.0%", "60.0%", "74.5% – 85.0%", "0.1200", "1.105", measured.version.digest):
        assert shown in page, shown
    assert page.count(said("inside").of(lang)) >= 2
    assert said("outside").of(lang) in page
    assert not re.search(r"\bnan\b|None", page)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_control_without_an_evaluation_the_page_has_no_number_of_it(
    release: Release, log: RecordLog, access: Access, portal: BlockingPortal, home: Path, lang: str
) -> None:
    service = Caller(around(questions, release, Limits(), access, log, home), portal)
    page = service.get(f"{MODEL}?lang={lang}", accept="text/html").text
    assert said("not_evaluated").of(lang) in page
    assert "81.0%" not in page


@pytest.mark.parametrize("path", PATHS)
def test_the_papers_lead_to_one_another(service: Caller, path: str) -> None:
    page = service.get(f"{path}?lang=en", accept="text/html").text
    others = {other for other in PATHS if other != path}
    assert all(f"{other.removeprefix('/')}?lang=en" in page for other in others)


def test_people_are_named_to_those_who_answer_for_the_model(keyed: Keyed) -> None:  # noqa: F811
    for grant in ("platform", "department:D1", *sorted(ANSWERING)):
        assert keyed.call(grant, "GET", MODEL).status_code == 200
        for path in (DATA_SHEET, ALGORITHM_RECORD):
            expected = 200 if grant in ANSWERING else 403
            assert keyed.call(grant, "GET", path).status_code == expected, grant
    assert keyed.service.get(MODEL).status_code == 401


def test_a_department_is_not_led_where_it_may_not_go(keyed: Keyed) -> None:  # noqa: F811
    for grant, links in (("department:D1", 0), ("auditor", 1)):
        page = keyed.call(grant, "GET", MODEL, headers={"accept": "text/html"}).text
        assert page.count('href="model/data_sheet') == links


def test_a_list_of_releases_that_was_altered_is_refused(
    measured: Release, log: RecordLog, access: Access, portal: BlockingPortal, tmp_path: Path
) -> None:
    folder = tmp_path / "models" / "tiny"
    folder.mkdir(parents=True)
    (folder / RELEASES).write_text("{}", encoding="utf-8")
    service = Caller(around(questions, measured, Limits(), access, log, tmp_path), portal)
    answer = service.get(MODEL)
    assert answer.status_code == 503
    assert answer.json()["error"]["code"] == "no_papers"
    assert str(tmp_path) not in answer.text
