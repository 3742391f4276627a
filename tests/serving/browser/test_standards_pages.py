"""The pages about standards in a real browser: searched, read, by keyboard, on paper."""

from __future__ import annotations

import pytest

from models.registry import Release
from serving.page.pages import explained_page
from serving.page.words import page_words
from serving.wording.words import LANGUAGES
from tests.serving.browser.conftest import Site, Watched
from tests.serving.browser.test_browser import A4_WIDTH, AXE, CUT_OFF, sign_in, sound
from tests.serving.standards.test_beside_standards import answer, with_library
from tests.standards import learned

PATHS = (
    "standards",
    f"standards/standard?code={learned().code}",
    "standards/standard?code=MEETING",
    "standards/changes?version=1",
)


def opened(tab: Watched, site: Site, lang: str, grant: str = "department:D1") -> None:
    """Sign in, and go to the standards by the navigation."""
    sign_in(tab, site, grant, lang)
    tab.page.get_by_role("link", name=page_words(lang)["nav_standards"], exact=True).click()
    tab.page.wait_for_url("**/standards?*")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_department_searches_and_reads_a_standard(
    watched: Watched, site: Site, lang: str
) -> None:
    opened(watched, site, lang)
    page, words = watched.page, page_words(lang)
    assert page.get_by_text(words["standards_not_in_force"]).is_visible()
    page.get_by_label(words["standards_words"]).fill("修缮")
    page.keyboard.press("Enter")
    page.wait_for_url("**words=**")
    assert page.get_by_role("status").text_content().strip() == words["standards_found"].format(
        count="1"
    )
    page.locator("table.list tbody a").first.click()
    page.wait_for_url("**/standards/standard?**")
    assert "修缮施工" in page.get_by_role("heading", level=1).text_content()
    assert page.get_by_text("80–120").first.is_visible()
    page.get_by_role("link", name=words["standards_back"]).click()
    page.wait_for_url("**/standards?*")
    assert (watched.elsewhere, watched.errors) == ([], [])


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_page_is_sound_accessible_and_fits(
    watched: Watched, site: Site, axe: str, lang: str
) -> None:
    sign_in(watched, site, "expert", lang)
    page = watched.page
    for path in PATHS:
        page.emulate_media(media="screen")
        page.goto(f"{site.address}/{path}{'&' if '?' in path else '?'}lang={lang}")
        sound(watched, lang)
        page.evaluate(axe)
        assert page.evaluate(AXE) == [], path
        for width in (360, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        page.emulate_media(media="print")
        page.set_viewport_size({"width": A4_WIDTH, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= A4_WIDTH, path
    assert (watched.elsewhere, watched.errors) == ([], [])


@pytest.mark.parametrize("lang", LANGUAGES)
def test_lines_beside_their_standards_are_read_on_screen_and_on_paper(
    watched: Watched, axe: str, release: Release, lang: str
) -> None:
    page, words = watched.page, page_words(lang)
    now = with_library(release)
    page.set_content(explained_page(answer(now), now.model.catalogue, lang))
    table = page.get_by_role("region", name=words["standards_of_lines"])
    assert table.locator("tbody tr").count() == 3
    assert words["standards_is_over"] in table.text_content()
    page.evaluate(axe)
    assert page.evaluate(AXE) == []
    table.focus()  # who reads it by the keyboard can scroll it
    assert page.evaluate("document.activeElement.className") == "scroll"
    page.set_viewport_size({"width": A4_WIDTH, "height": 1000})
    page.emulate_media(media="print")
    assert page.evaluate(CUT_OFF, A4_WIDTH) == []
    assert table.is_visible()
