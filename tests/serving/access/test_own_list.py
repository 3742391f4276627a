"""The list of projects, its sums, its workbook and its records: a department finds its own only."""

from __future__ import annotations

import hashlib
import io
import json
import random
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlencode

import openpyxl
import pytest
from anyio.from_thread import BlockingPortal

from features.catalogue import load_catalogue
from models.registry import Release
from serving.page.words import page_words
from serving.projects.tendencies import tendencies
from serving.projects.view import MOST_TOGETHER, PAGE_PROJECTS
from serving.records.database import SERVICE
from serving.records.project_list import ProjectList
from tests.serving.access.conftest import GRANTS, Keyed, keyed_service
from tests.serving.conftest import CATALOGUE, IDENTITY_NUMBER, tiny_project
from tests.serving.test_bad_requests import assert_refused

MINE, OTHERS = 60, 70
PAGE = {"accept": "text/html"}
READERS = ("platform", "expert", "auditor", "admin")


@pytest.fixture(scope="module")
def keyed(
    tmp_path_factory: pytest.TempPathFactory, release: Release, portal: BlockingPortal
) -> Iterator[Keyed]:
    """A service whose log has projects of two departments; those of D2 begin with F."""
    made = keyed_service(tmp_path_factory.mktemp("list"), release, portal)
    chance = random.Random(2)  # noqa: S311 - invented data
    projects = [
        tiny_project(
            number,
            code=f"{'P' if number < MINE else 'F'}{number:04}",
            department="D1" if number < MINE else "D2",
            year=2023 + number % 2,
            area=None if number % 10 == 0 else round(chance.uniform(100, 5000), 1),
            policy=chance.choice(["none", "city", "province"]),
            apply=round(chance.uniform(1e4, 2e6)),
        )
        for number in range(MINE + OTHERS)
    ]
    answer = made.post("platform", "/score_batch", {"projects": projects})
    assert answer.status_code == 200
    assert all("record_id" in result for result in answer.json()["results"])
    yield made
    made.store.close()
    made.records.close()


