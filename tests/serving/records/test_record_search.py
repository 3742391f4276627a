"""Records are found by what they say, newest first, on both databases; and only by who may see."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from serving.records.database import AUDITOR, SERVICE, Sight
from serving.records.log_query import LogQuery
from serving.records.log_reader import LogReader
from serving.records.record import Record
from serving.records.record_log import RecordLog
from serving.records.search_terms import SearchTerms

COUNT = 60


@pytest.fixture
def filled(url: str) -> Iterator[RecordLog]:
    """A log of scores by three actors with two versions, and reviews of the first ten."""
    with RecordLog.open(url) as log:
        scores = [
            Record(
                "score",
                f"actor {number % 3}",
                {"model": {"version": number % 2 + 1}},
                project_id=f"P{number % 5}",
                department=f"D{number % 4}",
            )
            for number in range(COUNT)
        ]
        log.append_all(scores).result()
        log.append_all(
            [
                Record(
                    "review", "expert", {}, about=(score.record_id,), department=score.department
                )
                for score in scores[:10]
            ]
        ).result()
        yield log


def places(log: LogReader, sight: Sight = AUDITOR, **wanted: object) -> list[int]:
    query = LogQuery(**wanted)  # type: ignore[arg-type]
    return [found.leaf_index for found in log.search(sight, query)]


def expected(wanted: range, modulus: int, rest: int) -> list[int]:
    return [number for number in reversed(wanted) if number % modulus == rest]


def test_each_filter_finds_its_records_newest_first(filled: RecordLog) -> None:
    scores = range(COUNT)
    assert places(filled) == list(range(COUNT + 9, -1, -1))
    assert places(filled, kind="review") == list(range(COUNT + 9, COUNT - 1, -1))
    assert places(filled, actor="actor 1") == expected(scores, 3, 1)
    assert places(filled, model_version="2") == expected(scores, 2, 1)
    assert places(filled, project_id="P3") == expected(scores, 5, 3)
    assert places(filled, kind="score", department="D2") == expected(scores, 4, 2)
    assert places(filled, actor="actor 1", model_version="2", project_id="P4", before=40) == [
        number for number in range(39, -1, -1) if (number % 3, number % 2, number % 5) == (1, 1, 4)
    ]
    assert places(filled, actor="nobody") == []
    third = filled.search(AUDITOR, LogQuery(before=3))[0]
    assert places(filled, record_id=third.record_id) == [2]
    assert places(filled, about=third.record_id) == [COUNT + 2]
    assert places(filled, about=third.record_id, actor="expert", before=COUNT) == []


def test_a_page_goes_on_where_the_last_one_ended(filled: RecordLog) -> None:
    seen: list[int] = []
    before = None
    while found := places(filled, actor="actor 0", before=before, limit=7):
        seen += found
        before = found[-1]
        filled.append(Record("score", "actor 0", {})).result()  # newer ones change nothing
    assert seen == expected(range(COUNT), 3, 0)


def test_a_span_of_time_has_its_beginning_and_not_its_end(url: str) -> None:
    with RecordLog.open(url) as log:
        start = datetime.now(UTC)
        log.append(Record("score", "a", {})).result()
        assert places(log, since=start - timedelta(minutes=1)) == [0]
        assert places(log, until=start + timedelta(minutes=1)) == [0]
        assert places(log, since=start + timedelta(minutes=1)) == []
        assert places(log, until=start - timedelta(minutes=1)) == []
        stamp = int(log.search(AUDITOR, LogQuery())[0].record_id.replace("-", "")[:12], 16)
        moment = datetime.fromtimestamp(stamp / 1000, UTC)
        assert places(log, since=moment) == [0]
        assert places(log, until=moment) == []


def test_a_department_finds_its_own_only(filled: RecordLog) -> None:
    own = Sight.of_department("D1")
    for wanted in ({}, {"actor": "actor 1"}, {"model_version": "2"}, {"kind": "score"}):
        found = filled.search(own, LogQuery(**wanted))  # type: ignore[arg-type]
        assert found
        assert {each.department for each in found} == {"D1"}
    foreign = filled.search(SERVICE, LogQuery(department="D2"))
    assert places(filled, own, department="D2") == []
    assert places(filled, own, record_id=foreign[0].record_id) == []
    about = foreign[-1].record_id
    assert places(filled, own, about=about) == []
    assert len(places(filled, about=about)) == 1, "control: an auditor finds it"


def test_no_search_sorts_or_reads_the_whole_log(sqlite_url: str) -> None:
    now = datetime.now(UTC)
    queries = [
        LogQuery(actor="a", before=9),
        LogQuery(model_version="1"),
        LogQuery(kind="score"),
        LogQuery(about="x", kind="review"),
        LogQuery(project_id="P"),
        LogQuery(department="D"),
        LogQuery(since=now, until=now),
    ]
    with RecordLog.open(sqlite_url) as log:
        for query in queries:
            plan = _plan(log, query)
            assert not [line for line in plan if "SCAN" in line or "TEMP B-TREE" in line], plan


def test_control_a_plan_that_sorts_is_noticed(sqlite_url: str) -> None:
    with RecordLog.open(sqlite_url) as log:
        plan = _plan(log, LogQuery(actor="a"), order="record.record_id")
        assert [line for line in plan if "TEMP B-TREE" in line]


def _plan(log: RecordLog, query: LogQuery, order: str | None = None) -> list[str]:
    from sqlalchemy import select

    from serving.records.tables import RECORD

    by = query.newest_first() if order is None else text(order)
    wanted = select(RECORD).where(query.wanted()).order_by(by).limit(query.limit)
    with log._database.reading(AUDITOR) as connection:
        said = wanted.compile(connection.engine, compile_kwargs={"literal_binds": True})
        rows = connection.execute(text(f"EXPLAIN QUERY PLAN {said}")).all()
    return [row[3] for row in rows]


@pytest.mark.parametrize(
    ("leaf", "terms"),
    [
        ({"actor": "a", "content": {"model": {"version": 3}}}, ("a", "3", ())),
        ({"actor": "a", "about": ["x", "x", "y"], "content": {}}, ("a", None, ("x", "y"))),
        ({"actor": "a", "content": {"after": {"version": 4}, "before": None}}, ("a", "4", ())),
        ({"actor": "a", "content": {"version": {"version": 5}}}, ("a", "5", ())),
        ({"actor": "a", "content": {"version": None}}, ("a", None, ())),
        ({"content": [], "about": 3}, ("unknown", None, ())),
        ({}, ("unknown", None, ())),
    ],
)
def test_the_terms_of_a_leaf(leaf: dict[str, object], terms: tuple[object, ...]) -> None:
    found = SearchTerms.of(leaf)
    assert (found.actor, found.model_version, found.about) == terms
