"""Whether the last release that the record log knows is what the registry has in service."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from models.releases import Releases
from serving.page.legible import object_in
from serving.recording.release_record import RELEASE
from serving.records.database import SERVICE
from serving.records.log_query import LogQuery
from serving.wording.envelope import Json

if TYPE_CHECKING:
    from serving.records.record_log import RecordLog

_TOGETHER = 50


class Recorded(StrEnum):
    """How the log stands to the registry's list. NONE: it has no release of the catalogue's."""

    AGREES = "agrees"
    DIFFERS = "differs"
    NONE = "none"


def release_recorded(log: RecordLog, catalogue: str, releases: Releases) -> Recorded:
    """How the log's last release of a catalogue's model stands to the registry's list.

    Raises:
        RecordsError: when the log cannot be read.
    """
    last = last_release(log, catalogue)
    if last is None:
        return Recorded.NONE
    after, serving = object_in(last, "after", "version", "digest"), releases.in_service
    said = (after["version"], after["digest"], last.get("approval_digest"))
    if serving is None or said != (serving.version, serving.digest, serving.approval):
        return Recorded.DIFFERS
    return Recorded.AGREES


def last_release(log: RecordLog, catalogue: str) -> Json | None:
    """What the newest record of a release of the catalogue's model says; None where there is none.

    Raises:
        RecordsError: when the log cannot be read.
    """
    before = None
    while found := log.search(SERVICE, LogQuery(kind=RELEASE, before=before, limit=_TOGETHER)):
        for stored in found:
            content = object_in(stored.legible(), "content")
            if content.get("catalogue") == catalogue:
                return content
        before = found[-1].leaf_index
    return None
