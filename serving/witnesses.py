"""What else tells of releases: the record log, which must agree with the registry's list, and
MLflow's alias, which decides nothing and is refused where it is at a version that nobody released.
"""

from __future__ import annotations

import logging

from features.errors import LingjiError
from models.registry import Registry
from models.release.mlflow_alias import CHAMPION, STORE, AliasState, alias_of
from models.releases import FILE as RELEASES
from serving.file_state import FileState, file_state
from serving.inquiry import Desk
from serving.recording.last_release import Recorded, release_recorded

logger = logging.getLogger("lingji.serving")


class Witnesses:
    """Holds the list of releases against what else tells of them."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._paths = (registry.folder / RELEASES, registry.root / STORE)
        self._seen: tuple[FileState, ...] | None = None

    def look(self, desk: Desk) -> None:
        """Say in the desk's state how they stand, where anything has changed; nothing is raised.

        A release is recorded a moment after it was made: a log that differs is asked again at the
        next look.
        """
        state = desk.state
        seen = tuple(map(file_state, self._paths))
        again = state.recorded is Recorded.DIFFERS or state.alias is AliasState.UNKNOWN
        if seen == self._seen and not again:
            return
        registry, before = self._registry, (state.alias, state.recorded)
        try:
            releases = registry.releases()
            state.alias = alias_of(registry.root, registry.catalogue).beside(releases)
            state.recorded = release_recorded(desk.records, registry.catalogue, releases)
        except LingjiError:  # a list that was altered is told of as a refused release
            return
        self._seen = seen
        elsewhere = state.alias is AliasState.ELSEWHERE
        differs = state.recorded is Recorded.DIFFERS
        desk.metrics.witnesses(alias_elsewhere=elsewhere, unrecorded=differs)
        if (state.alias, state.recorded) == before:
            return
        if elsewhere:
            logger.error("MLflow's alias %s is at what nobody released; not followed", CHAMPION)
        if differs:
            logger.error("the last release in the record log is not what is in service")
