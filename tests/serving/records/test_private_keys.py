"""Private values are sealed at rest: no file of the database shows one, and each has its place."""

from __future__ import annotations

import json
import multiprocessing
import stat
from hashlib import sha256
from pathlib import Path

import pytest
import sqlalchemy as sa

from serving.records.database import AUDITOR
from serving.records.errors import KeyConflict, LogDamaged, PrivateKeyError, RecordRefused
from serving.records.log_reader import LogReader
from serving.records.private_keys import PrivateKey, PrivateKeys
from serving.records.receipt import Once
from serving.records.record import PrivateValue, Record
from serving.records.record_log import RecordLog
from serving.records.tables import ANSWER
from serving.records.verification import verify_log
from tests.serving.records.conftest import Postgres

PLANTED = "planted-13800000000-planted"
KEPT = PrivateValue(b"s" * 32, b'"1"')


def person(secret: str = PLANTED, **content: object) -> Record:
    return Record("score", "platform", content, private={"phone": secret, "name": secret})


@pytest.fixture
def folder(sqlite_url: str) -> Path:
    return Path(sqlite_url.removeprefix("sqlite:///")).parent


def keys_file(url: str) -> Path:
    """Where the keys of a test's database are."""
    named = url.partition("?keys=")[2]
    return Path(named or url.removeprefix("sqlite:///")).with_suffix(".keys")


def planted(folder: Path, secret: str = PLANTED) -> list[str]:
    """The files in which the secret stands in clear."""
    return [path.name for path in folder.rglob("*") if secret.encode() in _bytes(path)]


