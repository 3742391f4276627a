"""The pages in a browser: every role, both languages, by mouse and by keyboard, on paper."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from models.registry import Release
from serving.appraisal import appraise
from serving.improvements import CAUTION, improved, improvements_of
from serving.page.pages import explained_page
from serving.page.words import page_words
from tests.serving.browser.conftest import GRANTS, Site, Watched
from tests.serving.conftest import tiny_project

LANGUAGES = ("zh", "en")
WEAK = json.dumps(tiny_project(policy="none"), ensure_ascii=False)
MAY_SCORE = {"platform", "department:D1", "trainer", "auditor", "admin"}
MAY_IMPROVE = MAY_SCORE - {"auditor"}
A4_WIDTH = 695
"""Of A4 within the margins of the page's style, in CSS pixels."""

AXE = """async () => (await axe.run(document, {resultTypes: ["violations"]})).violations.map(
  v => `${v.id}: ${v.nodes.slice(0, 3).map(n => n.target + " " + n.failureSummary).join(" | ")}`)"""
CUT_OFF = """width => [...document.querySelectorAll("article *")].filter(e => {
  const box = e.getBoundingClientRect();
  return box.width && box.height && (box.right > width + 1 || box.left < -1);
}).map(e => `${e.tagName}.${e.className.baseVal ?? e.className} ${e.textContent.slice(0, 40)}`)"""
TEXT_OUTSIDE = """() => [...document.querySelectorAll("svg text")].filter(text => {
  const own = text.getBoundingClientRect(), whole = text.ownerSVGElement.getBoundingClientRect();
  return own.left < whole.left - 1 || own.right > whole.right + 1
    || own.top < whole.top - 1 || own.bottom > whole.bottom + 1;
}).map(text => text.textContent)"""
UNNAMED_FIGURES = """() => [...document.querySelectorAll("svg")].filter(svg =>
  svg.getAttribute("aria-hidden") !== "true"
  && !(svg.getAttribute("role") === "img" && svg.getAttribute("aria-label"))).length"""
LEVELS = (
    """() => [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")].map(h => +h.tagName[1])"""
)


def sign_in(tab: Watched, site: Site, grant: str, lang: str) -> None:
    """Sign in on the form, as a person would."""
    tab.page.goto(f"{site.address}/?lang={lang}")
    tab.page.get_by_label(page_words(lang)["key_label"]).fill(site.keys[grant])
    tab.page.get_by_role("button", name=page_words(lang)["sign_in"]).click()
    tab.page.wait_for_selector(".visitor")


def score(tab: Watched, lang: str) -> None:
    """Score the weak project on the front page, and wait for the report."""
    tab.page.get_by_label(page_words(lang)["form_label"]).fill(WEAK)
    tab.page.get_by_role("button", name=page_words(lang)["submit"], exact=True).click()
    tab.page.wait_for_selector("article.report")


def ask_improvements(tab: Watched, lang: str) -> None:
    """Press the button of the report, and wait for what may be improved."""
    tab.page.get_by_role("button", name=page_words(lang)["improve_button"]).click()
    tab.page.wait_for_selector(".improving")


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("grant", GRANTS)
def test_every_role_finds_its_way(watched: Watched, site: Site, grant: str, lang: str) -> None:
    page, words = watched.page, page_words(lang)
    sign_in(watched, site, grant, lang)
    assert words[f"role_{grant.partition(':')[0]}"] in page.text_content(".visitor")
    assert page.locator("#try").count() == (grant in MAY_SCORE)
    if grant in MAY_SCORE:
        score(watched, lang)
        assert page.locator(".grade").text_content() == "D"
        similar = page.locator("table.similar, path.past").count()
        assert (similar > 0) is (grant != "department:D1")
        page.locator(".waterfall summary").first.click()
        assert page.locator("details[open] table.inside").first.is_visible()
        page.locator(".dimensions summary").last.click()
        assert page.locator("details[open] table.deductions").is_visible()
        button = page.get_by_role("button", name=words["improve_button"])
        assert button.count() == (grant in MAY_IMPROVE)
        if grant in MAY_IMPROVE:
            ask_improvements(watched, lang)
            assert CAUTION[lang] in page.text_content(".improving")
    page.get_by_role("button", name=words["sign_out"]).click()
    page.wait_for_selector("#key")
    assert (watched.elsewhere, watched.errors) == ([], [])


