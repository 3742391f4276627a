"""The page about the model in service, in a real browser: sound, accessible, whole on paper."""

from __future__ import annotations

from dataclasses import replace

import pytest

from models.registry import Release
from serving.page.words import page_words
from serving.wording.words import LANGUAGES
from tests.serving.browser.conftest import Site, Watched
from tests.serving.browser.test_browser import AXE, sign_in, sound
from tests.serving.test_model_card import WORTH


@pytest.fixture(scope="module")
def release(release: Release) -> Release:
    """The tiny model with an evaluation kept with it."""
    return replace(release, model=replace(release.model, evaluated=WORTH))


def opened(tab: Watched, site: Site, lang: str, grant: str = "expert") -> None:
    """Sign in, and go to the page by the navigation."""
    sign_in(tab, site, grant, lang)
    tab.page.get_by_role("link", name=page_words(lang)["nav_model"], exact=True).click()
    tab.page.wait_for_url("**/model?*")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_it_is_found_read_and_passes_the_accessibility_checker(
    watched: Watched, site: Site, axe: str, lang: str
) -> None:
    opened(watched, site, lang)
    page, words = watched.page, page_words(lang)
    assert page.get_by_role("heading", level=1).text_content() == words["model_title"]
    assert page.locator("[aria-current=page]").text_content() == words["nav_model"]
    assert page.get_by_text(words["model_not_reviewed"]).is_visible()
    assert page.locator(".bad").all_text_contents() == [f"✗ {words['model_outside']}"]
    sound(watched, lang)
    page.evaluate(axe)
    assert page.evaluate(AXE) == []
    assert (watched.elsewhere, watched.errors) == ([], [])


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_other_language_is_one_step_away(watched: Watched, site: Site, lang: str) -> None:
    opened(watched, site, lang)
    other = next(each for each in LANGUAGES if each != lang)
    watched.page.locator(".site-name a[hreflang]").click()
    watched.page.wait_for_url(f"**/model?lang={other}")
    title = watched.page.get_by_role("heading", level=1).text_content()
    assert title == page_words(other)["model_title"]


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_itself_does_not_scroll_sideways(
    watched: Watched, site: Site, lang: str, width: int
) -> None:
    watched.page.set_viewport_size({"width": width, "height": 800})
    opened(watched, site, lang)
    size = "[document.documentElement.scrollWidth, innerWidth]"
    found, room = watched.page.evaluate(size)
    assert found <= room


def test_wide_tables_can_be_reached_by_keyboard(watched: Watched, site: Site) -> None:
    opened(watched, site, "zh")
    regions = watched.page.locator(".scroll[tabindex='0']")
    assert regions.count() == 3
    regions.first.focus()
    assert watched.page.evaluate("document.activeElement.className") == "scroll"
