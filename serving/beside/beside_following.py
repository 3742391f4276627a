"""A running service follows what is to run beside its champion: tried first, and then it runs.

Where anything about it is not as it must be, it does not run, and the service says so.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping

from anyio import to_thread

from features.errors import BundleError, FormError, LingjiError, ReleaseRefused
from models.pilots import FILE as PILOT
from models.pilots import Pilots
from models.registry import Registry, Version
from models.releases import FILE as RELEASES
from models.shadow import FILE as SHADOW
from models.shadow import Shadow
from models.trial import tried
from serving.beside.beside import Beside

logger = logging.getLogger("lingji.serving")

AGAIN_SECONDS = 60.0
"""After so long what was refused is looked at again, though no file has changed."""
REFUSALS = ("altered", "not_approved", "bundle", "other")
_CODES: Mapping[type[LingjiError], str] = {
    FormError: "altered",
    ReleaseRefused: "not_approved",
    BundleError: "bundle",
}
_Seen = tuple[tuple[int, int, int] | None, ...]


class BesideFollower:
    """Brings what the registry wants beside its champion to the service."""

    def __init__(
        self,
        registry: Registry,
        beside: Beside,
        told: Callable[[Beside], None] = lambda beside: None,
    ) -> None:
        self._registry, self._beside, self._told = registry, beside, told
        self._seen: _Seen | None = None
        self._again_at = 0.0

    async def follow(self, seconds: float) -> None:
        """Look again and again, until cancelled."""
        while True:
            await to_thread.run_sync(self.look)
            await asyncio.sleep(seconds)

    def look(self) -> None:
        """Take over what came, or went, since the last look; nothing is raised."""
        seen = tuple(self._state(name) for name in (SHADOW, PILOT, RELEASES))
        due = bool(self._beside.refused) and time.monotonic() >= self._again_at
        if seen != self._seen or due:
            self._seen = seen
            self._again_at = time.monotonic() + AGAIN_SECONDS
            self._taken("shadow", self._shadow)
            self._taken("pilot", self._pilot)
        self._told(self._beside)

    def _taken(self, what: str, take: Callable[[], None]) -> None:
        try:
            take()
            self._beside.refused.pop(what, None)
        except Exception as error:
            setattr(self._beside, what, None)
            kinds = (code for kind, code in _CODES.items() if isinstance(error, kind))
            self._beside.refused[what] = next(kinds, "other")
            told = error if isinstance(error, LingjiError) else type(error).__name__
            logger.error("the %s does not run: %s", what, told)

    def _shadow(self) -> None:
        wanted = Shadow(self._registry).version()
        if wanted == self._beside.shadow:
            return
        if wanted is not None:
            self._try(wanted)
            logger.info("version %s answers in the shadow from now on", wanted.number)
        self._beside.shadow = wanted

    def _pilot(self) -> None:
        pilots, now = Pilots(self._registry), self._beside.pilot
        approval = pilots.in_force()
        if approval is None:
            self._beside.pilot = None
            return
        if now is not None and now.release.pilot == approval.file_digest:
            return
        self._try(self._registry.version(approval.statement.version))
        self._beside.pilot = pilots.loaded(approval)
        named = (approval.statement.version, approval.statement.regions, approval.statement.until)
        logger.info("version %s serves %s until %s", *named)

    def _try(self, version: Version) -> None:
        tried(self._registry.folder / str(version.number), version.digest)

    def _state(self, name: str) -> tuple[int, int, int] | None:
        try:
            found = (self._registry.folder / name).stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino
