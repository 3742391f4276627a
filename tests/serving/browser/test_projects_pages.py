"""The list of projects, strengths and weaknesses, and a record's page, in a browser."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import openpyxl
import pytest

from models.registry import Release
from serving.appraisal import appraised
from serving.asker import Asker
from serving.page.frame import PAGES
from serving.page.words import page_words
from serving.recording.recorded_answer import recorded_answer
from serving.records.record_log import RecordLog
from tests.serving.browser.conftest import GRANTS, Site, Watched
from tests.serving.browser.test_browser import (
    AXE,
    LANGUAGES,
    LEVELS,
    TEXT_OUTSIDE,
    UNNAMED_FIGURES,
    sign_in,
)
from tests.serving.conftest import tiny_project

MINE, OTHERS = 56, 8
MAY_READ = {"platform", "department:D1", "expert", "auditor", "admin"}
MAY_OPEN = {
    "/projects": MAY_READ,
    "/projects/tendencies": MAY_READ,
    "/standards": set(GRANTS),
    "/topics": MAY_READ,
    "/duplicates": MAY_READ,
    "/findings": MAY_READ,
    "/review": {"expert", "approver", "trainer", "auditor", "admin"},
    "/review/findings": {"expert", "approver", "trainer", "auditor", "admin"},
    "/releases": set(GRANTS),
    "/audit": MAY_READ - {"platform"},
    "/model": set(GRANTS),
    "/monitoring": {"trainer", "auditor", "admin"},
    "/": set(GRANTS),
}
LANDSCAPE = 1032
"""Of A4 lying across, within the margins of the page's style, in CSS pixels."""


@pytest.fixture(scope="module")
def filled(site: Site, release: Release, records: RecordLog) -> Site:
    """The service, with projects of D1 and of D9 in its log; one has a name that is markup."""
    for number in range(MINE + OTHERS):
        project = tiny_project(
            number,
            code=f"{'Q' if number < MINE else 'F'}{number:03}",
            department="D1" if number < MINE else "D9",
            policy=["none", "city", "province"][number % 3],
            area=None if number % 9 == 0 else 400.0 + 70 * number,
            apply=50_000.0 + 9_000 * number,
        )
        if number == 1:
            project["code"] = "Q001<b>"
        found = appraised(project, release)
        asker = Asker("k-0", "platform", "POST /score")
        recorded_answer(release, found, records, asker)
    return site


def opened(tab: Watched, site: Site, path: str, lang: str) -> Any:
    joint = "&" if "?" in path else "?"
    tab.page.goto(f"{site.address}{path}{joint}lang={lang}")
    return tab.page


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("grant", GRANTS)
def test_the_navigation_shows_what_the_role_may_open(
    watched: Watched, filled: Site, grant: str, lang: str
) -> None:
    sign_in(watched, filled, grant, lang)
    page, words = watched.page, page_words(lang)
    shown = page.locator("nav a").all_text_contents()
    assert shown == [words[p.word] for p in PAGES if grant in MAY_OPEN[p.path]]
    for number in range(len(shown)):
        page.locator("nav[aria-label] a").nth(number).click()
        page.wait_for_selector(f"nav [aria-current=page] >> text={shown[number]}")
        assert page.locator("nav [aria-current=page]").count() == 1
        assert page.get_attribute("html", "lang") == words["html_lang"]
    assert (watched.elsewhere, watched.errors) == ([], [])


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_department_goes_from_its_list_to_a_record_and_back(
    watched: Watched, filled: Site, lang: str
) -> None:
    sign_in(watched, filled, "department:D1", lang)
    page, words = watched.page, page_words(lang)
    page.get_by_role("link", name=words["nav_projects"], exact=True).click()
    page.wait_for_selector("table.list")
    assert page.locator("table.list tbody tr").count() == 50
    page.get_by_role("link", name=words["next_page"]).click()
    page.wait_for_selector("text=" + words["first_page"])
    assert page.locator("table.list tbody tr").count() >= 6
    opened(watched, filled, "/projects?words=q00", lang)
    assert page.get_by_label(words["filter_words"]).input_value() == "q00"
    assert "Q001<b>" in page.text_content("table.list")
    assert page.locator("table.list b").count() == 0, "markup of a name is text"
    page.get_by_label(words["filter_grade"]).select_option("B")
    page.get_by_role("button", name=words["apply_filters"]).click()
    page.wait_for_url("**grade=B**")
    grades = page.locator(".letter-grade").all_text_contents()
    assert set(grades) == {"B"}
    other = page.locator("[hreflang]")
    was = page.url
    other.click()
    page.wait_for_url(lambda url: url != was)
    assert "grade=B" in page.url
    assert "words=q00" in page.url
    assert page.locator(".letter-grade").all_text_contents() == grades
    page.locator("table.list a").first.click()
    page.wait_for_selector("article.report")
    assert page.locator(".record-facts .good").count() == 1
    assert page.locator("table.similar").count() == 0
    assert (watched.elsewhere, watched.errors) == ([], [])


