"""The papers as files, in a real browser: nothing beside them, nothing run, accessible."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.papers.papers import PAPERS, write_papers
from tests.models.papers.conftest import Case, case, made  # noqa: F401 - fixtures
from tests.serving.browser.conftest import Watched
from tests.serving.browser.test_browser import AXE


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("name", PAPERS)
def test_a_paper_stands_alone_and_is_accessible(
    watched: Watched,
    axe: str,
    case: Case,  # noqa: F811
    tmp_path: Path,
    name: str,
    lang: str,
) -> None:
    write_papers(case.sources(), tmp_path / "out")
    page = watched.page
    page.goto((tmp_path / "out" / f"{name}.{lang}.html").as_uri())
    assert page.get_by_role("heading", level=1).is_visible()
    assert page.locator("script").count() == 0
    size = "[document.documentElement.scrollWidth, innerWidth]"
    found, room = page.evaluate(size)
    assert found <= room
    # Every source that is cited is listed, and the way to it is there.
    cited = page.locator("td.place a").evaluate_all("all => all.map(a => a.getAttribute('href'))")
    assert cited
    assert all(page.locator(f'[id="{href[1:]}"]').count() == 1 for href in set(cited))
    page.evaluate(axe)
    assert page.evaluate(AXE) == []
    assert (watched.elsewhere, watched.errors) == ([], [])
