"""The record of a reading: what a person, not a review platform, was shown of the log."""

from __future__ import annotations

from typing import Any

from serving.access.caller import Caller, Role
from serving.recording.act_record import READ, keep_act
from serving.records.record_log import RecordLog


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
    keep_act(log, caller, READ, way, about=about, project_id=project_id, content=said)
