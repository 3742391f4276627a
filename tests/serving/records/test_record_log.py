"""The log on both databases: receipts, reading, idempotency, erasure, exports, several writers."""

from __future__ import annotations

import base64
import hashlib
import multiprocessing
import shutil
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from serving.records.checkpoint import SigningKey
from serving.records.database import AUDITOR, SERVICE, Sight
from serving.records.errors import (
    KeyConflict,
    LogDamaged,
    RecordRefused,
    RecordsError,
    RecordsUnavailable,
)
from serving.records.log_reader import LogReader
from serving.records.receipt import Once, Receipt
from serving.records.record import Record
from serving.records.record_log import RecordLog
from serving.records.verification import (
    Checkpoint,
    consistency_findings,
    leaf_hash,
    record_findings,
    root_from_inclusion,
    verified_checkpoint,
    verify_log,
)


def record(number: int = 0, **changes: Any) -> Record:
    given: dict[str, Any] = {"kind": "score", "actor": "platform", "content": {"number": number}}
    return Record(**(given | changes))


def fill(log: RecordLog, count: int) -> list[Receipt]:
    return [future.result() for future in [log.append(record(n)) for n in range(count)]]


def proven(receipt: Receipt) -> bool:
    root = root_from_inclusion(
        receipt.leaf_index, receipt.tree_size, receipt.leaf_hash, receipt.proof
    )
    return root == receipt.root


def once(key: str, body: bytes = b"body", answer: bytes = b"answer") -> Once:
    return Once("platform", key, hashlib.sha256(body).digest(), answer)


# Appending


def test_a_receipt_proves_its_record(log: RecordLog) -> None:
    for number in range(11):
        asked = record(number)
        receipt = log.append(asked).result()
        assert (receipt.record_id, receipt.leaf_index) == (asked.record_id, number)
        assert receipt.tree_size == number + 1
        assert proven(receipt)
        stored = log.record(asked.record_id)
        assert stored is not None
        assert leaf_hash(stored.leaf) == receipt.leaf_hash
        assert stored.content()["content"] == {"number": number}


def test_many_callers_share_commits_and_get_a_proof_each(log: RecordLog) -> None:
    with ThreadPoolExecutor(8) as callers:
        receipts = list(callers.map(lambda n: log.append(record(n)).result(), range(64)))
    assert sorted(receipt.leaf_index for receipt in receipts) == list(range(64))
    assert all(map(proven, receipts))
    assert log.head().size == 64


def test_records_of_one_request_stand_together(log: RecordLog) -> None:
    fill(log, 3)
    receipts = log.append_all([record(n) for n in range(5)]).result()
    assert [receipt.leaf_index for receipt in receipts] == [3, 4, 5, 6, 7]
    assert {receipt.tree_size for receipt in receipts} == {8}
    assert all(map(proven, receipts))
    with pytest.raises(RecordRefused, match="at least one; got none"):
        log.append_all([])


def test_an_old_record_is_proven_at_the_present_size(log: RecordLog, key: SigningKey) -> None:
    first, *_ = fill(log, 23)
    checkpoint = verified_checkpoint(log.checkpoint(key), key.verifier)
    receipt = log.receipt(first.record_id)
    stored = log.record(first.record_id)
    assert receipt is not None
    assert stored is not None
    assert receipt.tree_size == 23
    assert record_findings(receipt.as_json(), stored.leaf, checkpoint) == []
    # Controls: another record's bytes, another size, another root.
    other = record(1).sealed().leaf
    assert record_findings(receipt.as_json(), other, checkpoint)[0].place == "record 0"
    larger = Checkpoint(checkpoint.origin, 24, checkpoint.root)
    assert "24 records" in record_findings(receipt.as_json(), stored.leaf, larger)[0].expected
    altered = Checkpoint(checkpoint.origin, 23, bytes(32))
    assert record_findings(receipt.as_json(), stored.leaf, altered)[0].expected == (
        "the root 0000000000000000…"
    )
    assert log.receipt(record().record_id) is None


def test_a_record_id_is_taken_once_and_the_others_of_its_group_do_not_suffer(
    log: RecordLog,
) -> None:
    asked = record()
    log.append(asked).result()
    futures = [log.append(found) for found in (record(1), asked, record(2))]
    with pytest.raises(RecordRefused, match="record_id: expected an id that is not in the log"):
        futures[1].result()
    assert [futures[n].result().leaf_index for n in (0, 2)] == [1, 2]


