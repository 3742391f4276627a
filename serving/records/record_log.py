"""The record log: append-only, a Merkle tree over every record, durable before anyone is told.

    log = RecordLog.open(f"sqlite:///{home}/records.db")
    receipt = log.append(Record("score", "platform", {"score": 78.2})).result()

Leaf, tree and head change in one transaction under the lock of the head, whichever process writes.
`serving.records.verification` verifies what `export` gives out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import timedelta
from typing import Self

from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import IntegrityError

from serving.records.checkpoint import SigningKey
from serving.records.database import AUDITOR, Database
from serving.records.erasure import Erasure
from serving.records.errors import (
    LogDamaged,
    RecordRefused,
    RecordsError,
)
from serving.records.group_commit import GroupCommit, Wanted
from serving.records.kept_answers import (
    drop_old,
    is_time_to_drop,
    keep_answers,
    kept_answers,
    oldest_kept,
)
from serving.records.log_reader import ATTEMPT, PATIENCE, LogReader
from serving.records.log_reading import (
    Head,
    Place,
    locked_head,
    require_sound,
    short,
    stored_nodes,
    stored_receipts,
)
from serving.records.log_writing import Asked, insert_records, placed
from serving.records.merkle_tree import (
    Range,
    frontier_nodes,
    grown,
    inclusion_ranges,
    proof,
    range_hash,
)
from serving.records.private_keys import PrivateKeys
from serving.records.receipt import KEEP_ANSWERS, Once, Receipt
from serving.records.record import Record, SealedRecord, rfc3339, utc_now
from serving.records.resealing import resealed
from serving.records.sealing import keys_in_use, registered, retire
from serving.records.tables import CHECKPOINT
from serving.records.verification import (
    NotVerified,
    joined,
    leaf_hash,
    verified_checkpoint,
)

_MOST_TOGETHER = 1_000


class RecordLog(LogReader):
    """A record log that is written to; any number of processes may have it open."""

    def __init__(
        self, database: Database, patience: float = PATIENCE, keep_answers: timedelta = KEEP_ANSWERS
    ) -> None:
        super().__init__(database, keep_answers)
        self._seen: Head | None = None
        self._commits = GroupCommit(self._committed, patience, _MOST_TOGETHER)

    @classmethod
    def open(
        cls, url: str, patience: float = PATIENCE, keep_answers: timedelta = KEEP_ANSWERS
    ) -> Self:
        """The log at that address, made where it is absent, its schema brought up to date.

        keep_answers: how long an answer is given again under its key.

        Raises:
            LogDamaged: when its head is not what its newest nodes and records say.
            SchemaMismatch: when a newer version has upgraded the database.
            PrivateKeyError: when a key of its private values is not at hand.
        """
        return cls._opened(url, patience, keep_answers, make=True)

    @classmethod
    def open_existing(cls, url: str, patience: float = PATIENCE) -> Self:
        """The log at that address, as `open` does; where there is none, it makes none.

        Raises:
            RecordsUnavailable: when there is no database.
        """
        return cls._opened(url, patience, KEEP_ANSWERS, make=False)

    @classmethod
    def _opened(cls, url: str, patience: float, keep_answers: timedelta, *, make: bool) -> Self:
        database = Database.open(url, patience * ATTEMPT, make=make)
        try:
            with database.reading(AUDITOR) as connection:
                require_sound(connection)
                for key_id in keys_in_use(connection):
                    database.keys.key(key_id)
        except RecordsError:
            database.close()
            raise
        return cls(database, patience, keep_answers)

    def close(self) -> None:
        """Commit what was asked for, then close."""
        self._commits.close()
        super().close()

    # Writing

    def append(self, record: Record | SealedRecord, once: Once | None = None) -> Future[Receipt]:
        """The future receipt of a record, there as soon as it is durable.

        The future gets RecordsUnavailable within the patience when it cannot be made durable,
        KeyConflict when the key belongs to another request, KeyExpired when that was too long ago,
        LogDamaged when the log is not what it was.

        Raises:
            RecordRefused: when the record cannot be JSON.
        """
        many = self.append_all([record], once)
        one: Future[Receipt] = Future()
        one.set_running_or_notify_cancel()

        def done(found: Future[tuple[Receipt, ...]]) -> None:
            error = found.exception()
            if error is None:
                one.set_result(found.result()[0])
            else:
                one.set_exception(error)

        many.add_done_callback(done)
        return one

    def append_all(
        self, records: Sequence[Record | SealedRecord], once: Once | None = None
    ) -> Future[tuple[Receipt, ...]]:
        """The future receipts of several records, which become durable together or not at all."""
        if not records:
            raise RecordRefused("records", "at least one", "none")
        sealed = tuple(
            record if isinstance(record, SealedRecord) else record.sealed() for record in records
        )
        return self._commits.ask(Asked(sealed, once), len(sealed))

    def erase(self, erasure: Erasure) -> Receipt | None:
        """Erase private values with their salts, and record it; None when that was done before.

        Both happen or neither. The proofs of the record stay valid.

        Raises:
            RecordRefused: when the record is not there, or has no private value of a name.
        """
        with self._database.writing() as connection:
            old = locked_head(connection)
            self._require_not_older(old)
            record = erasure.done(connection)
            if record is None:
                return None
            grown_log = _appended(connection, self._database.keys, old, [record.sealed()])
        self._database.forget_erased()
        return grown_log.receipts[0]

    def rotate_key(self, record: Callable[[str | None, str, int], Record]) -> tuple[str, int]:
        """The id of a new key, and how many private values it seals now: all of them.

        They are sealed again some at a time, while others write. The old keys leave the file when
        the new one has everything.

        Args:
            record: the record of the change, from the old key's id, the new one's, and how many.

        Raises:
            PrivateKeyError: when an old key is not at hand: then nothing is changed.
        """
        with self._database.writing() as connection:
            locked_head(connection)
            old = [self._database.keys.key(key_id) for key_id in keys_in_use(connection)]
            new = registered(connection, self._database.keys.made())
        count = resealed(self._database, new)
        with self._database.writing() as connection:
            head = locked_head(connection)
            self._require_not_older(head)
            for key in old:
                retire(connection, key.key_id)
            made = record(old[-1].key_id if old else None, new.key_id, count).sealed()
            _appended(connection, self._database.keys, head, [made])
        for key in old:
            self._database.keys.drop(key.key_id)
        self._database.forget_erased()
        return new.key_id, count

    def checkpoint(self, key: SigningKey) -> str:
        """The signed checkpoint of the log as it stands, stored in it as well.

        Raises:
            LogDamaged: when the log did not grow from the checkpoint that this key signed last.
        """
        with self._database.writing() as connection:
            head = locked_head(connection)
            require_sound(connection)
            last = connection.execute(
                select(CHECKPOINT.c.note)
                .where(CHECKPOINT.c.origin == key.name)
                .order_by(CHECKPOINT.c.size.desc())
                .limit(1)
            ).scalar()
            if last is not None:
                size = _require_grown_from(connection, last, key, head)
                if size == head.size:
                    return str(last)
            note = key.sign(head.size, head.root)
            row = {
                "origin": key.name,
                "size": head.size,
                "note": note,
                "signed_at": rfc3339(utc_now()),
            }
            connection.execute(insert(CHECKPOINT), [row])
        return note

    # The writer's thread

    def _committed(
        self, group: Sequence[Asked], wanted: Wanted
    ) -> Sequence[tuple[Receipt, ...] | Exception]:
        try:
            return self._commit(group, wanted)
        except IntegrityError as error:
            if len(group) > 1:  # one of them is to blame; the others shall not suffer
                return [found for n in range(len(group)) for found in self._alone(group, n, wanted)]
            refused = RecordRefused("record_id", "an id that is not in the log yet", "a known one")
            refused.__cause__ = error
            return [refused]
        except RecordsError as error:
            return [error] * len(group)

    def _alone(
        self, group: Sequence[Asked], place: int, wanted: Wanted
    ) -> Sequence[tuple[Receipt, ...] | Exception]:
        return self._committed([group[place]], lambda _: wanted(place))

    def _commit(
        self, group: Sequence[Asked], wanted: Wanted
    ) -> Sequence[tuple[Receipt, ...] | Exception]:
        with self._database.writing() as connection:
            old = locked_head(connection)
            late = [not wanted(number) for number in range(len(group))]
            self._require_not_older(old)
            known = kept_answers(connection, [asked.once for asked in group if asked.once])
            oldest = oldest_kept(self._keep_answers)
            places, sealed = placed(group, late, old.size, known, oldest)
            new = _appended(connection, self._database.keys, old, sealed)
            if sealed:
                keep_answers(connection, self._database.keys, _new_answers(group, places))
                if is_time_to_drop(old.size, new.head.size):
                    drop_old(connection, oldest)
            repeats = {
                number: stored_receipts(connection, place, new.head)
                for number, place in enumerate(places)
                if isinstance(place, Place) and place.repeated
            }
        self._seen = new.head
        return [
            place
            if isinstance(place, Exception)
            else repeats.get(number)
            or tuple(new.receipts[place.first - old.size : place.first - old.size + place.count])
            for number, place in enumerate(places)
        ]

    def _require_not_older(self, head: Head) -> None:
        """Return when the log is neither shorter nor another than this process left it."""
        seen = self._seen
        if seen is None or head.size > seen.size:
            return
        if head.size < seen.size or head.root != seen.root:
            expected = f"{seen.size} records or more, of root {short(seen.root)}"
            got = f"{head.size}, of root {short(head.root)}"
            raise LogDamaged("head", expected, got)


@dataclass(frozen=True)
class _Grown:
    """A log after records were appended: its head, and the receipts of the new records."""

    head: Head
    receipts: list[Receipt]


def _appended(
    connection: Connection, keys: PrivateKeys, old: Head, sealed: Sequence[SealedRecord]
) -> _Grown:
    """The log with new records at its end, inside the transaction that holds the lock."""
    hashes = [leaf_hash(record.leaf) for record in sealed]
    made = grown(old.size, old.frontier, hashes)
    nodes = dict(zip(frontier_nodes(old.size), old.frontier, strict=True)) | made
    size = old.size + len(sealed)
    frontier = tuple(nodes[node] for node in frontier_nodes(size))
    head = Head(size, joined(frontier), frontier)
    if sealed:
        insert_records(connection, keys, old.size, sealed, made, head)
    receipts = [
        Receipt(
            record.record_id,
            index,
            hashed,
            size,
            head.root,
            proof(inclusion_ranges(index, size), nodes),
            range_hash(Range(0, index + 1), nodes),
        )
        for index, (record, hashed) in enumerate(zip(sealed, hashes, strict=True), start=old.size)
    ]
    return _Grown(head, receipts)


def _new_answers(
    group: Sequence[Asked], places: Sequence[Place | Exception]
) -> list[tuple[Once, Place, str]]:
    return [
        (asked.once, place, asked.records[0].record_id)
        for asked, place in zip(group, places, strict=True)
        if asked.once and isinstance(place, Place) and not place.repeated
    ]


def _require_grown_from(connection: Connection, note: str, key: SigningKey, head: Head) -> int:
    """The size of the last signed checkpoint, which the log has grown from."""
    try:
        last = verified_checkpoint(note, key.verifier)
    except NotVerified as error:
        raise LogDamaged("checkpoint", "the one that this key signed", str(error)) from error
    if last.size > head.size:
        raise LogDamaged("end", f"the {last.size} records that were signed", f"{head.size}")
    whole = Range(0, last.size)
    root = range_hash(whole, stored_nodes(connection, [whole]))
    if root != last.root:
        raise LogDamaged(f"first {last.size} records", short(last.root), short(root))
    return last.size
