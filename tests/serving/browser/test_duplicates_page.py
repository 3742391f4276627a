"""The page of possible duplicates in a browser: side by side, dismissed, by keyboard, on paper."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from models.registry import Release
from serving.page.words import page_words
from serving.records.record_log import RecordLog
from serving.wording.words import LANGUAGES
from tests.serving.browser.conftest import Site, Watched
from tests.serving.browser.test_browser import AXE, sign_in, sound
from tests.serving.duplicates.conftest import library, lights, recorded, twin
from tests.small_model import province


@pytest.fixture(scope="module")
def release() -> Release:
    """The model of the invented province, whose projects have names and texts."""
    return province().release


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory, release: Release) -> Iterator[RecordLog]:
    """A log with a pair of each language, one of whose names is markup, and other projects."""
    folder: Path = tmp_path_factory.mktemp("pairs")
    with RecordLog.open(f"sqlite:///{folder}/records.db") as log:
        for number, year in enumerate((2025, 2022)):
            one = lights(f"L{number}", fiscal_year=year)
            recorded(one | {"pro_name": f"<b>{one['pro_name']}</b>"}, release, log)
            recorded(twin(f"T{number}", fiscal_year=year), release, log)
            recorded(library(f"S{number}", fiscal_year=year), release, log)
        yield log


def opened(tab: Watched, site: Site, lang: str, grant: str = "expert") -> None:
    """Sign in, and go to the page by the navigation."""
    sign_in(tab, site, grant, lang)
    tab.page.get_by_role("link", name=page_words(lang)["nav_duplicates"], exact=True).click()
    tab.page.wait_for_url("**/duplicates?*")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_pair_is_shown_side_by_side_and_is_accessible(
    watched: Watched, site: Site, axe: str, lang: str
) -> None:
    opened(watched, site, lang)
    page, words = watched.page, page_words(lang)
    assert page.get_by_role("heading", level=1).text_content() == words["duplicates_title"]
    assert page.locator("article.pair").count() == 1
    assert page.locator("article.pair b").count() == 0, "markup of a name is text"
    marked = page.locator(".beside mark").all_text_contents()
    assert "213001" in marked
    for summary in page.locator("article summary").all():
        summary.click()
    points = [float(text) for text in page.locator(".points td.number").all_text_contents()]
    assert sum(points[:-1]) == pytest.approx(points[-1], abs=1e-6)
    sound(watched, lang)
    page.evaluate(axe)
    assert page.evaluate(AXE) == []
    assert (watched.elsewhere, watched.errors) == ([], [])


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_record_is_reached_from_a_pair(watched: Watched, site: Site, lang: str) -> None:
    opened(watched, site, lang)
    watched.page.get_by_role("link", name="T0", exact=True).first.click()
    watched.page.wait_for_selector("article.report")
    assert "T0" in watched.page.text_content("main")
    assert watched.errors == []


@pytest.mark.parametrize(("grant", "forms"), [("auditor", 0), ("expert", 1)])
def test_only_those_who_judge_have_a_form_to_dismiss(
    watched: Watched, site: Site, grant: str, forms: int
) -> None:
    opened(watched, site, "en", grant)
    assert watched.page.locator("article.pair").count() == 1
    assert watched.page.locator("form.dismiss").count() == forms


def test_a_department_sees_no_pair_of_others(watched: Watched, site: Site) -> None:
    opened(watched, site, "zh", "department:D1")
    assert watched.page.locator("article.pair").count() == 0
    assert "T0" not in watched.page.text_content("main")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_on_paper_nothing_is_cut_off(watched: Watched, site: Site, lang: str) -> None:
    opened(watched, site, lang)
    page = watched.page
    page.set_viewport_size({"width": 1032, "height": 900})
    page.emulate_media(media="print")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth + 1")
    assert not page.locator("form.filters").is_visible()
    assert not page.locator("form.dismiss").first.is_visible()
    assert page.locator(".beside").first.is_visible()


@pytest.mark.parametrize(("lang", "year"), [("zh", 2022)])
def test_a_pair_is_dismissed_by_keyboard_alone(
    watched: Watched, site: Site, lang: str, year: int
) -> None:
    opened(watched, site, lang)
    page, words = watched.page, page_words(lang)
    page.get_by_label(words["year"]).select_option(str(year))
    page.get_by_role("button", name=words["apply_filters"]).click()
    page.wait_for_url(f"**year={year}**")
    page.locator("summary", has_text=words["duplicates_dismiss"]).focus()
    page.keyboard.press("Enter")
    for _ in range(2):
        page.keyboard.press("Tab")
    page.keyboard.insert_text("已现场核实，两处路段不同")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector(f"text={words['duplicates_none']}")
    assert f"year={year}" in page.url
    page.get_by_label(words["duplicates_dismissed_ones"]).select_option("1")
    page.get_by_role("button", name=words["apply_filters"]).click()
    page.wait_for_selector("article.pair")
    assert "已现场核实，两处路段不同" in page.text_content("article.pair")
    assert watched.errors == []
