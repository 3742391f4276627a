"""The card of the model in service: every number is the version's own, and the page says it too."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from anyio.from_thread import BlockingPortal
from serving.model_card import model_card

from models.evaluated import Evaluated
from models.registry import Release
from serving.access.access import Access
from serving.assembly import around
from serving.page.words import page_words
from serving.questions import questions
from serving.records.record import Record
from serving.records.record_log import RecordLog
from serving.settings import Limits
from serving.wording.words import LANGUAGES
from tests.serving.access.conftest import Keyed, keyed  # noqa: F401 - a fixture
from tests.serving.conftest import Caller

SCORE = {"n": 400.0, "mae": 4.0, "mae_se": 0.5, "spearman": 0.8, "r2": 0.6}
RANGES = {"ranges": 400.0, "coverage": 0.81, "band_low": 0.745, "band_high": 0.85, "in_band": 1.0}
NARROW = {**RANGES, "ranges": 120.0, "coverage": 0.6, "in_band": 0.0}
COST = {"n": 400.0, "mean_abs_log_error": 0.1, "mean_abs_log_error_se": 0.01, **RANGES}
RISK = {"n": 400.0, "brier": 0.12, "brier_se": 0.001, "auc": 0.79, "brier_constant": 0.18}
HEADS = {"necessity": SCORE, "importance": SCORE, "cost": COST, "late": RISK}
WORTH = Evaluated(
    rounds=(2024, 2025),
    projects=412,
    heads=HEADS,
    groups={"cost": {"type=road": {**COST, **NARROW}, "type=service": COST}},
    swaps={"declarer": dict.fromkeys(HEADS, 0.0), "last_budget": dict.fromkeys(HEADS, 9.0)},
    climbs={"necessity": 12.5},
)


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


def test_the_card_says_what_the_version_holds(measured: Release, log: RecordLog) -> None:
    card, facts = model_card(measured, log), measured.model.facts
    assert card["model"]["digest"] == measured.version.digest
    assert card["model"]["catalogue_digest"] == f"sha256:{measured.model.catalogue.digest}"
    assert card["learned_from"]["rounds"] == list(facts.years)
    assert card["learned_from"]["projects"] == facts.rows
    assert card["learned_from"]["simulated"] is facts.simulated
    assert card["evaluated_on"] == {"rounds": [2024, 2025], "projects": 412}
    assert card["reviewed_by_experts"] is False
    heads = {head["name"]: head for head in card["heads"]}
    assert heads["necessity"]["metrics"]["interval"] == pytest.approx([3.02, 4.98])
    road, service = heads["cost"]["groups"]
    assert (road["group"], road["all"]["coverage"]) == ("type=road", 0.6)
    assert service["label"]["en"].lower().endswith("service")


def test_releases_are_those_of_this_catalogue_the_newest_first(
    measured: Release, log: RecordLog
) -> None:
    releases = model_card(measured, log)["releases"]
    assert [(each["before"], each["after"]["version"]) for each in releases] == [
        ({"version": 1, "digest": "sha256:1", "run": ""}, 2),
        (None, 1),
    ]
    assert "somebody" not in str(releases)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("reviewed", [True, False])
def test_the_card_and_the_page_say_whether_it_was_reviewed(
    release: Release,
    log: RecordLog,
    access: Access,
    portal: BlockingPortal,
    lang: str,
    reviewed: bool,
) -> None:
    log.append(release_record("tiny", 2, 3, reviewed=reviewed)).result()
    served = replace(release, reviewed=reviewed)
    service = Caller(around(questions, served, Limits(), access, log), portal)
    card = service.get("/model").json()
    assert card["reviewed_by_experts"] is card["model"]["reviewed"] is reviewed
    assert [each["reviewed"] for each in card["releases"]] == [reviewed, False, False]
    page, words = service.get(f"/model?lang={lang}", accept="text/html").text, page_words(lang)
    assert (words["model_is_reviewed"] in page) is reviewed
    assert (words["model_not_reviewed"] in page) is not reviewed
    assert page.count(f"<td>{words['audit_reviewed']}</td>") == reviewed


def test_without_an_evaluation_the_card_says_so(release: Release, log: RecordLog) -> None:
    card = model_card(release, log)
    assert card["evaluated_on"] is None
    assert [head["metrics"] for head in card["heads"]] == [None] * 4


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_shows_the_numbers_of_the_card(
    measured: Release, log: RecordLog, access: Access, portal: BlockingPortal, lang: str
) -> None:
    service = Caller(around(questions, measured, Limits(), access, log), portal)
    page = service.get(f"/model?lang={lang}", accept="text/html").text
    words = page_words(lang)
    for said in ("81.0%", "60.0%", "74.5% – 85.0%", words["model_outside"], "0.1200", "1.105"):
        assert said in page, said
    assert page.count(words["model_inside"]) >= 2
    assert words["model_not_reviewed"] in page
    assert measured.version.digest in page
    assert "None" not in page
    assert not re.search(r"\bnan\b", page)
    assert service.get("/model").json()["evaluated_on"]["projects"] == 412


@pytest.mark.parametrize("lang", LANGUAGES)
def test_control_without_an_evaluation_the_page_has_no_number_of_it(
    release: Release, log: RecordLog, access: Access, portal: BlockingPortal, lang: str
) -> None:
    service = Caller(around(questions, release, Limits(), access, log), portal)
    page = service.get(f"/model?lang={lang}", accept="text/html").text
    assert page_words(lang)["model_not_evaluated"] in page
    assert "81.0%" not in page


def test_everyone_who_may_sign_in_may_read_it(keyed: Keyed) -> None:  # noqa: F811
    for grant in ("platform", "department:D1", "expert", "trainer", "auditor", "admin"):
        assert keyed.call(grant, "GET", "/model").status_code == 200
    assert keyed.service.get("/model").status_code == 401
