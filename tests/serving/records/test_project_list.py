"""The list of projects on both databases: the newest of each; filtered, sorted, paged, own only."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

from serving.records.database import SERVICE, Database, Sight
from serving.records.log_reading import StoredRecord
from serving.records.project_list import ORDERS, Cursor, Listed, Wanted
from serving.records.record import Record
from serving.records.record_log import RecordLog
from serving.records.tables import METADATA
from serving.records.verification import verify_log
from tests.serving.records.conftest import raw_address
from tests.serving.records.test_migrations import upgraded

D1, D2 = Sight.of_department("D1"), Sight.of_department("D2")
ALL = Wanted()


def listed_of(stored: StoredRecord) -> Listed | None:
    content = stored.content()["content"]
    return None if content.get("unlisted") else Listed(**content)


def scored(
    log: RecordLog, project: str, department: str | None = "D1", **changes: Any
) -> tuple[str, int]:
    """Append a score; its id and place."""
    content: dict[str, Any] = {
        "year": 2025,
        "category": "road",
        "words": f"{project.lower()} 道路养护",
        "status": "rated",
        "grade": "B",
        "position": "within",
        "rank_score": 60.0,
        "excess": 0,
        "risk": 0.2,
    }
    kind = changes.pop("kind", "score")
    record = Record(
        kind, "platform", content | changes, project_id=project, department=department
    ).sealed()
    return record.record_id, log.append(record).result().leaf_index


def ids(log: RecordLog, sight: Sight = SERVICE, order: str = "newest", **wanted: Any) -> list[str]:
    """The ids of the projects that are listed first."""
    log.projects.catch_up(listed_of)
    found = log.projects.page(sight, Wanted(**wanted), order, None, 100)
    return [str(stored.project_id) for _, stored in found]


def test_a_project_is_listed_once_by_its_newest_score(log: RecordLog) -> None:
    scored(log, "P1", grade="C")
    scored(log, "P2")
    newest, _ = scored(log, "P1", grade="A")
    log.projects.catch_up(listed_of)
    found = log.projects.page(SERVICE, ALL, "newest", None, 10)
    assert [stored.project_id for _, stored in found] == ["P1", "P2"]
    assert found[0][1].record_id == newest
    later, _ = scored(log, "P1", grade="D")
    scored(log, "P1", year=2024)
    assert ids(log, grade="A") == []
    assert ids(log) == ["P1", "P1", "P2"], "of another year it is another declaration"
    assert ids(log, grade="D") == ["P1"]
    assert log.record(later) is not None


def test_another_departments_project_of_the_same_id_hides_nothing(log: RecordLog) -> None:
    mine, _ = scored(log, "P1", "D1")
    scored(log, "P1", "D2")
    scored(log, "P1", None)
    log.projects.catch_up(listed_of)
    found = log.projects.page(D1, ALL, "newest", None, 10)
    assert [stored.record_id for _, stored in found] == [mine]
    assert log.projects.count(SERVICE, ALL) == 3


def test_only_scores_are_listed(log: RecordLog) -> None:
    scored(log, "P1", kind="what_if")
    scored(log, "P2", unlisted=True)
    scored(log, "P3")
    assert ids(log) == ["P3"]


def test_every_filter_keeps_what_it_says(log: RecordLog) -> None:
    scored(log, "A1", grade="A", risk=0.5)
    scored(log, "B1", year=2024, category="service", position="above", excess=10.0)
    scored(log, "C%1", "D2", status="not_rated", grade=None, rank_score=None, risk=None)
    expected: dict[str, tuple[Any, list[str]]] = {
        "grade": ("A", ["A1"]),
        "risk": (0.5, ["A1"]),
        "year": (2024, ["B1"]),
        "category": ("service", ["B1"]),
        "position": ("above", ["B1"]),
        "status": ("not_rated", ["C%1"]),
        "department": ("D2", ["C%1"]),
        "words": ("c%", ["C%1"]),
    }
    for name, (value, found) in expected.items():
        assert ids(log, **{name: value}) == found, name
    assert ids(log, words="养护") == ["C%1", "B1", "A1"]
    assert ids(log, words="_1") == [], "no text is a pattern"
    assert ids(log, grade="A", risk=0.51) == []
    choices = log.projects.choices(SERVICE)
    assert (choices.departments, choices.years) == (("D1", "D2"), (2025, 2024))
    assert choices.categories == ("road", "service")
    assert log.projects.choices(D2).years == (2025,)


def test_what_has_no_number_comes_last(log: RecordLog) -> None:
    scored(log, "P1", rank_score=None, excess=None)
    scored(log, "P2", rank_score=0.0, excess=0.0)
    scored(log, "P3", rank_score=70.5, excess=5.0)
    for order in ("rank_score", "excess"):
        assert ids(log, order=order) == ["P3", "P2", "P1"]


@pytest.mark.parametrize("order", ORDERS)
def test_pages_hold_everything_once_also_when_others_are_scored_meanwhile(
    log: RecordLog, order: str
) -> None:
    chance = random.Random(3)  # noqa: S311 - invented data
    for number in range(60):
        score, excess = chance.randrange(8) * 10.0, chance.randrange(3) * 1e5
        scored(log, f"P{number}", rank_score=score, excess=excess)
    log.projects.catch_up(listed_of)
    found: list[str] = []
    after: Cursor | None = None
    for page in range(100):
        some = log.projects.page(SERVICE, ALL, order, after, 7)
        found += [str(stored.project_id) for _, stored in some]
        if len(some) < 7:
            break
        after = some[-1][0]
        scored(log, f"new{page}", rank_score=30.0)
        log.projects.catch_up(listed_of)
    old = [project for project in found if project.startswith("P")]
    assert sorted(old) == sorted(f"P{number}" for number in range(60))
    assert len(found) == len(set(found))


def test_control_a_cursor_without_the_place_would_lose_projects(log: RecordLog) -> None:
    for number in range(10):
        scored(log, f"P{number}", rank_score=50.0)
    log.projects.catch_up(listed_of)
    first = log.projects.page(SERVICE, ALL, "rank_score", None, 4)
    placeless = Cursor(first[-1][0].number, 0)
    assert log.projects.page(SERVICE, ALL, "rank_score", placeless, 10) == []
    assert len(log.projects.page(SERVICE, ALL, "rank_score", first[-1][0], 10)) == 6


def test_a_department_finds_its_own_only_whatever_it_asks(log: RecordLog) -> None:
    for number in range(20):
        scored(log, f"P{number}", f"D{1 + number % 2}", rank_score=float(number))
    assert ids(log, D1, department="D2") == []
    for order in ORDERS:
        found = log.projects.page(D1, ALL, order, Cursor(1e9, 10**9), 100)
        assert {stored.department for _, stored in found} <= {"D1"}
        assert len(log.projects.page(D1, ALL, order, None, 100)) == 10
    assert log.projects.count(D1, ALL) == 10
    assert log.projects.count(D1, Wanted(department="D2")) == 0
    assert {stored.department for stored in log.projects.all_of(D1, ALL)} == {"D1"}
    assert log.projects.choices(D1).departments == ("D1",)
    assert len(ids(log)) == 20, "control: they are there"


def test_acts_about_others_projects_are_not_counted(log: RecordLog) -> None:
    scored(log, "P1", "D1")
    scored(log, "P1", "D2", kind="review")
    scored(log, "P1", "D1", kind="review")
    log.projects.catch_up(listed_of)
    mine = [stored for _, stored in log.projects.page(D1, ALL, "newest", None, 5)]
    assert len(log.projects.acts(D1, ("review",), mine)) == 1
    assert len(log.projects.acts(SERVICE, ("review",), mine)) == 2


def test_a_long_log_is_taken_in_over_several_readings(
    log: RecordLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    import serving.records.derived_list as module

    monkeypatch.setattr(module, "PIECE", 10)
    monkeypatch.setattr(module, "_MOST_AT_ONCE", 20)
    for number in range(45):
        scored(log, f"P{number}")
    assert log.projects.catch_up(listed_of) == 25
    assert log.projects.count(SERVICE, ALL) == 20
    assert log.projects.catch_up(listed_of) == 5
    assert log.projects.catch_up(listed_of) == 0
    assert log.projects.count(SERVICE, ALL) == 45
    assert len(list(log.projects.all_of(SERVICE, ALL))) == 45


def test_readers_at_once_list_nothing_twice(url: str) -> None:
    with RecordLog.open(url, patience=10) as log:
        for number in range(30):
            scored(log, f"P{number % 10}", year=2020 + number % 2)
        with ThreadPoolExecutor(6) as pool:
            left = list(pool.map(lambda _: log.projects.catch_up(listed_of), range(12)))
        assert set(left) == {0}
        assert log.projects.count(SERVICE, ALL) == 10


def test_what_is_no_score_makes_nobody_write(log: RecordLog) -> None:
    scored(log, "P1")
    log.projects.catch_up(listed_of)
    for _ in range(5):
        log.append(Record("read", "k-1", {})).result()

    def must_not(_: StoredRecord) -> Listed | None:
        raise AssertionError

    assert log.projects.catch_up(must_not) == 0


def test_on_postgresql_the_database_itself_hides_others_lines(postgres_url: str) -> None:
    with RecordLog.open(postgres_url) as log:
        for number in range(6):
            scored(log, f"P{number}", f"D{1 + number % 2}")
        log.projects.catch_up(listed_of)
    with psycopg.connect(raw_address(postgres_url)) as connection:
        found = "SELECT department FROM listed_project WHERE true OR department = 'D2'"
        assert connection.execute(found).fetchall() == []
        connection.execute("SELECT set_config('lingji.role', 'department', true)")
        connection.execute("SELECT set_config('lingji.department', 'D1', true)")
        assert connection.execute(found).fetchall() == [("D1",)] * 3
        assert connection.execute("UPDATE listed_project SET newest = 0").rowcount == 0
        connection.execute("SELECT set_config('lingji.role', 'auditor', true)")
        assert len(connection.execute(found).fetchall()) == 6, "control: others see all"


def test_an_old_log_gets_its_list(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A log of the first schema: records are there before the list is."""
    tables = [METADATA.tables[name] for name in ("record", "tree_node", "log_head")]
    with RecordLog.open(f"sqlite:///{tmp_path / 'new.db'}") as log:
        scored(log, "P1")
        with log._database.writing() as connection:
            rows = [connection.execute(sa.select(table)).mappings().all() for table in tables]
    with monkeypatch.context() as patched:
        patched.setattr(Database, "_require_schema", lambda self, make: None)
        database = Database.open(sqlite_url, 5, make=True)
    upgraded(database, "0001")
    with database.writing() as connection:
        assert not sa.inspect(connection).has_table("listed_project"), "control"
        for table, found in zip(tables, rows, strict=True):
            if table.name == "log_head":  # it is there from the beginning
                connection.execute(sa.update(table).values(**found[0]))
            else:
                connection.execute(sa.insert(table), [dict(row) for row in found])
    database.close()
    with RecordLog.open(sqlite_url) as log:
        assert ids(log) == ["P1"]
        assert verify_log(log.export()).holds