def listed(keyed: Keyed, grant: str, **asked: str) -> dict[str, Any]:
    answer = keyed.call(grant, "GET", f"/projects?{urlencode(asked)}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def all_pages(keyed: Keyed, grant: str, **asked: str) -> list[dict[str, Any]]:
    """Every line, page after page."""
    found, after = [], ""
    while True:
        page = listed(keyed, grant, **asked, after=after)
        found += page["projects"]
        if page["next_after"] is None:
            assert len(found) == page["total"]
            return found
        assert len(page["projects"]) == PAGE_PROJECTS
        after = page["next_after"]


def test_a_department_pages_through_its_own_and_no_other(keyed: Keyed) -> None:
    for sort in ("rank_score", "excess", "newest"):
        mine = all_pages(keyed, "department:D1", sort=sort)
        assert len(mine) == MINE
        assert {line["department"] for line in mine} == {"D1"}
    assert len(all_pages(keyed, "department:D2")) == OTHERS


@pytest.mark.parametrize("grant", READERS)
def test_control_others_find_all_and_may_choose_a_department(keyed: Keyed, grant: str) -> None:
    assert len(all_pages(keyed, grant)) == MINE + OTHERS
    assert len(all_pages(keyed, grant, department="D2")) == OTHERS


@pytest.mark.parametrize("grant", ["trainer", "approver"])
def test_who_trains_or_releases_may_not(keyed: Keyed, grant: str) -> None:
    for path in ("/projects", "/projects/tendencies", "/projects/export"):
        assert_refused(keyed.call(grant, "GET", path), 403)


@pytest.mark.parametrize(
    "asked",
    [
        {"department": "D2"}, {"words": "F00"}, {"words": "f"}, {"words": "D2"},
        {"after": "99_999999999"}, {"after": "99_999999999", "department": "D2"},
        {"sort": "newest", "after": "999999_999999"}, {"words": "%"}, {"risk": "0"},
    ],
)  # fmt: skip
def test_no_address_finds_a_department_anothers_project(
    keyed: Keyed, asked: dict[str, str]
) -> None:
    lines = listed(keyed, "department:D1", **asked)["projects"]
    assert {line["department"] for line in lines} <= {"D1"}
    for path in ("/projects", "/projects/tendencies"):
        for headers in (PAGE, {}):
            where = f"{path}?{urlencode(asked)}"
            answer = keyed.call("department:D1", "GET", where, headers=headers)
            assert answer.status_code in (200, 422)
            assert "F00" not in answer.text.replace(asked.get("words", "-"), "")
    assert "F0100" in keyed.call("admin", "GET", "/projects?words=f01").text, "control"


def test_random_addresses_find_nothing_foreign(keyed: Keyed) -> None:
    chance = random.Random(9)  # noqa: S311 - invented data
    values = {
        "department": ["D1", "D2", "d1", ""], "year": ["2023", "2024", "x"],
        "category": ["road", "service"], "words": ["F", "P", "0", "F0070"],
        "status": ["rated", "not_rated"], "grade": ["A", "B", "C", "D", "E"],
        "position": ["below", "within", "above"], "risk": ["0", "20", "100"],
        "sort": ["rank_score", "excess", "newest"], "after": ["50_90", "-1_40", "1e9_1", "0_100"],
    }  # fmt: skip
    statuses, foreign, told = set(), 0, 0
    for _ in range(150):
        names = chance.sample(sorted(values), chance.randrange(4))
        asked = {name: chance.choice(values[name]) for name in names}
        answer = keyed.call("department:D1", "GET", f"/projects?{urlencode(asked)}")
        statuses.add(answer.status_code)
        lines = answer.json().get("projects", [])
        foreign += sum(line["department"] != "D1" for line in lines)
        told += len(lines)
    assert (statuses, foreign) == ({200, 422}, 0)
    assert told > 500


def rows(keyed: Keyed, grant: str, query: str = "") -> dict[str, list[tuple[Any, ...]]]:
    """The sheets of an exported workbook, read back."""
    answer = keyed.call(grant, "GET", f"/projects/export?lang=en{query}")
    assert answer.status_code == 200, answer.text
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    return {sheet.title: list(sheet.values) for sheet in book.worksheets}


def test_the_workbook_holds_its_own_projects_only(keyed: Keyed) -> None:
    mine = rows(keyed, "department:D1", "&department=D1")
    assert len(mine["projects"]) == 1 + MINE
    assert "F00" not in str(mine)
    foreign = rows(keyed, "department:D1", "&department=D2")
    assert [len(sheet) for sheet in (foreign["projects"], foreign["reasons"])] == [1, 1]
    everything = rows(keyed, "auditor")
    assert len(everything["projects"]) == 1 + MINE + OTHERS, "control"
    assert "F0101" in str(everything["reasons"])


def test_the_sums_are_of_its_own_projects_only(keyed: Keyed) -> None:
    mine = keyed.call("department:D1", "GET", "/projects/tendencies").json()
    assert mine["rated"] + mine["not_rated"] == MINE
    assert "F00" not in json.dumps(mine)
    everything = keyed.call("admin", "GET", "/projects/tendencies").json()
    assert everything["rated"] + everything["not_rated"] == MINE + OTHERS
    assert "F0" in json.dumps(everything), "control"


def test_what_people_look_at_is_recorded_with_its_filters(keyed: Keyed) -> None:
    before = keyed.records.head().size
    listed(keyed, "platform")
    assert keyed.records.head().size == before, "a review platform is not followed"
    shown = listed(keyed, "department:D1", grade="A", risk="5")
    keyed.call("expert", "GET", "/projects/tendencies?year=2024")
    file = keyed.call("auditor", "GET", "/projects/export?words=p00")
    found = keyed.records.records(SERVICE, kind="read", after=before - 1)
    contents = [(read.content()["actor"], read.content()["content"]) for read in found]
    assert contents == [
        (
            keyed.ids["department:D1"],
            {
                "asked": {"role": "department", "way": "GET /projects"},
                "filters": {"grade": "A", "risk": "5"},
                "projects": shown["total"],
            },
        ),
        (
            keyed.ids["expert"],
            {
                "asked": {"role": "expert", "way": "GET /projects/tendencies"},
                "filters": {"year": "2024"},
                "projects": 65,
            },
        ),
        (
            keyed.ids["auditor"],
            {
                "asked": {"role": "auditor", "way": "GET /projects/export"},
                "filters": {"words": "p00"},
                "projects": MINE,
                "sha256": hashlib.sha256(file.content).hexdigest(),
            },
        ),
    ]
    lines = [line["record_id"] for line in shown["projects"]]
    assert found[0].content()["about"] == lines


def test_a_number_of_a_citizen_is_not_sought(keyed: Keyed) -> None:
    before = keyed.records.head().size
    answer = keyed.call("admin", "GET", f"/projects?words={IDENTITY_NUMBER}")
    assert_refused(answer, 422)
    assert IDENTITY_NUMBER not in answer.text
    assert keyed.records.head().size == before


def test_what_people_did_with_a_score_stands_beside_it(keyed: Keyed) -> None:
    (line,) = listed(keyed, "admin", words="P0007")["projects"]
    assert line["human_actions"] == {"override": 0, "review": 0}
    said = {"verdict": "confirmed", "comment": "seen"}
    for _ in range(2):
        assert keyed.post("expert", f"/record/{line['record_id']}/review", said).status_code == 200
    (line,) = listed(keyed, "department:D1", words="P0007")["projects"]
    assert line["human_actions"] == {"override": 0, "review": 2}
    page = keyed.call("department:D1", "GET", "/projects?words=P0007&lang=en", headers=PAGE).text
    assert "reviewed 2×" in page


def test_nothing_is_summed_up_while_the_list_is_incomplete(
    keyed: Keyed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ProjectList, "catch_up", lambda *_: 7)
    for path in ("/projects/tendencies", "/projects/export"):
        assert_refused(keyed.call("admin", "GET", path), 503)
    assert listed(keyed, "admin")["not_yet_listed"] == 7
    page = keyed.call("admin", "GET", "/projects?lang=en", headers=PAGE).text
    assert "7 more records are not listed yet" in page


def test_sums_and_workbooks_take_turns_and_lists_do_not_wait(
    keyed: Keyed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("serving.projects.turn._PATIENCE", 0.05)
    begun, ended = threading.Event(), threading.Event()

    def slow(*_: Any) -> Any:
        begun.set()
        ended.wait(20)
        return tendencies(iter(()), load_catalogue(CATALOGUE))

    monkeypatch.setattr("serving.projects.view.tendencies", slow)
    with ThreadPoolExecutor(1) as other:
        first = other.submit(keyed.call, "admin", "GET", "/projects/tendencies")
        assert begun.wait(20)
        for path in ("/projects/tendencies", "/projects/export"):
            assert_refused(keyed.call("expert", "GET", path), 503)
        assert listed(keyed, "expert")["total"] == MINE + OTHERS
        ended.set()
        assert first.result().status_code == 200
    assert keyed.call("expert", "GET", "/projects/export").status_code == 200


def test_too_many_at_once_are_refused_and_not_cut_off(
    keyed: Keyed, monkeypatch: pytest.MonkeyPatch
) -> None:
    for lang in ("zh", "en"):
        assert f"{MOST_TOGETHER:,}" in page_words(lang)["expects_projects"]
    monkeypatch.setattr("serving.projects.view.MOST_TOGETHER", MINE)
    for path in ("/projects/tendencies", "/projects/export"):
        assert_refused(keyed.call("admin", "GET", path), 422)
        assert keyed.call("department:D1", "GET", path).status_code == 200


# ---- The page of a record -------------------------------------------------------------------


def test_a_record_is_a_page_for_a_browser_and_json_for_a_program(keyed: Keyed) -> None:
    (line,) = listed(keyed, "admin", words="P0003")["projects"]
    path = f"/record/{line['record_id']}?lang=en"
    page = keyed.call("department:D1", "GET", path, headers=PAGE)
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert 'class="report"' in page.text
    assert 'class="similar"' not in page.text, "others' past projects are not told"
    assert 'class="similar"' in keyed.call("auditor", "GET", path, headers=PAGE).text, "control"
    assert keyed.call("department:D1", "GET", path).json()["record"]["project_id"] == "P0003"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_anothers_record_has_the_page_of_a_missing_one(keyed: Keyed, lang: str) -> None:
    (line,) = listed(keyed, "admin", words="F0101")["projects"]
    foreign, missing = (
        keyed.call("department:D1", "GET", f"/record/{record}?lang={lang}", headers=PAGE)
        for record in (line["record_id"], "nothing")
    )
    assert foreign.status_code == 404
    assert page_words(lang)["refused_404"] in foreign.text
    assert (foreign.content, foreign.headers) == (missing.content, missing.headers)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_person_is_shown_what_is_wrong_with_an_address(keyed: Keyed, lang: str) -> None:
    for path in ("/projects", "/projects/tendencies", "/projects/export"):
        answer = keyed.call("expert", "GET", f"{path}?grade=<E>&lang={lang}", headers=PAGE)
        assert answer.status_code == 422
        assert page_words(lang)["refused_422"] in answer.text
        assert f"<td>{page_words(lang)['filter_grade']}</td>" in answer.text
        assert page_words(lang)["expects_grade"] in answer.text
        assert "<E>" not in answer.text
        assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert_refused(keyed.call("expert", "GET", "/projects?grade=E"), 422)


# ---- Every role, every way, both departments' projects --------------------------------------

LISTS = ("/projects", "/projects?words={low}", "/projects?department={of}", "/projects?sort=excess",
         "/projects/tendencies", "/projects/export?department={of}")  # fmt: skip
SINGLE = ("/record/{record}", "/record/{record}/receipt", "/records?project_id={id}")


@pytest.mark.parametrize("way", LISTS + SINGLE)
@pytest.mark.parametrize("accept", ["*/*", "text/html"])
@pytest.mark.parametrize("grant", GRANTS)
def test_a_project_is_told_to_those_who_may_read_it_and_to_no_other(
    keyed: Keyed, grant: str, accept: str, way: str
) -> None:
    for project_id, of in (("P0001", "D1"), ("F0061", "D2")):
        (line,) = listed(keyed, "admin", words=project_id)["projects"]
        record = line["record_id"]
        path = way.format(id=project_id, low=project_id.lower(), of=of, record=record)
        answer = keyed.call(grant, "GET", path, headers={"accept": accept})
        if grant in ("trainer", "approver"):
            assert_refused(answer, 403)
            continue
        mark = project_id[:2] if way in LISTS else record  # of lists, any project of the department
        body = answer.text
        if "/export" in path:
            book = openpyxl.load_workbook(io.BytesIO(answer.content))
            body = str([list(sheet.values) for sheet in book.worksheets])
        may = ":" not in grant or grant.endswith(of)
        assert (mark in body) is may
