"""The record of a release: which version came into service, by whose hand and approval; and of a
stop and its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.approval import Approval
from models.registry import Version
from models.stop import Stop
from serving.asker import Asker
from serving.recording.score_record import kept_name
from serving.wording.envelope import Json

if TYPE_CHECKING:
    from serving.records.record_log import RecordLog

RELEASE, STOP, RESUME = "release", "stop", "resume"
RELEASE_FORMAT = 1


class ReleaseRecords:
    """Adds a record for each release; without a log there is nothing to add to."""

    def __init__(self, log: RecordLog | None, asker: Asker) -> None:
        self._log = log
        self._asker = asker

    def add(
        self,
        catalogue: str,
        before: Version | None,
        after: Version,
        approval: Approval | None = None,
    ) -> None:
        """Record a release; without an approval, that it is one without review.

        Raises:
            RecordsError: when it cannot be recorded; the release is done and can be repeated.
        """
        about = {
            "before": _named(before),
            "after": _named(after),
            "reviewed": approval is not None,
            "approval": approval.model_dump(mode="json") if approval else None,
            "approval_digest": approval.file_digest if approval else None,
        }
        self._append(RELEASE, catalogue, about)

    def add_switch(self, kind: str, catalogue: str, version: Version | None, stop: Stop) -> None:
        """Record that the model was taken out of service (kind `stop`), or put back (`resume`).

        Raises:
            RecordsError: when it cannot be recorded; it is done and stays so.
        """
        said = {"reason": stop.reason, "by": stop.by, "made": stop.made}
        self._append(kind, catalogue, {"version": _named(version), "stop": said})

    def add_beside(self, kind: str, catalogue: str, version: Version, said: Json) -> None:
        """Record that something runs beside the model in service, or no more.

        Raises:
            RecordsError: when it cannot be recorded; it is done and stays so.
        """
        self._append(kind, catalogue, {"version": _named(version), **said})

    def _append(self, kind: str, catalogue: str, about: Json) -> None:
        if self._log is None:
            return
        from serving.records.record import Record

        asked = {"role": self._asker.role, "way": self._asker.way}
        content = {"format": RELEASE_FORMAT, "catalogue": catalogue, **about, "asked": asked}
        actor = kept_name(self._asker.actor) or "unknown"
        self._log.append(Record(kind, actor, content)).result()


def _named(version: Version | None) -> dict[str, str | int] | None:
    if version is None:
        return None
    return {"version": version.number, "digest": version.digest, "run": version.run}
