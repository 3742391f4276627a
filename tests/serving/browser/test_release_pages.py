"""The pages of releases, in a real browser: a version goes its way, by mouse and by keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from models.approval import Approval, Waiver
from models.people import now
from models.release import releasing
from models.trial import try_bundle
from serving.access.access import Access
from serving.access.caller import parse_grant
from serving.access.ration import Ration
from serving.access.store import AccessStore
from serving.assembly import around
from serving.page.words import page_words
from serving.questions import questions
from serving.records.record_log import RecordLog
from serving.settings import Limits
from serving.wording.words import LANGUAGES
from tests.releases import Waiting
from tests.serving.browser.conftest import GRANTS, Site, Watched, listening
from tests.serving.browser.test_browser import A4_WIDTH, AXE, sign_in, sound

OTHER_GRADES = {"grade_flips": 0.31, "rank_correlation": 0.98, "changed_top_reasons": 0.1}
WIDTHS = "[document.documentElement.scrollWidth, innerWidth]"


@dataclass(frozen=True)
class Counter:
    """A site beside a registry in which version 2 waits, with one failure open."""

    site: Site
    waiting: Waiting
    folder: Path

    def signed(self, tab: Watched, name: str, **reasons: str) -> Path:
        """The statement that the page gives, signed by a person, as a file."""
        with tab.page.expect_download() as given:
            tab.page.locator("a[download]").click()
        approval = Approval.read(Path(given.value.path()))
        if reasons:
            waivers = tuple(
                Waiver(verdict=verdict, reason=reason, person=name)
                for verdict, reason in reasons.items()
            )
            approval = Approval(
                statement=approval.statement.model_copy(update={"waivers": waivers})
            )
        path = self.folder / f"{name}.json"
        approval.signed_apart(self.waiting.keys[name], name, now()).save(path)
        return path


@pytest.fixture
def counter(chromium: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Counter]:
    monkeypatch.setattr(releasing, "tried", try_bundle)
    waiting = Waiting.at(tmp_path)
    version = waiting.challenger(same_projects={**OTHER_GRADES, "projects": 400})
    waiting.review(version.number)
    store = AccessStore(tmp_path, durable=False)
    access = Access(store, None, Ration(store, 20))
    keys = {g: access.keys.create(parse_grant(g), f"for {g}", 30)[1] for g in GRANTS}
    release = waiting.registry.champion_release()
    with closing(store), RecordLog.open(f"sqlite:///{tmp_path / 'records.db'}") as log:
        app = around(questions, release, Limits(), access, log, follows=waiting.registry)
        with listening(app) as address:
            yield Counter(Site(address, keys), waiting, tmp_path)


def opened(tab: Watched, counter: Counter, lang: str, grant: str = "approver") -> None:
    """Sign in, and go to the list by the navigation."""
    sign_in(tab, counter.site, grant, lang)
    tab.page.get_by_role("link", name=page_words(lang)["nav_releases"], exact=True).click()
    tab.page.wait_for_url("**/releases?*")


def accessible(tab: Watched, axe: str, lang: str) -> None:
    """The page is sound, passes the checker, asked nothing elsewhere and reported nothing."""
    sound(tab, lang)
    tab.page.evaluate(axe)
    assert tab.page.evaluate(AXE) == []
    assert (tab.elsewhere, tab.errors) == ([], [])


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_version_goes_its_whole_way(
    watched: Watched, counter: Counter, axe: str, lang: str
) -> None:
    page, words = watched.page, page_words(lang)
    opened(watched, counter, lang)
    assert page.get_by_text(words["releases_not_reviewed"]).is_visible()
    accessible(watched, axe, lang)
    page.get_by_role("link", name=words["releases_version"].format(version=2)).click()
    page.wait_for_url("**/releases/2?*")
    accessible(watched, axe, lang)
    assert page.locator("#release-open + .scroll tbody tr").count() == 1
    waiver = {"stability/grade_flips": "阈值本年调整" if lang == "zh" else "thresholds changed"}
    for name, reasons in (("Li", waiver), ("Wang", {})):
        page.get_by_label(words["release_how_upload"]).set_input_files(
            counter.signed(watched, name, **reasons)
        )
        page.get_by_role("button", name=words["release_upload"]).click()
        page.locator("li", has_text=name).first.wait_for()
    accessible(watched, axe, lang)
    page.get_by_text(words["release_promote"]).first.click()
    page.get_by_role("button", name=words["release_promote"]).click()
    page.wait_for_url("**/releases?*")
    assert page.get_by_text(words["releases_approved_by"]).first.is_visible()
    assert counter.waiting.registry.champion().number == 2
    page.get_by_text(words["releases_rollback"].format(version=1)).first.click()
    page.get_by_role("button", name=words["releases_rollback"].format(version=1)).click()
    page.wait_for_load_state()
    page.get_by_text(words["releases_way_rollback"], exact=True).wait_for()
    assert counter.waiting.registry.champion().number == 1
    accessible(watched, axe, lang)


def test_stop_and_resume_by_keyboard(watched: Watched, counter: Counter, axe: str) -> None:
    lang = "zh"
    page, words = watched.page, page_words(lang)
    opened(watched, counter, lang)
    page.locator("summary", has_text=words["releases_stop"]).focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("grades are wrong")
    page.keyboard.press("Enter")
    page.locator("[role=alert]", has_text="grades are wrong").wait_for()
    accessible(watched, axe, lang)
    page.locator("summary", has_text=words["releases_resume"]).focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.locator("summary", has_text=words["releases_stop"]).wait_for()
    assert counter.waiting.registry.stopped() is None


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_pages_do_not_scroll_sideways_and_print_whole(
    watched: Watched, counter: Counter, axe: str, lang: str
) -> None:
    page, words = watched.page, page_words(lang)
    opened(watched, counter, lang)
    for width in (360, 1280, A4_WIDTH):
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(media="print" if width == A4_WIDTH else "screen")
        for path in ("releases", "releases/2"):
            page.goto(f"{counter.site.address}/{path}?lang={lang}")
            found, room = page.evaluate(WIDTHS)
            assert found <= room, (path, width)
    assert not page.get_by_role("button", name=words["release_upload"]).is_visible()
    page.emulate_media(media="screen")
    nobody = counter.folder / "nobody.json"
    nobody.write_text("{}", encoding="utf-8")
    page.get_by_label(words["release_how_upload"]).set_input_files(nobody)
    page.get_by_role("button", name=words["release_upload"]).click()
    page.get_by_role("heading", name=words["refused_422"]).wait_for()
    page.evaluate(axe)
    assert page.evaluate(AXE) == []
