"""The erasure of private values: an act with a record of its own, which says what went and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select, update

from serving.records.errors import RecordRefused
from serving.records.record import Record, rfc3339, utc_now
from serving.records.tables import PRIVATE_VALUE, RECORD
from serving.records.verification import ERASURE

LONGEST_GROUND = 500


@dataclass(frozen=True)
class Erasure:
    """That private values of a record are to be erased: which, by whom, and on which ground.

    asked: what else its record shall say of who asked.

    Raises:
        RecordRefused: when no value is named, or there is no ground.
    """

    record_id: str
    names: tuple[str, ...]
    ground: str
    actor: str
    asked: Mapping[str, Any]

    def __post_init__(self) -> None:
        if not self.names:
            raise RecordRefused("names", "at least one private value", "none")
        if not 0 < len(self.ground.strip()) <= len(self.ground) <= LONGEST_GROUND:
            expected = f"a ground of 1 to {LONGEST_GROUND} characters"
            raise RecordRefused("ground", expected, f"{len(self.ground)} characters")

    def done(self, connection: Connection) -> Record | None:
        """The record of the erasure, which has been done; None when nothing was left to erase.

        Raises:
            RecordRefused: when the record is not there, or has no private value of a name.
        """
        subject = connection.execute(
            select(RECORD.c.leaf_index, RECORD.c.project_id, RECORD.c.department).where(
                RECORD.c.record_id == self.record_id
            )
        ).one_or_none()
        if subject is None:
            raise RecordRefused("record_id", "a record of this log", self.record_id[:80])
        of_record = PRIVATE_VALUE.c.leaf_index == subject.leaf_index
        query = select(PRIVATE_VALUE.c.name, PRIVATE_VALUE.c.erased_at).where(of_record)
        held = {row.name: row.erased_at for row in connection.execute(query)}
        for name in self.names:
            if name not in held:
                expected = f"among the private values of record {self.record_id}"
                raise RecordRefused("names", f"{expected}: {', '.join(held) or 'none'}", name)
        names = [name for name in dict.fromkeys(self.names) if held[name] is None]
        if not names:
            return None
        gone = {"key_id": None, "sealed": None, "erased_at": rfc3339(utc_now())}
        which = of_record & PRIVATE_VALUE.c.name.in_(names)
        connection.execute(update(PRIVATE_VALUE).where(which).values(gone))
        return Record(
            ERASURE,
            self.actor,
            {"names": names, "ground": self.ground, "asked": dict(self.asked)},
            about=(self.record_id,),
            project_id=subject.project_id,
            department=subject.department,
        )
