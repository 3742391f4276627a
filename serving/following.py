"""A running service follows the releases: a new one is tried first, and then answers.

Where anything about it is not as it must be, what has answered so far goes on, and the service says
so in `/readyz`, in `/metrics` and in its log.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping

from anyio import to_thread

from features.checks.reference import NOTHING
from features.errors import BundleError, LingjiError, ReleaseAltered, ReleaseRefused
from models.registry import Registry
from models.releases import FILE as RELEASES
from models.trial import tried
from serving.file_state import FileState, file_state
from serving.office import Office
from serving.reference_following import ReferenceFollower
from serving.settling import settle
from serving.witnesses import Witnesses

logger = logging.getLogger("lingji.serving")

AGAIN_SECONDS = 60.0
"""After so long what was refused is looked at again, though no file has changed."""
_CODES: Mapping[type[LingjiError], str] = {
    ReleaseAltered: "altered",
    ReleaseRefused: "not_approved",
    BundleError: "bundle",
}


class Follower:
    """Brings what the registry has in service to the office."""

    def __init__(self, registry: Registry, office: Office) -> None:
        self._registry, self._office = registry, office
        self._witnesses = Witnesses(registry)
        self._reference = ReferenceFollower(registry)
        self._seen: tuple[FileState, ...] | None = None
        self._again_at = 0.0

    async def follow(self, seconds: float) -> None:
        """Look again and again, until cancelled."""
        while True:
            await to_thread.run_sync(self.look)
            await asyncio.sleep(seconds)

    def look(self) -> None:
        """Take over what came since the last look: a release, reference data; nothing is raised.

        One after the other, so that neither undoes what the other took over.
        """
        before = self._office.desk.release
        self._look_at_releases()
        self._reference.look(self._office)
        if self._office.desk.release is not before:
            settle()

    def _look_at_releases(self) -> None:
        state = self._office.desk.state
        self._office.desk.metrics.stopped(state.stopped)
        self._witnesses.look(self._office.desk)
        seen = self._files()
        due = state.refused is not None and time.monotonic() >= self._again_at
        if seen == self._seen and not due:
            return
        self._seen = seen
        try:
            self._take_over()
            state.refused = None
        except Exception as error:
            state.refused = next(
                (code for kind, code in _CODES.items() if isinstance(error, kind)), "other"
            )
            self._again_at = time.monotonic() + AGAIN_SECONDS
            told = error if isinstance(error, LingjiError) else type(error).__name__
            logger.error("the newest release does not answer, the one before does: %s", told)
        self._office.desk.metrics.release_refused(state.refused is not None)

    def _take_over(self) -> None:
        """Let what is in service answer, if it does not yet.

        Raises:
            LingjiError: when it is not what was released, or shows something else when tried.
        """
        version, reviewed = self._registry.verified_champion()
        now = self._office.desk.release
        if (version, reviewed) == (now.version, now.reviewed):
            return
        tried(self._registry.folder / str(version.number), version.digest)
        release = self._registry.champion_release()
        rules, checks = self._office.desk.rules, now.checks
        reference = NOTHING if checks is None else checks.reference
        self._office.serve(release if rules is None else rules.attached(release, reference))
        logger.info("version %s answers from now on", release.version.number)

    def _files(self) -> tuple[FileState, ...]:
        folder = self._registry.folder
        return tuple(file_state(folder / name) for name in (RELEASES, "versions.json"))
