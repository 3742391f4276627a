"""Findings in a browser: from the list to the record, handled by keyboard, without scripts."""

from __future__ import annotations

from typing import Any

import pytest

from serving.page.words import page_words
from serving.wording.words import LANGUAGES
from tests.serving.browser.conftest import Site, Watched
from tests.serving.browser.test_browser import A4_WIDTH, AXE, sign_in, sound
from tests.serving.conftest import tiny_project

NUMBERS = {"zh": 71, "en": 72}


def scored(tab: Watched, site: Site, number: int, path: str = "/score") -> str:
    """The id of the record of a project's score, or check, of which much is found."""
    lines = [{"task": "gravel", "amount": 100000.0}, {"task": "sand", "amount": 90000.0}]
    key = {"Authorization": f"Bearer {site.keys['platform']}"}
    project = tiny_project(number, policy="none", lines=lines, people=number)
    asked = tab.page.request.post(f"{site.address}{path}", data={"project": project}, headers=key)
    return str(asked.json()["record_id"])


def looks_right(tab: Watched, axe: str, lang: str) -> None:
    """Assert that a page is accessible, and fits narrow and wide screens and paper."""
    page = tab.page
    sound(tab, lang)
    page.evaluate(axe)
    assert page.evaluate(AXE) == []
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.emulate_media(media="print")
    page.set_viewport_size({"width": A4_WIDTH, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= A4_WIDTH
    page.emulate_media(media="screen")
    page.set_viewport_size({"width": 1100, "height": 900})


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_finding_is_followed_from_the_list_to_its_record_and_handled(
    watched: Watched, site: Site, axe: str, lang: str
) -> None:
    page, words = watched.page, page_words(lang)
    project = f"P{NUMBERS[lang]:04}"
    record = scored(watched, site, NUMBERS[lang])
    sign_in(watched, site, "expert", lang)
    page.get_by_role("link", name=words["nav_check_findings"], exact=True).click()
    page.wait_for_url("**/findings?*")
    assert page.get_by_role("heading", level=1).text_content() == words["findings_title"]
    looks_right(watched, axe, lang)
    page.get_by_label(words["findings_words"]).fill(project)
    page.get_by_label(words["severity"], exact=True).select_option("block")
    page.get_by_role("button", name=words["apply_filters"]).click()
    page.wait_for_url("**severity=block**")
    row = page.locator("table.findings-list tbody tr")
    assert row.count() == 1
    row.get_by_role("link", name=project).click()
    page.wait_for_url(f"**/record/{record}?lang={lang}#handling")
    handle(page, words, "normal", "查阅了批复文件")
    assert page.locator("#handling .state-normal").first.text_content() == words["state_normal"]
    assert "查阅了批复文件" in page.text_content("#handling")
    looks_right(watched, axe, lang)
    assert page.locator("#handling").get_by_text("NO-GRAVEL").first.is_visible()
    page.goto(f"{site.address}/findings?lang={lang}&words={project}&state=normal")
    assert page.locator("table.findings-list tbody tr").count() == 1
    assert (watched.elsewhere, watched.errors) == ([], [])


def handle(page: Any, words: Any, state: str, comment: str) -> None:
    """Say something of the first finding of a record's page, by the keyboard alone."""
    page.locator("#handling summary").first.focus()
    page.keyboard.press("Enter")
    form = page.locator("#handling details[open] form").first
    page.keyboard.press("Tab")
    form.locator("select").select_option(state)
    page.keyboard.press("Tab")
    page.keyboard.insert_text(comment)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == words["handling_send"]
    page.keyboard.press("Enter")
    page.wait_for_selector("#handling .comment")


def test_without_scripts_and_without_a_comment(chromium: Any, site: Site) -> None:
    context = chromium.new_context(java_script_enabled=False)
    tab = Watched(context.new_page())
    record = scored(tab, site, 73)
    sign_in(tab, site, "admin", "zh")
    tab.page.goto(f"{site.address}/record/{record}?lang=zh")
    tab.page.locator("#handling summary").first.click()
    form = tab.page.locator("#handling details[open] form").first
    form.get_by_role("button").click()
    assert tab.page.url.endswith(f"/record/{record}?lang=zh"), "the browser asks for a comment"
    form.locator("textarea").fill("无脚本提交")
    form.locator("select").select_option("violation")
    form.get_by_role("button").click()
    tab.page.wait_for_url("**#handling")
    assert "无脚本提交" in tab.page.text_content("#handling")
    context.close()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_recorded_check_is_a_page_and_a_department_reads_it_only(
    watched: Watched, site: Site, axe: str, lang: str
) -> None:
    page, words = watched.page, page_words(lang)
    record = scored(watched, site, 74, "/check")
    sign_in(watched, site, "department:D1", lang)
    page.goto(f"{site.address}/findings?lang={lang}&of=check&words=P0074")
    page.locator("table.findings-list tbody a").first.click()
    page.wait_for_url(f"**/record/{record}**")
    assert words["check_not_admitted"] in page.text_content("article.check")
    assert page.locator("#handling .finding").count() == 4
    assert page.locator("#handling form").count() == 0
    looks_right(watched, axe, lang)
    assert (watched.elsewhere, watched.errors) == ([], [])
