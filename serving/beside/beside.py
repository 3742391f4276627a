"""What runs beside the champion of a running service: a shadow, a pilot, and what each does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from features.checks.checks import Checks
from models.pilots import PilotRelease
from models.registry import Release, Version
from serving.beside.beside_queue import BesideCounts, BesideQueue
from serving.beside.beside_record import BesideTask
from serving.recording.kept_rules import named_by
from serving.wording.envelope import Json


@dataclass(frozen=True)
class Served:
    """An answer that was given and recorded: of which document, and by which release.

    size: of the record, in bytes.
    """

    document: Any
    record_id: str
    release: Release
    size: int


@dataclass
class Beside:
    """What runs beside the champion; nothing by default.

    shadow: the version that answers silently. pilot: the version that serves some regions. refused:
    by `shadow` and `pilot`, in a word, why what was to run does not. queue: where answers beside
    those that were given are made.
    """

    shadow: Version | None = None
    pilot: PilotRelease | None = None
    refused: dict[str, str] = field(default_factory=dict)
    queue: BesideQueue | None = None
    _alike: tuple[Release, Checks | None, Release] | None = None

    def serving(self, document: Any, champion: Release) -> Release:
        """The release that answers for a document's project: the pilot in its regions.

        It has the champion's catalogue, and checks as the champion does.
        """
        pilot = self.pilot
        if pilot is None or not pilot.serves(document, champion):
            return champion
        alike, checks = self._alike, champion.checks
        if alike is None or alike[0] is not pilot.release or alike[1] is not checks:
            alike = self._alike = (pilot.release, checks, replace(pilot.release, checks=checks))
        return alike[2]

    def answered(self, served: Sequence[Served], champion: Release) -> None:
        """Have what was answered answered beside, later and elsewhere; nothing is raised.

        What the shadow has not answered itself it answers; what a pilot has answered the champion
        answers too.
        """
        if self.queue is None or (self.shadow is None and self.pilot is None):
            return
        tasks = [task for one in served for task in self._tasks(one, champion)]
        if tasks:
            self.queue.offer(tasks)

    def _tasks(self, served: Served, champion: Release) -> list[BesideTask]:
        given, found = served.release.version, []
        own = (served.document, served.record_id, given.number)
        by, time = served.release.checks, champion.model.catalogue.columns.time
        checks = None if by is None else named_by(by, int(served.document[time]))
        if given.digest != champion.version.digest:
            found.append(BesideTask(*own, "pilot", champion.version, served.size, checks))
        shadow = self.shadow
        if shadow is not None and shadow.digest not in (given.digest, champion.version.digest):
            found.append(BesideTask(*own, "shadow", shadow, served.size, checks))
        return found

    def as_json(self) -> Json:
        """What runs, and what became of the answers beside, since the service started."""
        pilot = self.pilot
        counts = BesideCounts() if self.queue is None else self.queue.counts
        return {
            "shadow": None
            if self.shadow is None
            else {"version": str(self.shadow.number), "digest": self.shadow.digest},
            "pilot": None
            if pilot is None or pilot.statement.over()
            else {
                "version": str(pilot.release.version.number),
                "digest": pilot.release.version.digest,
                "regions": str(pilot.statement.regions),
                "until": pilot.statement.until,
            },
            "refused": dict(self.refused),
            "answers": dict(vars(counts)),
        }