def test_a_closed_log_takes_nothing(url: str) -> None:
    log = RecordLog.open(url)
    waiting = [log.append(record(n)) for n in range(20)]
    log.close()
    assert [future.result().leaf_index for future in waiting] == list(range(20))
    with pytest.raises(RecordsUnavailable, match="closed"):
        log.append(record())


def test_a_log_goes_on_after_it_was_closed(url: str) -> None:
    with RecordLog.open(url) as log:
        fill(log, 5)
    with RecordLog.open(url) as log:
        assert fill(log, 2)[-1].leaf_index == 6
        assert verify_log(log.export()).holds


# Idempotency


def test_a_repeated_request_gets_the_first_answer(log: RecordLog) -> None:
    first = log.append(record(1), once("k", answer=b"first")).result()
    fill(log, 3)
    again = log.append(record(2), once("k", answer=b"second")).result()
    assert (again.repeated, again.answer) == (True, b"first")
    assert (again.record_id, again.leaf_index) == (first.record_id, 0)
    assert again.tree_size == 4
    assert proven(again)
    assert log.answer(once("k")) == b"first"
    assert log.answer(once("new")) is None
    assert log.head().size == 4


def test_another_request_under_the_same_key_is_refused(log: RecordLog) -> None:
    log.append(record(), once("k")).result()
    with pytest.raises(KeyConflict, match="first used for; got another"):
        log.append(record(), once("k", body=b"other")).result()
    with pytest.raises(KeyConflict, match="first used for; got another"):
        log.answer(once("k", body=b"other"))
    log.append(record(), Once("another caller", "k", b"digest")).result()
    assert log.head().size == 2


def test_a_key_repeated_within_a_group_makes_one_record(log: RecordLog) -> None:
    futures = [log.append_all([record(n), record(n)], once("k")) for n in range(12)]
    found = [future.result() for future in futures]
    assert {(one.leaf_index, two.leaf_index) for one, two in found} == {(0, 1)}
    assert Counter(one.repeated for one, _ in found) == {True: 11, False: 1}
    assert log.head().size == 2


def _same_keys(url: str, seed: int) -> list[tuple[str, bool, bytes | None]]:
    """What a process gets that asks for fifty keys which others ask for as well."""
    with RecordLog.open(url, patience=30) as log:
        order = [(number * 7 + seed * 11) % 50 for number in range(50)]
        futures = {
            key: log.append(record(key), once(f"k{key}", answer=f"{seed}".encode()))
            for key in order
        }
        receipts = [futures[key].result() for key in range(50)]
    return [(found.record_id, found.repeated, found.answer) for found in receipts]


def test_eight_processes_with_the_same_keys_make_each_record_once(url: str) -> None:
    RecordLog.open(url).close()
    context = multiprocessing.get_context("spawn")
    with context.Pool(8) as pool:
        told = pool.starmap(_same_keys, [(url, seed) for seed in range(8)])
    for answers in zip(*told, strict=True):
        assert len({record_id for record_id, _, _ in answers}) == 1
        assert [repeated for _, repeated, _ in answers].count(False) == 1
        winner = str(next(n for n, (_, repeated, _) in enumerate(answers) if not repeated))
        assert {answer for _, repeated, answer in answers if repeated} == {winner.encode()}
    with RecordLog.open(url) as log:
        assert log.head().size == 50
        assert verify_log(log.export()).holds


def test_a_log_that_grows_meanwhile_opens_and_exports(url: str) -> None:
    with RecordLog.open(url) as writer, ThreadPoolExecutor(1) as another:
        going_on = True

        def write() -> int:
            made = 0
            while going_on:
                made = writer.append(record(made)).result().tree_size
            return made

        made = another.submit(write)
        try:
            for _ in range(40):
                with RecordLog.open(url) as log:
                    assert verify_log(log.export()).findings == []
        finally:
            going_on = False
        assert made.result() == writer.head().size


# Reading


def test_records_are_found_by_project_department_and_kind(log: RecordLog) -> None:
    for number in range(6):
        project, department = f"P{number % 3}", "ab"[number % 2]
        log.append(record(number, project_id=project, department=department)).result()
    override = record(9, kind="override", project_id="P1", department="b")
    log.append(override).result()

    def numbers(sight: Sight, **wanted: Any) -> list[int]:
        return [found.leaf_index for found in log.records(sight, **wanted)]

    assert numbers(AUDITOR, project_id="P1") == [1, 4, 6]
    assert numbers(AUDITOR, project_id="P1", kind="override") == [6]
    assert numbers(AUDITOR, department="a") == [0, 2, 4]
    assert numbers(AUDITOR, after=2, limit=2) == [3, 4]
    assert numbers(Sight.of_department("b")) == [1, 3, 5, 6]
    assert numbers(Sight.of_department("b"), project_id="P1") == [1, 6]
    assert numbers(Sight.of_department("b"), department="a") == []
    assert log.record(override.record_id, Sight.of_department("a")) is None
    assert log.receipt(override.record_id, Sight.of_department("a")) is None
    assert log.record(override.record_id, Sight.of_department("b")) is not None


