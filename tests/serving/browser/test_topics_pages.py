"""The pages of special topics in a real browser: from a count to the record of a project."""

from __future__ import annotations

import pytest

from serving.page.words import page_words
from serving.wording.words import LANGUAGES
from tests.serving.browser.conftest import Site, Watched
from tests.serving.browser.test_browser import A4_WIDTH, AXE, score, sign_in, sound


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_warning_is_followed_from_the_topic_to_the_record(
    watched: Watched, site: Site, axe: str, lang: str
) -> None:
    sign_in(watched, site, "admin", lang)
    score(watched, lang)
    page, words = watched.page, page_words(lang)
    page.get_by_role("link", name=words["nav_topics"], exact=True).click()
    page.wait_for_url("**/topics?*")
    for title in (words["topics_title"], None):
        sound(watched, lang)
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
        if title is not None:
            assert page.get_by_role("heading", level=1).text_content() == title
            page.locator("table.list tbody a").first.click()
            page.wait_for_url("**/topics/topic?**")
    assert page.get_by_text("NO-GRAVEL").is_visible()
    page.locator("table.list").first.locator("tbody a").first.click()
    page.wait_for_url("**/record/**")
    assert (watched.elsewhere, watched.errors) == ([], [])