@pytest.mark.parametrize("lang", LANGUAGES)
def test_all_of_it_works_by_keyboard_alone(watched: Watched, site: Site, lang: str) -> None:
    page = watched.page
    keys = page.keyboard

    def tab_to(selector: str, most: int = 40) -> None:
        for _ in range(most):
            if page.evaluate("s => document.activeElement.matches(s)", selector):
                outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
                assert outline != "none", f"{selector} shows no focus"
                return
            keys.press("Tab")
        pytest.fail(f"Tab does not reach {selector}")

    page.goto(f"{site.address}/?lang={lang}")
    tab_to("#key")
    keys.type(site.keys["department:D1"])
    keys.press("Enter")
    page.wait_for_selector("#try button[type=submit]:enabled")
    tab_to("#project")
    keys.press("Control+A")
    keys.insert_text(WEAK)
    keys.press("Control+Enter")
    page.wait_for_selector("article.report")
    page.wait_for_function("document.activeElement.id === 'result'")
    tab_to("#ask-improvements")
    keys.press("Enter")
    page.wait_for_selector(".improving")
    page.wait_for_function("document.activeElement.id === 'improve'")
    tab_to("summary")
    keys.press("Enter")
    assert page.locator("details[open]").count() == 1
    keys.press("Space")
    assert page.locator("details[open]").count() == 0
    assert watched.errors == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_focus_goes_in_the_order_of_the_page(watched: Watched, site: Site, lang: str) -> None:
    sign_in(watched, site, "admin", lang)
    score(watched, lang)
    page = watched.page
    assert (
        page.evaluate("""() => [...document.querySelectorAll("[tabindex]")]
      .filter(e => e.tabIndex > 0).length""")
        == 0
    )
    page.evaluate("document.activeElement.blur(); window.scrollTo(0, 0)")
    places = []
    for _ in range(12):
        page.keyboard.press("Tab")
        places.append(
            page.evaluate("""() => [...document.querySelectorAll("*")]
          .indexOf(document.activeElement)""")
        )
    started = places.index(min(places))
    ordered = places[started:] + places[:started]
    assert ordered == sorted(ordered)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_without_scripts_the_page_says_so_and_sends_nothing(
    chromium: Any, site: Site, lang: str
) -> None:
    context = chromium.new_context(java_script_enabled=False)
    tab = Watched(context.new_page())
    sign_in(tab, site, "platform", lang)
    words = page_words(lang)
    assert words["no_script"] in tab.page.text_content(".try")
    assert tab.page.get_by_role("button", name=words["submit"], exact=True).is_disabled()
    context.close()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_is_refused_is_told_in_its_place(watched: Watched, site: Site, lang: str) -> None:
    sign_in(watched, site, "platform", lang)
    page, words = watched.page, page_words(lang)
    page.get_by_label(words["form_label"]).fill(json.dumps(tiny_project(area="wide")))
    page.get_by_role("button", name=words["submit"], exact=True).click()
    page.wait_for_selector(".refused")
    assert page.get_by_role("alert").locator("td").first.text_content() == "area"
    page.get_by_label(words["form_label"]).fill("{")
    page.get_by_role("button", name=words["submit"], exact=True).click()
    page.wait_for_function("!document.querySelector('.refused table')")
    assert words["error_title"] in page.get_by_role("alert").text_content()


# ---- Accessible -----------------------------------------------------------------------------


def sound(tab: Watched, lang: str) -> None:
    """Assert what any page must have: a language, one first heading, named figures."""
    page = tab.page
    page.wait_for_load_state()  # what it looks like is said by its style sheet
    assert page.get_attribute("html", "lang") == page_words(lang)["html_lang"]
    levels = page.evaluate(LEVELS)
    assert levels.count(1) == 1
    assert all(second - first <= 1 for first, second in pairwise(levels))
    assert page.evaluate(UNNAMED_FIGURES) == 0
    assert page.evaluate(TEXT_OUTSIDE) == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_pages_pass_the_accessibility_checker(
    watched: Watched, site: Site, axe: str, lang: str
) -> None:
    page = watched.page
    page.goto(f"{site.address}/?lang={lang}")
    page.evaluate(axe)
    assert page.evaluate(AXE) == []
    sound(watched, lang)
    sign_in(watched, site, "platform", lang)
    page.evaluate(axe)
    assert page.evaluate(AXE) == []
    score(watched, lang)
    ask_improvements(watched, lang)
    page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    assert page.evaluate(AXE) == []
    sound(watched, lang)


