"""No record, no score: what is answered is in the log first, and holds what was answered."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import sqlite3
import time
from concurrent.futures import Future
from hashlib import sha256
from typing import Any

import httpx
import pytest
from anyio.from_thread import BlockingPortal

from features.declared_project import parse_project
from features.project_document import joined_document
from models.registry import Release
from serving.asker import Asker
from serving.recording.run_record import BatchItem, batch_record
from serving.records.database import SERVICE
from serving.records.errors import RecordsUnavailable
from serving.records.receipt import Receipt
from serving.records.record import new_record_id
from serving.records.record_log import RecordLog
from serving.records.verification import verify_log
from tests.serving.conftest import IDENTITY_NUMBER, tiny_project
from tests.serving.recording.conftest import Recorded
from tests.serving.test_bad_requests import assert_refused

QUESTION = {"project": tiny_project()}
BATCH = {"projects": [tiny_project(1), tiny_project(2, area="wide"), tiny_project(3, type=None)]}


def core_in(item: bytes) -> bytes:
    """The bytes of an answer that its record has the digest of, cut from what was sent."""
    return item[: item.rindex(b',"record_id":')] + b"}"


def test_the_record_of_an_answer_is_in_the_log(recorded: Recorded, release: Release) -> None:
    answer = recorded.service.post("/score", QUESTION)
    told = answer.json()
    stored = recorded.log.record(told["record_id"])
    assert stored is not None
    assert (stored.kind, stored.project_id, stored.department) == ("score", "P0001", "D1")
    content = stored.content()["content"]
    assert content["said"]["sha256"] == sha256(core_in(answer.content)).hexdigest()
    assert content["model"]["digest"] == release.version.digest
    assert content["grade"] == told["priority"]["grade"]
    assert content["asked"] == {"role": "admin", "way": "POST /score"}
    private = {
        name: json.loads(kept.value) for name, kept in stored.private.items() if kept is not None
    }
    assert private == {"contact": IDENTITY_NUMBER}
    assert IDENTITY_NUMBER not in stored.leaf.decode()
    document = joined_document(content["document"], private)
    catalogue = release.model.catalogue
    assert parse_project(document, catalogue) == parse_project(tiny_project(), catalogue)
    assert verify_log(recorded.log.export()).holds


def test_the_receipt_is_that_of_the_log_which_ends_with_the_record(recorded: Recorded) -> None:
    for number in range(5):
        told = recorded.service.post("/score", QUESTION).json()
        head = recorded.log.head()
        assert told["receipt"] == {
            "leaf_index": number,
            "leaf_hash": told["receipt"]["leaf_hash"],
            "tree_size": number + 1,
            "root": base64.b64encode(head.root).decode(),
        }
        stored = recorded.log.receipt(told["record_id"])
        assert stored is not None
        assert base64.b64encode(stored.leaf_hash).decode() == told["receipt"]["leaf_hash"]


def test_every_answer_of_a_batch_has_its_record(recorded: Recorded) -> None:
    answer = recorded.service.post("/score_batch", BATCH).json()
    results = answer["results"]
    assert [result.get("status") for result in results] == ["rated", None, "not_rated"]
    whole, *records = recorded.log.records(SERVICE)
    assert [r.record_id for r in records] == [results[0]["record_id"], results[2]["record_id"]]
    assert [r.content()["about"] for r in records] == [[whole.record_id]] * 2
    assert [results[0]["receipt"]["tree_size"], results[2]["receipt"]["tree_size"]] == [2, 3]
    assert records[1].content()["content"]["missing"] == ["type"]


def test_a_batch_has_a_record_which_shows_that_nothing_is_missing(recorded: Recorded) -> None:
    answer = recorded.service.post("/score_batch", BATCH)
    told, results = answer.json(), answer.json()["results"]
    whole = recorded.log.records(SERVICE)[0]
    leaf, content = whole.content(), whole.content()["content"]
    assert (whole.kind, told["projects"], told["record_id"]) == ("batch", 3, whole.record_id)
    assert told["receipt"]["leaf_index"] == 0
    assert leaf["actor"] == "local"
    assert content["rows"] == {"rows": 3, "rated": 1, "not_rated": 1, "refused": 1}
    assert (content["records"], content["complete"]) == (2, True)
    error = json.dumps(results[1], ensure_ascii=False, separators=(",", ":")).encode()
    refused = {"error": "invalid", "fields": ["area"], "sha256": sha256(error).hexdigest()}
    ids = [results[0]["record_id"], results[2]["record_id"]]
    assert content["items"] == [{"record_id": ids[0]}, refused, {"record_id": ids[1]}]
    lines = f"{ids[0]}\n{refused['sha256']}\n{ids[1]}\n"
    assert content["items_digest"] == f"sha256:{sha256(lines.encode()).hexdigest()}"
    ranking = json.dumps(told["ranking"], separators=(",", ":")).encode()
    assert content["ranking_digest"] == f"sha256:{sha256(ranking).hexdigest()}"
    assert whole.leaf.count(IDENTITY_NUMBER.encode()) == 0


def test_control_a_batch_that_left_one_out_would_not_be_complete(release: Release) -> None:
    rated = BatchItem("rated", new_record_id())
    asker = Asker("a", "platform", "a test")
    for items, complete in [([rated, rated], True), ([rated, BatchItem("rated")], False)]:
        made = batch_record(release, items, b"[]", asker, new_record_id(), {})
        assert json.loads(made.leaf)["content"]["complete"] is complete


def test_a_name_that_a_caller_made_up_is_not_kept(recorded: Recorded) -> None:
    strange = tiny_project(**{"secret_name": 1, "area": "wide"})
    recorded.service.post("/score_batch", {"projects": [strange]})
    (whole,) = recorded.log.records(SERVICE)
    assert whole.content()["content"]["items"][0]["fields"] == ["area"]
    assert b"secret_name" not in whole.leaf


def test_advice_is_recorded_and_belongs_to_the_department(recorded: Recorded) -> None:
    answer = recorded.service.post("/improvements", QUESTION)
    (stored,) = recorded.log.records(SERVICE)
    leaf, content = stored.content(), stored.content()["content"]
    assert (stored.kind, leaf["project_id"], leaf["department"]) == ("improvements", "P0001", "D1")
    assert content["said"]["sha256"] == sha256(answer.content).hexdigest()
    told = answer.json()
    assert [each[0]["indicator"] for each in content["suggestions"]] == [
        each["indicator"] for each in told["suggestions"]
    ]
    assert [way["reachable"] for way in content["ways"]] == [
        way["reachable"] for way in told["ways"]
    ]
    assert IDENTITY_NUMBER not in stored.leaf.decode()


def test_a_what_if_is_recorded_as_one_and_not_as_a_score(recorded: Recorded) -> None:
    changes = {"area": 900.0, "contact": None}
    answer = recorded.service.post("/what_if", {**QUESTION, "changes": changes})
    (stored,) = recorded.log.records(SERVICE)
    content = stored.content()["content"]
    assert stored.kind == "what_if"
    assert content["changes"] == {"area": 900}
    assert content["personal_changes"] == ["contact"]
    assert content["said"]["sha256"] == sha256(answer.content).hexdigest()
    assert IDENTITY_NUMBER not in stored.leaf.decode()


def test_what_is_refused_is_not_recorded(recorded: Recorded) -> None:
    assert_refused(recorded.service.post("/score", {"project": tiny_project(area="wide")}), 422)
    assert recorded.log.head().size == 0
    assert recorded.service.post("/score_batch", {"projects": [7]}).status_code == 200
    assert [found.kind for found in recorded.log.records(SERVICE)] == ["batch"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/score", QUESTION),
        ("/score_batch", BATCH),
        ("/what_if", {**QUESTION, "changes": {}}),
        ("/improvements", QUESTION),
    ],
)
def test_control_without_the_record_there_is_no_answer(
    recorded: Recorded, monkeypatch: pytest.MonkeyPatch, path: str, body: dict[str, Any]
) -> None:
    def failing(*_: Any) -> Future[tuple[Receipt, ...]]:
        future: Future[tuple[Receipt, ...]] = Future()
        future.set_exception(RecordsUnavailable("a full disk"))
        return future

    with monkeypatch.context() as broken:
        broken.setattr(RecordLog, "append_all", failing)
        answer = recorded.service.post(path, body)
    assert_refused(answer, 503, "cannot_record")
    assert answer.headers["retry-after"] == "2"
    assert "disk" not in answer.text
    assert recorded.service.post(path, body).status_code == 200


def test_while_one_answer_is_recorded_others_are_answered(
    recorded: Recorded, monkeypatch: pytest.MonkeyPatch, portal: BlockingPortal
) -> None:
    under_way: Future[tuple[Receipt, ...]] = Future()
    ordinary = recorded.log.append_all

    async def both() -> list[httpx.Response]:
        monkeypatch.setattr(recorded.log, "append_all", lambda *_: under_way)
        first = asyncio.ensure_future(recorded.service.later("POST", "/score", {"json": QUESTION}))
        await asyncio.sleep(0.05)
        monkeypatch.setattr(recorded.log, "append_all", ordinary)
        second = await recorded.service.later("POST", "/score", {"json": QUESTION})
        assert not first.done()
        under_way.set_exception(RecordsUnavailable("no answer"))
        return [await first, second]

    assert [answer.status_code for answer in portal.call(both)] == [503, 200]


def in_time(recorded: Recorded) -> httpx.Response:
    started = time.monotonic()
    answer = recorded.service.post("/score", QUESTION)
    assert time.monotonic() - started < 2.5, "2 seconds, and something for a busy machine"
    return answer


def test_a_locked_database_is_answered_in_time_and_recovers(recorded: Recorded) -> None:
    with sqlite3.connect(recorded.file, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        assert_refused(in_time(recorded), 503, "cannot_record")
        other.execute("ROLLBACK")
    other.close()
    assert in_time(recorded).status_code == 200
    assert recorded.log.head().size == 1


def test_a_database_that_is_gone_is_answered_in_time_and_recovers(recorded: Recorded) -> None:
    assert in_time(recorded).status_code == 200
    away = recorded.file.with_suffix(".away")
    os.rename(recorded.file, away)
    answer = in_time(recorded)
    assert_refused(answer, 503, "cannot_record")
    assert str(recorded.file) not in answer.text
    os.rename(away, recorded.file)
    assert in_time(recorded).status_code == 200
    assert recorded.log.head().size == 2


def test_a_full_disk_is_answered_in_time_and_recovers(recorded: Recorded) -> None:
    recorded.service.post("/score", QUESTION)
    engine = recorded.log._database._engine
    with engine.connect() as connection:
        raw = connection.connection.driver_connection
        assert raw is not None
        pages = raw.execute("PRAGMA page_count").fetchone()[0]
    limited: list[Any] = []

    def most(connection: Any) -> None:
        limited.append(connection)
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")

    from sqlalchemy import event

    event.listen(engine, "begin", most, insert=True)
    statuses = [in_time(recorded).status_code for _ in range(3)]
    event.remove(engine, "begin", most)
    assert statuses[-1] == 503
    assert limited
    engine.dispose()
    assert in_time(recorded).status_code == 200
    assert verify_log(recorded.log.export()).holds
    assert recorded.log.head().size == 2 + statuses.count(200)
