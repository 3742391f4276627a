"""Releases in the record log: which version came into service, by whose hand and approval."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from models.approval import Approval
from models.registry import Version
from models.stop import Stop
from serving.asker import Asker
from serving.record_address import RECORDS_FILE, record_address
from serving.wording.envelope import Json

if TYPE_CHECKING:
    from serving.records.record_log import RecordLog

RELEASE_FORMAT = 1


class ReleaseRecords:
    """Adds a record for each release; without a log there is nothing to add to."""

    def __init__(self, log: RecordLog | None) -> None:
        self._log = log

    def add(
        self,
        catalogue: str,
        way: str,
        before: Version | None,
        after: Version,
        approval: Approval | None = None,
    ) -> None:
        """Record a release; without an approval, that it is one without review.

        Raises:
            RecordsError: when it cannot be recorded; the release is done and can be repeated.
        """
        self._append(
            "release",
            catalogue,
            way,
            {
                "before": _named(before),
                "after": _named(after),
                "reviewed": approval is not None,
                "approval": approval.model_dump(mode="json") if approval else None,
                "approval_digest": approval.file_digest if approval else None,
            },
        )

    def add_switch(
        self, kind: str, catalogue: str, way: str, version: Version | None, stop: Stop
    ) -> None:
        """Record that the model was taken out of service (kind `stop`), or put back (`resume`).

        Raises:
            RecordsError: when it cannot be recorded; it is done and stays so.
        """
        said = {"reason": stop.reason, "by": stop.by, "made": stop.made}
        self._append(kind, catalogue, way, {"version": _named(version), "stop": said})

    def add_beside(self, kind: str, catalogue: str, way: str, version: Version, said: Json) -> None:
        """Record that something runs beside the model in service, or no more.

        Raises:
            RecordsError: when it cannot be recorded; it is done and stays so.
        """
        self._append(kind, catalogue, way, {"version": _named(version), **said})

    def _append(self, kind: str, catalogue: str, way: str, about: Json) -> None:
        if self._log is None:
            return
        from serving.records.record import Record

        asker = Asker.at_command_line(way)
        asked = {"role": asker.role, "way": asker.way}
        content = {"format": RELEASE_FORMAT, "catalogue": catalogue, **about, "asked": asked}
        self._log.append(Record(kind, asker.actor, content)).result()


def _named(version: Version | None) -> dict[str, str | int] | None:
    if version is None:
        return None
    return {"version": version.number, "digest": version.digest, "run": version.run}


@contextmanager
def release_records(records: str | None, home: Path) -> Iterator[ReleaseRecords]:
    """Where releases are recorded: the log that is named, or the one in the working folder.

    It is opened before the release, so that one which cannot be recorded is not made.
    """
    if records is None and not (home / RECORDS_FILE).is_file():
        yield ReleaseRecords(None)
        return
    from serving.records.record_log import RecordLog  # the database costs time to import

    with RecordLog.open(record_address(records, home)) as log:
        yield ReleaseRecords(log)
