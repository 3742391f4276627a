"""The auditor's pages in a browser: by mouse and keyboard, without scripts, on paper, exported."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from serving.page.words import page_words
from serving.records.checkpoint import SigningKey
from serving.records.record_log import RecordLog
from tests.serving.browser.conftest import Site, Watched
from tests.serving.browser.test_browser import (
    A4_WIDTH,
    AXE,
    CUT_OFF,
    LANGUAGES,
    TEXT_OUTSIDE,
    sign_in,
    sound,
)
from tests.serving.conftest import tiny_project

EVERYTHING = CUT_OFF.replace("article *", "main *")
COLOURLESS = """() => {
  const style = document.createElement("style");
  style.textContent = "* { filter: grayscale(1); }";
  document.head.append(style);
}"""


@pytest.fixture(scope="module")
def key() -> SigningKey:
    return SigningKey.generate("finance.example/browsed")


@pytest.fixture
def pair(site: Site, records: RecordLog) -> tuple[str, str]:
    """Two scores of a project, the first disputed."""
    ids = []
    for changes in ({}, {"policy": "none", "area": 2400.0}):
        project = tiny_project(7, **changes)
        ids.append(called(site, "platform", "/score", {"project": project})["record_id"])
    said = {"verdict": "disputed", "comment": "现场核查面积不符"}
    called(site, "expert", f"/record/{ids[0]}/review", said)
    return ids[0], ids[1]


def called(site: Site, grant: str, path: str, body: Any) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {site.keys[grant]}"}
    answer = httpx.post(f"{site.address}{path}", json=body, headers=headers, timeout=30)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def accessible(tab: Watched, axe: str, lang: str) -> None:
    """Assert that the checker finds nothing, with everything opened."""
    tab.page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    tab.page.evaluate(axe)
    assert tab.page.evaluate(AXE) == []
    sound(tab, lang)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_auditor_finds_replays_verifies_and_compares(
    watched: Watched,
    site: Site,
    records: RecordLog,
    pair: tuple[str, str],
    key: SigningKey,
    axe: str,
    lang: str,
) -> None:
    page, words = watched.page, page_words(lang)
    sign_in(watched, site, "auditor", lang)
    page.get_by_role("link", name=words["nav_audit"]).click()
    page.get_by_label(words["project"], exact=True).fill("P0007")
    page.get_by_label(words["audit_kind"]).select_option("score")
    page.get_by_role("button", name=words["audit_search"]).click()
    page.wait_for_url("**project_id=P0007**")
    assert "kind=score" in page.url
    assert page.get_by_label(words["project"], exact=True).input_value() == "P0007"
    accessible(watched, axe, lang)
    page.locator(f'a[href*="records/{pair[0]}"]').click()
    page.wait_for_selector(".timeline")
    accessible(watched, axe, lang)
    page.get_by_role("button", name=words["audit_replay"], exact=True).click()
    assert words["audit_replay_same"] in page.text_content("#outcome")
    accessible(watched, axe, lang)
    note = records.checkpoint(key)
    page.locator(".audit-acts details").evaluate("d => { d.open = true; }")
    page.get_by_label(words["audit_checkpoint"]).fill(note)
    page.get_by_label(words["audit_key"]).fill(key.verifier.text())
    page.get_by_role("button", name=words["audit_verify_against"]).click()
    page.wait_for_selector(f"#outcome:has-text('{key.name}')")
    assert words["audit_holds"] in page.text_content("#outcome")
    accessible(watched, axe, lang)
    page.locator(f'a[href*="b={pair[1]}"]').first.click()
    page.wait_for_selector(".difference")
    accessible(watched, axe, lang)
    assert watched.elsewhere == []
    assert watched.errors == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_by_keyboard_alone_and_without_scripts(
    chromium: Any, site: Site, pair: tuple[str, str], lang: str
) -> None:
    context = chromium.new_context(java_script_enabled=False)
    tab = Watched(context.new_page())
    sign_in(tab, site, "auditor", lang)
    page, words = tab.page, page_words(lang)
    page.goto(f"{site.address}/audit/records/{pair[0]}?lang={lang}")
    reached = []
    for _ in range(20):
        page.keyboard.press("Tab")
        reached.append(page.locator(":focus").text_content())
        if reached[-1] == words["audit_replay"]:
            break
    page.keyboard.press("Enter")
    page.wait_for_selector("#outcome")
    assert words["audit_replay_same"] in page.text_content("#outcome")
    assert words["audit_verify"] not in reached, "control: the order of the page"
    context.close()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_checkpoint_is_uploaded_as_a_file(
    watched: Watched,
    site: Site,
    records: RecordLog,
    pair: tuple[str, str],
    key: SigningKey,
    tmp_path: Path,
    lang: str,
) -> None:
    file = tmp_path / "checkpoint.txt"
    file.write_text(records.checkpoint(key), encoding="utf-8")
    page, words = watched.page, page_words(lang)
    sign_in(watched, site, "auditor", lang)
    page.goto(f"{site.address}/audit/records/{pair[0]}?lang={lang}")
    page.locator(".audit-acts summary").click()
    page.get_by_label(words["audit_checkpoint_file"]).set_input_files(file)
    page.get_by_label(words["audit_key"]).fill(key.verifier.text())
    page.get_by_role("button", name=words["audit_verify_against"]).click()
    page.wait_for_selector(f"#outcome:has-text('{key.name}')")
    assert words["audit_holds"] in page.text_content("#outcome")


def exported(tab: Watched, site: Site, path: str, lang: str, folder: Path, grant: str) -> Path:
    """The file that the button of a page gives."""
    sign_in(tab, site, grant, lang)
    tab.page.goto(f"{site.address}{path}?lang={lang}")
    with tab.page.expect_download() as begun:
        tab.page.get_by_text(page_words(lang)["audit_export"], exact=True).click()
    file = folder / f"record-{lang}.html"
    begun.value.save_as(file)
    return file


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_exported_file_is_all_there_is(
    chromium: Any,
    watched: Watched,
    site: Site,
    pair: tuple[str, str],
    tmp_path: Path,
    axe: str,
    lang: str,
) -> None:
    path = f"/audit/records/{pair[0]}"
    file = exported(watched, site, path, lang, tmp_path, "auditor")
    context = chromium.new_context(java_script_enabled=False, offline=True)
    alone = Watched(context.new_page())
    asked: list[str] = []
    alone.page.on("request", lambda request: asked.append(request.url))
    alone.page.goto(file.as_uri())
    assert alone.page.locator("article.report").is_visible()
    assert json.loads(alone.page.text_content("#evidence"))["type"] == "record"
    assert asked == [file.as_uri()]
    context.close()
    watched.page.goto(file.as_uri())
    accessible(watched, axe, lang)
    assert watched.errors == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_department_exports_its_own_score_by_a_button(
    watched: Watched, site: Site, pair: tuple[str, str], tmp_path: Path, lang: str
) -> None:
    file = exported(watched, site, f"/record/{pair[0]}", lang, tmp_path, "department:D1")
    page = file.read_text(encoding="utf-8")
    assert pair[0] in page
    assert 'class="similar"' not in page


@pytest.mark.parametrize("lang", LANGUAGES)
def test_on_paper_nothing_is_cut_off(
    watched: Watched, site: Site, pair: tuple[str, str], tmp_path: Path, lang: str
) -> None:
    page = watched.page
    file = exported(watched, site, f"/audit/records/{pair[0]}", lang, tmp_path, "auditor")
    difference = f"{site.address}/audit/difference?a={pair[0]}&b={pair[1]}&lang={lang}"
    record = f"{site.address}/audit/records/{pair[0]}?lang={lang}"
    for address in (file.as_uri(), difference, record):
        page.goto(address)
        page.set_viewport_size({"width": A4_WIDTH, "height": 1000})
        page.emulate_media(media="print")
        assert page.evaluate(EVERYTHING, A4_WIDTH) == [], address
        assert page.evaluate(TEXT_OUTSIDE) == []
        for hidden in ("nav", ".audit-acts", ".visitor form"):
            found = page.locator(hidden)
            assert not [n for n in range(found.count()) if found.nth(n).is_visible()], hidden
        assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")
        page.emulate_media(media="screen")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_without_colour_a_step_still_tells_where_it_goes(
    watched: Watched, site: Site, pair: tuple[str, str], lang: str
) -> None:
    sign_in(watched, site, "auditor", lang)
    page = watched.page
    page.goto(f"{site.address}/audit/difference?a={pair[0]}&b={pair[1]}&lang={lang}")
    page.evaluate(COLOURLESS)
    rows = page.locator(".difference .step:not(.step-head):not(.step-end)")
    seen = set()
    for number in range(rows.count()):
        effect = rows.nth(number).locator(".number").first.text_content()
        tone = rows.nth(number).locator("polygon").get_attribute("class")
        if not effect.startswith("×"):
            seen.add((effect[0], tone))
            fill = rows.nth(number).locator("polygon").evaluate("e => getComputedStyle(e).fill")
            assert (fill == "rgb(255, 255, 255)") is (tone == "bad")
    assert ("−", "bad") in seen


@pytest.mark.parametrize("lang", LANGUAGES)
def test_on_a_small_screen_the_pages_do_not_scroll_sideways(
    watched: Watched, site: Site, pair: tuple[str, str], lang: str
) -> None:
    watched.page.set_viewport_size({"width": 390, "height": 800})
    sign_in(watched, site, "auditor", lang)
    difference = f"/audit/difference?a={pair[0]}&b={pair[1]}&lang={lang}"
    for path in (f"/audit?lang={lang}", f"/audit/records/{pair[0]}?lang={lang}", difference):
        watched.page.goto(f"{site.address}{path}")
        assert watched.page.evaluate("document.documentElement.scrollWidth") <= 390, path


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_is_refused_is_a_page(watched: Watched, site: Site, axe: str, lang: str) -> None:
    sign_in(watched, site, "department:D1", lang)
    page, words = watched.page, page_words(lang)
    refused = {
        "/audit/records/nothing": "refused_404",
        "/audit?since=yesterday": "refused_422",
        "/audit/difference": "refused_422",
    }
    for path, word in refused.items():
        page.goto(f"{site.address}{path}{'&' if '?' in path else '?'}lang={lang}")
        assert page.text_content("h1") == words[word]
        accessible(watched, axe, lang)