def test_a_reader_neither_makes_a_log_nor_upgrades_one(url: str) -> None:
    with pytest.raises(RecordsError, match=r"no file|expected schema 0006; got none"):
        LogReader.open(url)
    with RecordLog.open(url) as log:
        fill(log, 2)
    with LogReader.open(url) as reader:
        assert reader.head().size == 2


@pytest.mark.parametrize(
    "url", ["mysql://localhost/x", "sqlite://", "sqlite:///:memory:", "nonsense"]
)
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(RecordsError, match="expected the address of the record database"):
        RecordLog.open(url)


# Checkpoints and exports


def test_checkpoints_are_signed_once_and_hang_together(log: RecordLog, key: SigningKey) -> None:
    notes = []
    for count in (0, 3, 5, 8):
        fill(log, count)
        notes.append(log.checkpoint(key))
        assert log.checkpoint(key) == notes[-1]
    assert log.checkpoints() == notes
    found = [verified_checkpoint(note, key.verifier) for note in notes]
    assert [checkpoint.size for checkpoint in found] == [0, 3, 8, 16]
    for old in found:
        for new in found[found.index(old) :]:
            proof = log.consistency_proof(old.size, new.size)
            assert consistency_findings(old, new, proof) == []
    proof = log.consistency_proof(3, 8)
    other = Checkpoint(key.name, 8, bytes(32))
    assert "another history" in consistency_findings(found[1], other, proof)[0].got
    strange = Checkpoint("other.example", 8, found[2].root)
    assert "the same log" in consistency_findings(found[1], strange, proof)[0].expected


def test_every_part_of_a_log_verifies(log: RecordLog, key: SigningKey) -> None:
    for count in (2, 3, 4):
        fill(log, count)
        log.checkpoint(key)
    outside = [verified_checkpoint(note, key.verifier) for note in log.checkpoints()]
    for start in range(10):
        for end in range(start, 10):
            verdict = verify_log(log.export(start, end), [key.verifier], outside)
            assert verdict.holds, (start, end, verdict.findings)
            assert (verdict.start, verdict.size) == (start, end)
    with pytest.raises(RecordRefused, match="within 0 to 9; got 3 to 12"):
        list(log.export(3, 12))


def test_a_key_may_be_changed(log: RecordLog, key: SigningKey) -> None:
    later = SigningKey.generate("finance.example/records-2")
    fill(log, 3)
    notes = [log.checkpoint(key), log.checkpoint(later)]
    keys = [key.verifier, later.verifier]
    outside = [verified_checkpoint(note, *keys) for note in notes]
    verdict = verify_log(log.export(), keys, outside)
    assert (verdict.holds, verdict.checkpoints, verdict.covered) == (True, 4, 3)
    verdict = verify_log(log.export(), [key.verifier])
    assert (verdict.holds, verdict.checkpoints, verdict.unknown_keys) == (True, 1, 1)


def test_a_log_that_became_shorter_is_not_written_to(sqlite_url: str) -> None:
    path = sqlite_url.removeprefix("sqlite:///")
    with RecordLog.open(sqlite_url) as log:
        fill(log, 2)
    shutil.copy(path, f"{path}.backup")
    log = RecordLog.open(sqlite_url)
    fill(log, 2)
    with LogReader.open(sqlite_url) as other:
        other.head()
    shutil.move(f"{path}.backup", path)
    for suffix in ("-wal", "-shm"):
        Path(path + suffix).unlink(missing_ok=True)
    with pytest.raises(LogDamaged, match=r"expected 4 records or more.*got 2"):
        log.append(record()).result()
    log.close()


def test_the_service_sees_what_an_auditor_sees(log: RecordLog) -> None:
    asked = record(private={"phone": "1"}, department="a")
    log.append(asked).result()
    for sight in (SERVICE, AUDITOR, Sight.of_department("a")):
        stored = log.record(asked.record_id, sight)
        assert stored is not None
        assert stored.private["phone"] is not None
    assert base64.b64encode(log.head().root).decode() in next(log.export())
