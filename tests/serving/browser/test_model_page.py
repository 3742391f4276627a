"""The papers about the model in service, in a real browser: sound, accessible, within the page."""

from __future__ import annotations

from dataclasses import replace

import pytest

from models.papers.shown import said
from models.registry import Release
from serving.page.words import page_words
from serving.papers.answers import PAPER_PATHS
from serving.routes import ALGORITHM_RECORD, DATA_SHEET, MODEL
from serving.wording.words import LANGUAGES
from tests.serving.browser.conftest import Site, Watched
from tests.serving.browser.test_browser import AXE, sign_in, sound
from tests.serving.papers.worth import WORTH


@pytest.fixture(scope="module")
def release(release: Release) -> Release:
    """The tiny model with an evaluation kept with it."""
    return replace(release, model=replace(release.model, evaluated=WORTH))


def opened(tab: Watched, site: Site, lang: str, paper: str = MODEL) -> None:
    """Sign in, and go to a paper by the navigation and the links between papers."""
    sign_in(tab, site, "expert", lang)
    tab.page.get_by_role("link", name=page_words(lang)["nav_model"], exact=True).click()
    tab.page.wait_for_url("**/model?*")
    if paper != MODEL:
        tab.page.get_by_role("link", name=title_of(paper, lang), exact=True).click()
        tab.page.wait_for_url(f"**{paper}?*")


def title_of(paper: str, lang: str) -> str:
    return said(PAPER_PATHS[paper]).of(lang)


@pytest.mark.parametrize("paper", PAPER_PATHS)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_it_is_found_read_and_passes_the_accessibility_checker(
    watched: Watched, site: Site, axe: str, lang: str, paper: str
) -> None:
    opened(watched, site, lang, paper)
    page, words = watched.page, page_words(lang)
    assert page.get_by_role("heading", level=1).text_content() == title_of(paper, lang)
    assert page.locator("[aria-current=page]").text_content() == words["nav_model"]
    sound(watched, lang)
    page.evaluate(axe)
    assert page.evaluate(AXE) == []
    assert (watched.elsewhere, watched.errors) == ([], [])


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_is_not_as_it_should_be_is_marked(watched: Watched, site: Site, lang: str) -> None:
    opened(watched, site, lang)
    bad = set(watched.page.locator(".bad").all_text_contents())
    for word in ("outside", "reviewed_no"):
        assert f"✗ {said(word).of(lang)}" in bad


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_other_language_is_one_step_away(watched: Watched, site: Site, lang: str) -> None:
    opened(watched, site, lang)
    other = next(each for each in LANGUAGES if each != lang)
    watched.page.locator(".site-name a[hreflang]").click()
    watched.page.wait_for_url(f"**/model?lang={other}")
    title = watched.page.get_by_role("heading", level=1).text_content()
    assert title == title_of(MODEL, other)


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("paper", [MODEL, ALGORITHM_RECORD])
def test_the_page_itself_does_not_scroll_sideways(
    watched: Watched, site: Site, paper: str, width: int
) -> None:
    watched.page.set_viewport_size({"width": width, "height": 800})
    opened(watched, site, "en", paper)
    size = "[document.documentElement.scrollWidth, innerWidth]"
    found, room = watched.page.evaluate(size)
    assert found <= room


def test_tables_and_sources_can_be_reached_by_keyboard(watched: Watched, site: Site) -> None:
    opened(watched, site, "zh", DATA_SHEET)
    regions = watched.page.locator(".scroll[tabindex='0']")
    assert regions.count() > 1
    regions.first.focus()
    assert watched.page.evaluate("document.activeElement.className") == "scroll"
    sources = watched.page.locator("details summary").first
    sources.focus()
    watched.page.keyboard.press("Enter")
    assert watched.page.locator("details[open] code").first.is_visible()
