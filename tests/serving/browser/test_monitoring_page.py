"""The monitoring page in a real browser: found, sound, accessible, whole on paper."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from models.registry import Release
from serving.monitoring.monitoring_report import monitoring_folder, write_report
from serving.page.words import page_words
from serving.wording.words import LANGUAGES
from tests.serving.browser.conftest import Site, Watched
from tests.serving.browser.test_browser import A4_WIDTH, AXE, CUT_OFF, sign_in, sound

EVERYTHING = CUT_OFF.replace("article *", "main *")


def _drift(kind: str, name: str, effect: float, verdict: str, unknown: float = 0.0) -> Any:
    found = {"kind": kind, "name": name, "effect": effect, "error": 0.03, "n": 812}
    return {**found, "verdict": verdict, "unknown": unknown}


def _entry(digest: str, head: str, measure: str, year: int, came: float | None) -> Any:
    off = None if came is None else came - 0.79
    return {
        "digest": digest, "version": 1, "round": year, "head": head, "measure": measure,
        "estimated": "2026-03-01T00:00:00Z", "estimate": 0.79, "error": 0.02, "n": 812,
        "late": head == "late", "seen": None, "realised": came, "m": 0 if came is None else 240,
        "off": off, "standard_errors": None if off is None else off / 0.03,
    }  # fmt: skip


def report(release: Release) -> dict[str, Any]:
    """A report in which there is one of everything."""
    digest = release.version.digest
    alerts = [
        ("alarm", "coverage_lost", "cost", 2024, 0.61, 0.73),
        ("warn", "input_shift", "area", None, 0.41, 0.25),
        ("warn", "rate_off", "late", 2024, 0.07, 0.05),
        ("note", "reason_shift", "necessity", None, 0.13, 0.10),
    ]
    names = ("level", "code", "subject", "round", "figure", "limit")
    estimate = {"value": 0.79, "error": 0.02, "n": 812}
    skill = {"model": 0.16, "department": 0.21, "difference": 0.05, "error": 0.01, "m": 240}
    told = {"head": "late", "round": 2024, "measure": "rate", "nominal": None}
    cost = told | {"head": "cost", "measure": "coverage", "nominal": 0.8, "skill": None}
    return {
        "format": 1,
        "made": "2026-11-20T08:00:00Z",
        "catalogue": "tiny@1",
        "model": {
            "version": str(release.version.number), "digest": digest, "trained": "2025-11-01",
            "learned_from": [2021, 2023], "simulated": False,
        },
        "policy": "sha256:0", "window": {"since": "2025-10-16T00:00:00Z"},
        "answers": {"read": 1_045, "projects": 812, "complete": True},
        "level": "alarm",
        "alerts": [dict(zip(names, each, strict=True)) for each in alerts],
        "retraining_due": [{"code": "coverage_lost", "figure": 1.0, "limit": 1.0}],
        "drifts": [
            _drift("input", "area", 0.41, "shifted"),
            _drift("input", "people", 0.17, "watch", 0.12),
            _drift("input", "policy", 0.01, "stable"),
            _drift("value", "cost", 0.3, "shifted"),
            _drift("value", "necessity", 0.0, "stable"),
            _drift("reason", "necessity", 0.13, "watch"),
        ],
        "forecasts": [
            told | {"estimate": estimate, "realised": None, "skill": skill | {"skill": 0.238}},
            cost | {"estimate": estimate, "realised": None},
        ],
        "series": [
            _entry(digest, "cost", "coverage", 2024, 0.61),
            _entry(digest, "cost", "coverage", 2025, None),
            _entry(digest, "late", "rate", 2024, 0.86),
        ],
        "thresholds": {"note": 0.1, "warn": 0.25, "least_projects": 200, "least_outcomes": 50},
    }  # fmt: skip


@pytest.fixture
def reported(home: Path, release: Release) -> Any:
    folder = monitoring_folder(home, "tiny")
    write_report(report(release), folder)
    yield
    (folder / "report.json").unlink()


def opened(tab: Watched, site: Site, lang: str, grant: str = "auditor") -> None:
    """Sign in, and go to the page by the navigation."""
    sign_in(tab, site, grant, lang)
    tab.page.get_by_role("link", name=page_words(lang)["nav_monitoring"], exact=True).click()
    tab.page.wait_for_url("**/monitoring?*")


@pytest.mark.usefixtures("reported")
@pytest.mark.parametrize("lang", LANGUAGES)
def test_it_is_found_read_and_passes_the_accessibility_checker(
    watched: Watched, site: Site, axe: str, lang: str
) -> None:
    opened(watched, site, lang)
    page, words = watched.page, page_words(lang)
    assert page.get_by_role("heading", level=1).text_content() == words["monitoring_title"]
    assert page.locator("[aria-current=page]").text_content() == words["nav_monitoring"]
    levels = page.locator("#monitoring-alerts ~ .scroll .level").all_text_contents()
    assert levels == [words[f"level_{each}"] for each in ("alarm", "warn", "warn", "note")]
    assert page.locator("svg.monitor-figure").count() == 3 + 2 + 2 + 1
    sound(watched, lang)
    page.evaluate(axe)
    assert page.evaluate(AXE) == []
    assert (watched.elsewhere, watched.errors) == ([], [])


@pytest.mark.parametrize("lang", LANGUAGES)
def test_before_the_first_report_it_says_how_to_make_one(
    watched: Watched, site: Site, axe: str, lang: str
) -> None:
    opened(watched, site, lang, "trainer")
    assert watched.page.get_by_text(page_words(lang)["monitoring_none"]).is_visible()
    watched.page.evaluate(axe)
    assert watched.page.evaluate(AXE) == []


@pytest.mark.usefixtures("reported")
@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_itself_does_not_scroll_sideways(
    watched: Watched, site: Site, lang: str, width: int
) -> None:
    watched.page.set_viewport_size({"width": width, "height": 900})
    opened(watched, site, lang)
    assert watched.page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.usefixtures("reported")
@pytest.mark.parametrize("lang", LANGUAGES)
def test_nothing_is_cut_off_on_paper(watched: Watched, site: Site, lang: str) -> None:
    opened(watched, site, lang)
    watched.page.emulate_media(media="print")
    watched.page.set_viewport_size({"width": A4_WIDTH, "height": 1_000})
    assert watched.page.evaluate(EVERYTHING, A4_WIDTH) == []


@pytest.mark.usefixtures("reported")
def test_tables_are_reached_and_the_language_changed_by_keyboard(
    watched: Watched, site: Site
) -> None:
    opened(watched, site, "zh")
    page = watched.page
    page.locator(".skip").focus()
    reached = []
    for _ in range(25):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.getAttribute('aria-labelledby')"))
    assert {"monitoring-alerts", "monitoring-forecasts", "monitoring-inputs"} <= set(reached)
    page.locator(".site-name a[hreflang]").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/monitoring?lang=en")


@pytest.mark.usefixtures("reported")
def test_roles_that_do_not_watch_have_no_such_page(watched: Watched, site: Site) -> None:
    sign_in(watched, site, "expert", "en")
    nav = watched.page.get_by_role("navigation").text_content() or ""
    assert page_words("en")["nav_monitoring"] not in nav
    answer = watched.page.goto(f"{site.address}/monitoring?lang=en")
    assert answer.status == 403


def test_a_report_that_cannot_be_read_is_said_to_be(
    watched: Watched, site: Site, home: Path
) -> None:
    folder = monitoring_folder(home, "tiny")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "report.json").write_text("{", encoding="utf-8")
    opened(watched, site, "en", "admin")
    assert watched.page.get_by_text(page_words("en")["monitoring_broken"]).is_visible()
    (folder / "report.json").unlink()