def _bytes(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() else b""


def test_a_sealed_value_opens_in_its_own_place_only() -> None:
    key = PrivateKey(bytes(range(32)))
    sealed = key.sealed("record", "phone", KEPT)
    assert key.opened("record", "phone", sealed) == KEPT
    assert KEPT.value not in sealed
    assert KEPT.salt not in sealed
    assert key.sealed("record", "phone", KEPT) != sealed, "a nonce of its own"
    assert key.opened("record", "name", sealed) is None
    assert key.opened("other", "phone", sealed) is None
    assert PrivateKey(bytes(32)).opened("record", "phone", sealed) is None
    for place in (0, 12, len(sealed) - 1):
        other = bytearray(sealed)
        other[place] ^= 1
        assert key.opened("record", "phone", bytes(other)) is None
    assert key.opened("record", "phone", b"") is None


def test_no_file_of_sqlite_shows_a_private_value(sqlite_url: str, folder: Path) -> None:
    with RecordLog.open(sqlite_url) as log:
        for number in range(50):
            log.append(person(number=number)).result()
        assert (folder / "records.db-wal").stat().st_size > 0
        assert planted(folder) == []
        log.append(person(clear=PLANTED)).result()
        assert planted(folder) == ["records.db-wal"], "control: in clear it would be found"


def test_no_file_of_postgresql_shows_a_private_value(postgres: Postgres, postgres_url: str) -> None:
    data, own = Path(postgres.data), f"{PLANTED}-here-only"  # the server is shared with others
    with RecordLog.open(postgres_url) as log:
        log.append(person(own)).result()
        assert planted(data, own) == []
        log.append(person(own, clear=own)).result()
        found = planted(data, own)
        assert any(name.startswith("0000") for name in found), "control: its WAL has it"


def test_the_file_is_made_at_first_need_for_its_owner_only(url: str) -> None:
    file = keys_file(url)
    with RecordLog.open(url) as log:
        log.append(Record("score", "platform", {})).result()
        assert not file.exists()
        log.append(person()).result()
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    (line,) = file.read_text().splitlines()
    with LogReader.open(url) as log:
        assert {kept[0] for kept in log.records(AUDITOR)[1].sealed.values() if kept} == {line[:16]}


@pytest.fixture
def used(url: str) -> str:
    """The address of a log that holds private values."""
    with RecordLog.open(url) as log:
        log.append(person()).result()
    return url


def test_without_its_key_a_log_is_not_opened_and_no_other_is_made(used: str) -> None:
    file = keys_file(used)
    text = file.read_text()
    file.unlink()
    with pytest.raises(PrivateKeyError, match="got FileNotFoundError; restore the file"):
        RecordLog.open(used)
    assert not file.exists()
    PrivateKeys(file).made()
    with pytest.raises(PrivateKeyError, match=f"expected the key {text[:16]} of private values"):
        RecordLog.open(used)
    file.write_text(text)
    file.chmod(0o640)
    with pytest.raises(PrivateKeyError, match=r"by its owner only \(0600\); got 0640"):
        RecordLog.open(used)
    file.chmod(0o600)
    file.write_text(f"{text[:16]} {'A' * 43}=\n")
    with pytest.raises(PrivateKeyError, match="line 1: expected an id and its key of 32 bytes"):
        RecordLog.open(used)
    file.write_text(text)
    RecordLog.open(used).close()


def test_a_reader_needs_no_key_for_what_is_not_private(used: str) -> None:
    keys_file(used).unlink()
    with LogReader.open(used) as log:
        (stored,) = log.records(AUDITOR)
        assert stored.content()["kind"] == "score"
        with pytest.raises(PrivateKeyError, match="restore the file"):
            list(log.export())


def test_without_a_place_for_keys_private_values_are_refused(postgres: Postgres) -> None:
    with RecordLog.open(postgres.new_database()) as log:
        log.append(Record("score", "platform", {})).result()
        with pytest.raises(PrivateKeyError, match=r"\?keys=FILE"):
            log.append(person()).result()
        assert log.head().size == 1


def _write(url: str, number: int) -> None:
    with RecordLog.open(url, patience=30) as log:
        log.append(person(number=number)).result()


def test_processes_that_need_the_first_key_at_once_make_one(url: str) -> None:
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        pool.starmap(_write, [(url, number) for number in range(4)])
    assert len(keys_file(url).read_text().splitlines()) == 1
    with LogReader.open(url) as log:
        assert verify_log(log.export()).private_values == 8


# Another key


def changed(old: str | None, new: str, count: int) -> Record:
    return Record("key_change", "os:keeper", {"before": old, "after": new, "values": count})


def test_another_key_takes_over_everything(url: str) -> None:
    file = keys_file(url)
    with RecordLog.open(url) as log, RecordLog.open(url) as other:
        made = [person(number=number) for number in range(5)]
        log.append_all(made).result()
        other.append(person()).result()
        old = file.read_text()[:16]
        new, count = log.rotate_key(changed)
        assert (new != old, count) == (True, 12)
        assert [line[:16] for line in file.read_text().splitlines()] == [new]
        other.append(person()).result()
        sealed = [kept for found in log.records(AUDITOR) for kept in found.sealed.values() if kept]
        assert {key_id for key_id, _ in sealed} == {new}
        verdict = verify_log(other.export())
        assert (verdict.holds, verdict.private_values) == (True, 14)
        said = json.loads(log.records(AUDITOR, kind="key_change")[0].leaf)["content"]
        assert said == {"before": old, "after": new, "values": 12}
    RecordLog.open(url).close()


def test_the_digest_of_a_question_is_sealed_too_and_stays_comparable(
    url: str, tmp_path: Path
) -> None:
    body = sha256(b"a question with a telephone number").digest()
    asked = Once("caller", "k", body, b"answer")
    with RecordLog.open(url) as log:
        log.append(person(), asked).result()
        with log._database.writing() as connection:
            (stored,) = connection.execute(sa.select(ANSWER.c.body_digest)).scalars()
        assert body not in stored
        log.rotate_key(changed)
        assert log.append(person(), asked).result().repeated
        with pytest.raises(KeyConflict):
            log.append(person(), Once("caller", "k", body[::-1], b"answer")).result()
        assert log.head().size == 2
    if url.startswith("sqlite"):
        for file in tmp_path.iterdir():
            assert body not in file.read_bytes()


def test_what_was_erased_stays_so_under_another_key(log: RecordLog) -> None:
    from tests.serving.records.test_erasure import erasure

    asked = person()
    log.append(asked).result()
    log.erase(erasure(asked.record_id, "phone"))
    assert log.rotate_key(changed)[1] == 1
    stored = log.record(asked.record_id)
    assert stored is not None
    assert stored.erased == ["phone"]


def test_a_rotation_that_was_broken_off_is_made_up_for(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = keys_file(sqlite_url)
    with RecordLog.open(sqlite_url) as log:
        log.append_all([person(number=number) for number in range(4)]).result()
        monkeypatch.setattr("serving.records.resealing._RECORDS_AT_ONCE", 2)
        whole = PrivateKey.opened
        calls = iter(range(100))

        def breaks(self: PrivateKey, record_id: str, name: str, sealed: bytes) -> object:
            return None if next(calls) == 5 else whole(self, record_id, name, sealed)

        monkeypatch.setattr(PrivateKey, "opened", breaks)
        with pytest.raises(LogDamaged, match=r"record 2, .* expected a value that its key opens"):
            log.rotate_key(changed)
        monkeypatch.setattr(PrivateKey, "opened", whole)
        assert len(file.read_text().splitlines()) == 2
        assert verify_log(log.export()).private_values == 8
        new, count = log.rotate_key(changed)
        assert count == 8
        assert [line[:16] for line in file.read_text().splitlines()] == [new]
        assert verify_log(log.export()).holds


def test_a_record_that_cannot_be_one_is_refused_as_before(log: RecordLog) -> None:
    with pytest.raises(RecordRefused, match="expected"):
        log.append(Record("score", "platform", {"x": float("nan")}))
