"""A model that serves without a review says so on every page, in every row, wherever it answers."""

from __future__ import annotations

from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest
from anyio.from_thread import BlockingPortal

from models.registry import Release
from serving.access.access import Access
from serving.assembly import around
from serving.command_line.printed import WORDS, print_answer
from serving.page.pages import explained_page
from serving.page.words import page_words
from serving.questions import questions
from serving.records.record_log import RecordLog
from serving.routes import ROUTES, SIGN_IN, SIGN_OUT
from serving.settings import Limits
from serving.wording.flat_answer import columns, flat_answer
from serving.wording.words import LANGUAGES
from tests.serving.conftest import Caller, tiny_project
from tests.serving.good_calls import GOOD

HTML = {"accept": "text/html", "sec-fetch-site": "same-origin"}
CALLS = [
    (method, path)
    for path, route in ROUTES.items()
    for method in ("POST" if route.form else "GET",)
    if not route.question and path not in (SIGN_IN, SIGN_OUT)
]
PAGES_AT_LEAST = {"/", "/projects", "/projects/tendencies", "/audit", "/model", "/releases"}


def pages_of(
    release: Release,
    access: Access,
    records: RecordLog,
    portal: BlockingPortal,
    home: Path,
    lang: str,
) -> dict[str, str]:
    """Every page of the service, as a browser gets it: by path, whatever its status."""
    service = Caller(around(questions, release, Limits(), access, records, home), portal)
    record = service.post("/score", {"project": tiny_project()}).json()["record_id"]
    found = {}
    for method, path in CALLS:
        where = GOOD[path].at(record)
        where += ("&" if "?" in where else "?") + f"lang={lang}"
        answer = service.call(method, where, headers=HTML)
        whole = "</footer>" in answer.text and "attachment" not in str(answer.headers)
        if answer.headers.get("content-type", "").startswith("text/html") and whole:
            found[path] = unescape(answer.text)
    return found


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_page_says_it_and_leads_to_the_releases(
    release: Release,
    access: Access,
    records: RecordLog,
    portal: BlockingPortal,
    home: Path,
    tmp_path: Path,
    lang: str,
) -> None:
    words = page_words(lang)
    given = (access, records, portal, tmp_path, lang)
    silent = pages_of(replace(release, reviewed=False), *given)
    assert silent.keys() >= PAGES_AT_LEAST
    for path, page in silent.items():
        assert page.count(words["not_reviewed"]) >= 1, path
        assert f"releases?lang={lang}" in page, path
    reviewed = pages_of(replace(release, reviewed=True), *given)
    assert reviewed.keys() == silent.keys()
    for path, page in reviewed.items():  # control
        assert words["not_reviewed_more"] not in page, path


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("reviewed", [True, False])
def test_what_explain_shows_says_it(
    release: Release, lang: str, reviewed: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    from serving.appraisal import appraise

    answered = replace(release, reviewed=reviewed)
    answer = appraise(tiny_project(), answered)
    catalogue = release.model.catalogue
    page = unescape(explained_page(answer, catalogue, lang))
    assert (page_words(lang)["not_reviewed"] in page) is not reviewed
    print_answer(answer, catalogue, lang)
    shown = "".join(capsys.readouterr().out.split())
    assert ("".join(WORDS[lang]["not_reviewed"].split()) in shown) is not reviewed


@pytest.mark.parametrize("reviewed", [True, False])
def test_every_row_says_it(release: Release, reviewed: bool) -> None:
    from serving.appraisal import appraised

    found = appraised(tiny_project(), release)
    row = flat_answer(1, replace(release, reviewed=reviewed), found)
    assert row["reviewed"] is reviewed
    assert columns(release.model)["reviewed"] is bool
