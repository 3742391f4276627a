"""The record of what a person does with records: reads, replays, verifies them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from serving.access.caller import Caller
from serving.asker import Asker
from serving.recording.score_record import kept_name
from serving.records.record import Record
from serving.wording.envelope import Json

if TYPE_CHECKING:
    from serving.records.record_log import RecordLog

READ, REPLAY, VERIFICATION = "read", "replay", "verification"


def keep_act(
    log: RecordLog,
    caller: Caller,
    kind: str,
    way: str,
    *,
    about: tuple[str, ...] = (),
    project_id: str | None = None,
    content: Json | None = None,
) -> str:
    """The id of the record of an act, once it is durable.

    It is nobody's own: a department does not see who looked at its records.

    Raises:
        RecordsError: when it cannot be recorded.
    """
    asker = Asker.of(caller, way)
    record = Record(
        kind,
        kept_name(asker.actor) or "unknown",
        {**(content or {}), "asked": {"role": asker.role, "way": way}},
        about=about,
        on_behalf_of=kept_name(asker.department),
        project_id=project_id,
    )
    log.append(record).result()
    return record.record_id
