"""Answers are given again for as long as is promised; then their bytes go, and their keys stay."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from serving.records import kept_answers
from serving.records.errors import KeyConflict, KeyExpired
from serving.records.kept_answers import is_time_to_drop
from serving.records.receipt import Once
from serving.records.record_log import RecordLog
from serving.records.tables import ANSWER
from serving.records.verification import verify_log
from tests.serving.records.test_record_log import record

AT_ONCE = timedelta(0)
ANSWER_TEXT = b"an unmistakable answer"


def once(key: str, body: bytes = b"digest", answer: bytes = ANSWER_TEXT) -> Once:
    return Once("caller", key, body, answer)


def held(log: RecordLog) -> list[tuple[str, bool]]:
    """The keys that are known, each with whether its answer is there."""
    query = sa.select(ANSWER.c.key, ANSWER.c.answer, ANSWER.c.body_digest).order_by(ANSWER.c.key)
    with log._database.writing() as connection:
        rows = connection.execute(query).all()
    assert all((row.answer is None) == (row.body_digest is None) for row in rows)
    return [(row.key, row.answer is not None) for row in rows]


def grown(log: RecordLog) -> None:
    """Append records, each by itself, until the log has looked once for answers to let go."""
    while True:
        size = log.head().size
        log.append(record()).result()
        if is_time_to_drop(size, log.head().size):
            return


def test_a_log_looks_for_old_answers_once_every_16_records() -> None:
    looks = [size for size in range(64) if is_time_to_drop(size, size + 1)]
    assert looks == [15, 31, 47, 63]
    assert is_time_to_drop(15, 40)
    assert is_time_to_drop(1, 17)
    assert not is_time_to_drop(16, 31)
    assert not is_time_to_drop(16, 16)
    assert kept_answers._MOST > kept_answers._RECORDS_BETWEEN, "or more would come than go"


def test_an_old_key_is_refused_and_told_of_its_record(url: str) -> None:
    with RecordLog.open(url) as log:
        first = log.append(record(), once("k")).result()
        assert log.append(record(), once("k")).result().answer == ANSWER_TEXT
    with RecordLog.open(url, keep_answers=AT_ONCE) as log:
        for body in (b"digest", b"another"):
            with pytest.raises(KeyExpired, match=f"first as {first.record_id}"):
                log.append(record(), once("k", body)).result()
            with pytest.raises(KeyExpired, match="older than answers are kept"):
                log.repeated(once("k", body))
        assert log.head().size == 1, "control: taken for a new one it would be recorded twice"
        log.append(record(), once("another key")).result()
        assert log.head().size == 2


def test_the_bytes_go_a_few_at_a_time(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with RecordLog.open(url) as log:
        for number in range(6):
            log.append(record(), once(f"k{number}")).result()
        assert [there for _, there in held(log)] == [True] * 6
    monkeypatch.setattr(kept_answers, "_OLD", kept_answers._OLD.limit(4))
    with RecordLog.open(url, keep_answers=AT_ONCE) as log:
        log.append(record()).result()
        assert [there for _, there in held(log)] == [True] * 6, "not at every commit"
        grown(log)
        assert [there for _, there in held(log)] == [False] * 4 + [True] * 2
        with pytest.raises(KeyExpired):
            log.append(record(), once("k5")).result()  # its bytes are there, its time is over
        grown(log)
        assert [there for _, there in held(log)] == [False] * 6
        assert verify_log(log.export()).holds
        assert log.head().size == 32


def test_of_large_answers_fewer_go_at_once(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_answers, "_MOST_BYTES", 1000)
    with RecordLog.open(url) as log:
        for number in range(3):
            log.append(record(), once(f"k{number}", answer=b"x" * 900)).result()
    with RecordLog.open(url, keep_answers=AT_ONCE) as log:
        for gone in (1, 2, 3, 3):
            grown(log)
            assert [there for _, there in held(log)].count(False) == gone


def test_what_is_not_old_stays(log: RecordLog) -> None:
    log.append(record(), once("k")).result()
    grown(log)
    assert held(log) == [("k", True)]
    with pytest.raises(KeyConflict):
        log.append(record(), once("k", b"another")).result()


def test_an_answer_that_went_is_in_no_file_of_the_database(sqlite_url: str) -> None:
    file = Path(sqlite_url.removeprefix("sqlite:///"))

    def found() -> bool:
        return ANSWER_TEXT in file.read_bytes()

    with RecordLog.open(sqlite_url) as log:
        log.append(record(), once("k")).result()
    assert found(), "control"
    with RecordLog.open(sqlite_url, keep_answers=AT_ONCE) as log:
        grown(log)
    assert not found()
