"""The record of a reading: what a person, not a review platform, was shown of the log."""

from __future__ import annotations

from typing import Any

from serving.access.caller import Caller, Role
from serving.asker import Asker
from serving.records.record import Record
from serving.records.record_log import RecordLog
from serving.score_record import kept_name


def note_reading(
    log: RecordLog,
    caller: Caller,
    way: str,
    about: tuple[str, ...] = (),
    project_id: str | None = None,
    **said: Any,
) -> None:
    """Return when it is recorded that the caller read something; programs are not followed.

    Args:
        about: the records that were shown.
        said: what else of the reading is kept.

    Raises:
        RecordsError: when it cannot be recorded; then nothing is to be shown.
    """
    if caller.role is Role.PLATFORM:
        return
    asker = Asker.of(caller, way)
    read = Record(
        "read",
        kept_name(asker.actor) or "unknown",
        {"asked": {"role": asker.role, "way": way}, **said},
        about=about,
        on_behalf_of=kept_name(asker.department),
        project_id=project_id,
    )
    log.append(read).result()
