"""The pages of reviews in a browser: by mouse and keyboard, without scripts, on paper."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from models.registry import Registry, Release
from models.review.round import KeptRound
from serving.page.words import page_words
from serving.records.record_log import RecordLog
from serving.review.round_records import case_said
from tests.reviews import found, judged, made_round
from tests.serving.browser.conftest import Site, Watched
from tests.serving.browser.test_audit_pages import accessible
from tests.serving.browser.test_browser import A4_WIDTH, CUT_OFF, LANGUAGES, sign_in
from tests.serving.conftest import tiny_project
from training.review.agreement_report import Heard, agreement_report

EVERYTHING = CUT_OFF.replace("article *", "main *")
CASES = 4
ROUNDS = iter(range(100))


@pytest.fixture
def kept(home: Path, release: Release, records: RecordLog) -> Iterator[KeptRound]:
    """A round of its own for each test, which another expert has judged."""
    documents = [tiny_project(20 + number) for number in range(CASES)]
    made = made_round(
        Registry(home, "tiny").folder,
        release,
        documents,
        records,
        {"policy": "none", "area": 2400.0},
        comparison=f"sha256:{next(ROUNDS):012x}{'0' * 52}",
    )
    judged(made, records, "k-other", lambda n: {"necessity": 40.0 + 9 * n, "importance": 55.0}, 3)
    yield made
    for file in made.path.iterdir():
        file.unlink()
    made.path.rmdir()


def fill(page: Any, words: Any, lang: str) -> None:
    """The form of a judgement, by its labels."""
    form = page.locator(".judge form")
    form.get_by_label("必要性" if lang == "zh" else "Necessity").fill("72")
    form.get_by_label("重要性" if lang == "zh" else "Importance").fill("58.5")
    form.get_by_label(words["review_low"]).fill("200,000")
    form.get_by_label(words["review_high"]).fill("320,000")
    form.get_by_label(words["review_comment_optional"]).fill("依据充分")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_expert_judges_compares_and_opens_a_finding(
    watched: Watched, site: Site, kept: KeptRound, axe: str, lang: str
) -> None:
    page, words = watched.page, page_words(lang)
    sign_in(watched, site, "expert", lang)
    page.get_by_role("link", name=words["nav_review"], exact=True).click()
    accessible(watched, axe, lang)
    page.get_by_role("link", name=words["review_next"]).first.click()
    accessible(watched, axe, lang)
    assert page.locator(".side-by-side").count() == 0
    fill(page, words, lang)
    page.get_by_role("button", name=words["review_send_judgement"]).click()
    page.wait_for_selector(".side-by-side")
    accessible(watched, axe, lang)
    assert words["model_champion"] not in page.text_content(".side-by-side")
    for stance in page.locator(".stance").all():
        stance.get_by_label(words["stance_too_low"]).check()
    page.get_by_role("button", name=words["review_send_opinion"]).click()
    page.wait_for_selector(f"text={words['review_others']}")
    assert words["model_champion"] in page.text_content(".side-by-side")
    accessible(watched, axe, lang)
    page.get_by_role("link", name=words["review_finding_new"]).click()
    form = page.locator("#open form")
    subject = form.get_by_label(words["review_finding_subject"])
    assert subject.input_value() == kept.round.cases[0].id
    form.get_by_label(words["review_finding_severity"]).select_option("major")
    form.get_by_label(words["review_finding_owner"]).fill("李明")
    form.get_by_label(words["review_finding_due"]).fill("2999-12-31")
    form.get_by_label(words["review_finding_text"]).fill("道路项目必要性偏高")
    form.get_by_role("button", name=words["review_finding_new"]).click()
    page.wait_for_selector(".finding")
    assert "道路项目必要性偏高" in page.text_content(".finding")
    accessible(watched, axe, lang)
    assert watched.elsewhere == []
    assert watched.errors == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_by_keyboard_alone_and_without_scripts(
    chromium: Any, site: Site, kept: KeptRound, records: RecordLog, lang: str
) -> None:
    context = chromium.new_context(java_script_enabled=False)
    tab = Watched(context.new_page())
    sign_in(tab, site, "expert", lang)
    page = tab.page
    case = kept.round.cases[1].id
    page.goto(f"{site.address}/review/cases/{case}?lang={lang}")
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.locator(":focus").get_attribute("name") == "score_necessity":
            break
    for text in ("72", "58.5", "", "250000", "", "看过"):
        page.keyboard.type(text)
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector(".side-by-side")
    said = case_said(records, kept.round).judgement_forms()
    mine = [form for (of, who), form in said.items() if of == case and who != "k-other"]
    assert [form.scores for form in mine] == [{"necessity": 72.0, "importance": 58.5}]
    assert mine[0].amounts["cost"].mid == 250_000
    page.go_back()
    assert page.locator(".judge").count() == 0, "what was sent cannot be sent again"
    context.close()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_is_wrong_stands_at_its_field_with_what_was_typed(
    watched: Watched, site: Site, kept: KeptRound, axe: str, lang: str
) -> None:
    page, words = watched.page, page_words(lang)
    sign_in(watched, site, "expert", lang)
    page.goto(f"{site.address}/review/cases/{kept.round.cases[2].id}?lang={lang}")
    fill(page, words, lang)
    page.locator("[name=low_cost]").fill("900000")
    page.get_by_role("button", name=words["review_send_judgement"]).click()
    page.wait_for_selector("[role=alert]")
    assert page.locator("[aria-invalid=true]").get_attribute("name") == "low_cost"
    assert words["review_wrong_order"] in page.text_content(".judge")
    assert page.locator("[name=score_necessity]").input_value() == "72"
    accessible(watched, axe, lang)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_report_and_findings_on_screen_on_paper_and_small(
    watched: Watched,
    site: Site,
    kept: KeptRound,
    records: RecordLog,
    release: Release,
    axe: str,
    lang: str,
) -> None:
    said = case_said(records, kept.round)
    heard = Heard(said.judgement_forms(), {}, 1, (), 1, records.head().size)
    agreement_report(kept, heard, release.model.catalogue, 2).save(kept.path)
    finding = found(records, kept, "k-other", due="2020-01-31", severity="critical")
    sign_in(watched, site, "auditor", lang)
    page, words = watched.page, page_words(lang)
    case = kept.round.cases[0].id
    paths = (f"/review/reports/{kept.round.name}", "/review/findings", f"/review/cases/{case}")
    for path in (*paths, "/review"):
        page.set_viewport_size({"width": 1100, "height": 900})
        page.goto(f"{site.address}{path}?lang={lang}")
        accessible(watched, axe, lang)
        page.set_viewport_size({"width": A4_WIDTH, "height": 1000})
        page.emulate_media(media="print")
        assert page.evaluate(EVERYTHING, A4_WIDTH) == [], path
        assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")
        page.emulate_media(media="screen")
        page.set_viewport_size({"width": 390, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
    page.goto(f"{site.address}/review/findings?lang={lang}")
    assert words["review_finding_overdue"] in page.text_content(f"#f-{finding}")
    assert (watched.elsewhere, watched.errors) == ([], [])