@pytest.mark.parametrize("lang", LANGUAGES)
def test_nothing_of_another_department_is_on_its_pages(
    watched: Watched, filled: Site, lang: str
) -> None:
    sign_in(watched, filled, "department:D1", lang)
    for path in (
        "/projects",
        "/projects?department=D9",
        "/projects?words=F0",
        "/projects/tendencies",
    ):
        page = opened(watched, filled, path, lang)
        assert "F05" not in page.text_content("main")
        assert page.locator("#department").count() == 0
    sign_out(watched)
    sign_in(watched, filled, "auditor", lang)
    page = opened(watched, filled, "/projects?department=D9", lang)
    assert "F057" in page.text_content("main"), "control"


def sign_out(tab: Watched) -> None:
    tab.page.locator(".visitor button").click()
    tab.page.wait_for_selector("#key")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_strengths_lead_to_the_projects_concerned(
    watched: Watched, filled: Site, lang: str
) -> None:
    sign_in(watched, filled, "department:D1", lang)
    words = page_words(lang)
    page = opened(watched, filled, "/projects?status=rated", lang)
    page.get_by_role("link", name=words["to_tendencies"]).last.click()
    page.wait_for_selector("table.tendencies")
    assert "status=rated" in page.url
    assert page.locator("section.head").count() == 4
    summary = page.locator(".concerned summary").first
    summary.focus()
    page.keyboard.press("Enter")
    page.locator(".concerned[open] a").first.click()
    page.wait_for_selector("article.report")
    page = opened(watched, filled, "/projects/tendencies", lang)
    assert words["missing_title"] in page.text_content("main")
    assert (watched.elsewhere, watched.errors) == ([], [])


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_workbook_is_what_the_filters_left(
    watched: Watched, filled: Site, lang: str, tmp_path: Any
) -> None:
    sign_in(watched, filled, "department:D1", lang)
    page = opened(watched, filled, "/projects?words=q01", lang)
    count = page.locator("table.list tbody tr").count()
    with page.expect_download() as download:
        page.get_by_role("link", name=page_words(lang)["to_workbook"]).click()
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    book = openpyxl.load_workbook(file)
    assert book.sheetnames[0] == page_words(lang)["sheet_projects"]
    assert len(list(book.worksheets[0].values)) == 1 + count == 11


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_stranger_with_a_pages_address_signs_in(
    watched: Watched, filled: Site, lang: str
) -> None:
    page = opened(watched, filled, "/projects/tendencies?grade=A", lang)
    page.get_by_label(page_words(lang)["key_label"]).fill(filled.keys["expert"])
    page.get_by_role("button", name=page_words(lang)["sign_in"]).click()
    page.wait_for_selector(".visitor")


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("grant", ["department:D1", "admin"])
def test_the_pages_pass_the_accessibility_checker(
    watched: Watched, filled: Site, axe: str, grant: str, lang: str
) -> None:
    sign_in(watched, filled, grant, lang)
    for path in ("/projects", "/projects?words=nothing", "/projects/tendencies"):
        page = opened(watched, filled, path, lang)
        page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
        page.evaluate(axe)
        assert page.evaluate(AXE) == [], path
        levels = page.evaluate(LEVELS)
        assert levels.count(1) == 1
        assert all(second - first <= 1 for first, second in pairwise(levels))
        assert page.evaluate(UNNAMED_FIGURES) == 0
        assert page.evaluate(TEXT_OUTSIDE) == []
    opened(watched, filled, "/projects?status=rated", lang)
    page.locator("table.list a").first.click()
    page.wait_for_selector("article.report")
    page.evaluate(axe)
    assert page.evaluate(AXE) == []
    assert page.evaluate(LEVELS).count(1) == 1


@pytest.mark.parametrize("lang", LANGUAGES)
def test_on_paper_and_on_a_small_screen_nothing_runs_over(
    watched: Watched, filled: Site, lang: str
) -> None:
    sign_in(watched, filled, "admin", lang)
    page = watched.page
    for path in ("/projects", "/projects/tendencies"):
        page.set_viewport_size({"width": 390, "height": 800})
        opened(watched, filled, path, lang)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        page.set_viewport_size({"width": LANDSCAPE, "height": 700})
        page.emulate_media(media="print")
        assert page.evaluate("document.documentElement.scrollWidth") <= LANDSCAPE
        for hidden in (".filters", ".site-bar nav", ".buttons"):
            assert not page.locator(hidden).first.is_visible(), hidden
        assert page.locator(".paper-only").is_visible()
        assert page.locator(".site-foot").is_visible()
        page.emulate_media(media="screen")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_keyboard_skips_to_the_content(watched: Watched, filled: Site, lang: str) -> None:
    sign_in(watched, filled, "department:D1", lang)
    page = opened(watched, filled, "/projects", lang)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    page.keyboard.press("Tab")  # first what says that the model was not reviewed, and where to look
    assert str(page.evaluate("document.activeElement.href")).startswith(
        f"{filled.address}/releases"
    )
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "words"
    page.keyboard.type("q01")
    page.keyboard.press("Enter")
    page.wait_for_url("**words=q01**")
    assert page.locator("table.list tbody tr").count() == 10
