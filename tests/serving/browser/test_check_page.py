"""The check before admission in a browser, and what became of findings on a record's page."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest

from serving.page.words import page_words
from tests.serving.browser.conftest import Site, Watched
from tests.serving.browser.test_browser import A4_WIDTH, AXE, CUT_OFF, LEVELS, sign_in
from tests.serving.conftest import tiny_project

LANGUAGES = ("zh", "en")
BARRED = json.dumps(tiny_project(policy="none"), ensure_ascii=False)


def checked(tab: Watched, lang: str, project: str = BARRED) -> None:
    """Check a project on the front page, by the keyboard, and wait for what is said."""
    page, words = tab.page, page_words(lang)
    page.get_by_label(words["form_label"]).fill(project)
    page.get_by_role("button", name=words["check_button"]).focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("article.check")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_project_is_checked_on_the_front_page(
    watched: Watched, site: Site, axe: str, lang: str
) -> None:
    page, words = watched.page, page_words(lang)
    sign_in(watched, site, "department:D1", lang)
    checked(watched, lang)
    text = page.text_content("article.check")
    assert words["check_not_admitted"] in text
    for said in ("TNY-01", "TNY-02", "lines[1]", words["severity_block"]):
        assert said in text
    assert page.locator("article.check tbody tr").count() == 3 + 3
    page.evaluate(axe)
    assert page.evaluate(AXE) == []
    levels = page.evaluate(LEVELS)
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert (watched.elsewhere, watched.errors) == ([], [])


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_check_fits_on_paper(watched: Watched, site: Site, lang: str) -> None:
    page: Any = watched.page
    sign_in(watched, site, "admin", lang)
    checked(watched, lang)
    page.set_viewport_size({"width": A4_WIDTH, "height": 1000})
    page.emulate_media(media="print")
    assert page.evaluate(CUT_OFF, A4_WIDTH) == []
    assert page.locator("article.check").is_visible()


def test_control_another_project_is_admitted(watched: Watched, site: Site) -> None:
    sign_in(watched, site, "platform", "zh")
    checked(watched, "zh", json.dumps(tiny_project(), ensure_ascii=False))
    text = watched.page.text_content("article.check")
    assert page_words("zh")["check_admitted"] in text
    assert page_words("zh")["check_not_admitted"] not in text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_became_of_findings_is_on_the_records_page(
    watched: Watched, site: Site, axe: str, lang: str
) -> None:
    page, words = watched.page, page_words(lang)
    sign_in(watched, site, "admin", lang)
    key = {"Authorization": f"Bearer {site.keys['admin']}"}
    asked = page.request.post(
        f"{site.address}/score", data={"project": tiny_project(5)}, headers=key
    )
    record = asked.json()["record_id"]
    page.request.post(
        f"{site.address}/record/{record}/handling",
        data={"finding": "TNY-01", "state": "violation", "comment": "核实属实"},
        headers=key,
    )
    page.goto(f"{site.address}/record/{record}?lang={lang}")
    text = page.text_content("main")
    for said in (words["state_violation"], words["state_suspected"], "核实属实"):
        assert said in text
    page.evaluate(axe)
    assert page.evaluate(AXE) == []
