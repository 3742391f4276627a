"""The log in which a command records a release."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from serving.asker import Asker
from serving.record_address import RECORDS_FILE, record_address
from serving.recording.release_record import ReleaseRecords


@contextmanager
def release_records(records: str | None, home: Path, way: str) -> Iterator[ReleaseRecords]:
    """Where a command's releases are recorded: the log that is named, or the working folder's.

    It is opened before the release, so that one which cannot be recorded is not made.
    """
    asker = Asker.at_command_line(way)
    if records is None and not (home / RECORDS_FILE).is_file():
        yield ReleaseRecords(None, asker)
        return
    from serving.records.record_log import RecordLog  # the database costs time to import

    with RecordLog.open(record_address(records, home)) as log:
        yield ReleaseRecords(log, asker)