def test_control_the_accessibility_checker_finds_what_is_wrong(watched: Watched, axe: str) -> None:
    watched.page.set_content("<img src='data:,'><input><p style='color:#ccc'>pale</p>")
    watched.page.evaluate(axe)
    found = " ".join(watched.page.evaluate(AXE))
    for rule in ("image-alt", "label", "color-contrast", "html-has-lang"):
        assert rule in found


# ---- Nothing from elsewhere -----------------------------------------------------------------


def test_control_a_page_that_asks_another_host_is_found(watched: Watched) -> None:
    watched.page.set_content(
        "<img src='http://192.0.2.7/x.png'><script src='https://cdn.example/x.js'></script>"
        "<script>fetch('https://example.org/').catch(() => {})</script>"
    )
    watched.page.wait_for_timeout(200)
    assert sorted(watched.elsewhere) == [
        "http://192.0.2.7/x.png",
        "https://cdn.example/x.js",
        "https://example.org/",
    ]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_exported_file_is_all_there_is(
    chromium: Any, watched: Watched, release: Release, tmp_path: Path, lang: str
) -> None:
    file = exported(release, tmp_path, lang)
    asked: list[str] = []
    watched.page.on("request", lambda request: asked.append(request.url))
    watched.page.goto(file.as_uri())
    watched.page.locator(".waterfall summary").first.click()
    assert watched.page.locator("details[open] table.inside").first.is_visible()
    assert asked == [file.as_uri()]
    assert watched.errors == []
    sound(watched, lang)


# ---- On paper and on a small screen ---------------------------------------------------------


def exported(release: Release, folder: Path, lang: str) -> Path:
    """A page as `lingji explain --improvements --html` writes it."""
    project = json.loads(WEAK)
    answer, better = (
        appraise(project, release),
        improved(improvements_of(project, release), release),
    )
    file = folder / f"page-{lang}.html"
    page = explained_page(answer, release.model.catalogue, lang, better)
    file.write_text(page, encoding="utf-8")
    return file


@pytest.mark.parametrize("lang", LANGUAGES)
def test_on_paper_everything_is_open_and_nothing_is_cut_off(
    watched: Watched, release: Release, tmp_path: Path, lang: str
) -> None:
    page = watched.page
    page.goto(exported(release, tmp_path, lang).as_uri())
    assert not page.locator("table.inside").first.is_visible()
    page.set_viewport_size({"width": A4_WIDTH, "height": 1000})
    page.emulate_media(media="print")
    assert page.evaluate(CUT_OFF, A4_WIDTH) == []
    assert page.evaluate(TEXT_OUTSIDE) == []
    tables = page.locator("table.inside, table.deductions")
    heights = [tables.nth(n).bounding_box()["height"] for n in range(tables.count())]
    assert heights
    assert min(heights) > 20
    paper = page.pdf(prefer_css_page_size=True)
    assert paper.startswith(b"%PDF")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_printing_the_front_page_prints_the_report_only(
    watched: Watched, site: Site, lang: str
) -> None:
    sign_in(watched, site, "platform", lang)
    score(watched, lang)
    watched.page.emulate_media(media="print")
    assert watched.page.locator("article.report").is_visible()
    for hidden in (".site-head", ".intro", ".try", "#ask-improvements"):
        assert not watched.page.locator(hidden).first.is_visible(), hidden


@pytest.mark.parametrize("lang", LANGUAGES)
def test_on_a_small_screen_the_page_itself_does_not_scroll_sideways(
    watched: Watched, site: Site, lang: str
) -> None:
    watched.page.set_viewport_size({"width": 390, "height": 800})
    sign_in(watched, site, "platform", lang)
    score(watched, lang)
    ask_improvements(watched, lang)
    assert watched.page.evaluate("document.documentElement.scrollWidth") <= 390
