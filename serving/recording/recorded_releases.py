"""The releases that records name: the versions that answered, loaded when asked for."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from features.errors import LingjiError
from models.registry import Registry, Release

_KEPT = 2
"""Releases beside the one in service that stay loaded: a comparison needs two."""


class NoSuchScore(LingjiError):
    """A record that is not in the log, is none of a score, or whose model is not here."""


class RecordedReleases:
    """Releases of a working folder's registry; those last asked for stay loaded.

    Methods may be called from any thread.
    """

    def __init__(self, home: Path, in_service: Release | None = None) -> None:
        self._home = home
        self._in_service = in_service
        self._loaded: OrderedDict[str, Release] = OrderedDict()
        self._lock = threading.Lock()

    def is_ready(self, named: Mapping[str, Any]) -> bool:
        """Whether the release that a record's `model` names needs no loading."""
        return self._ready(str(named.get("digest"))) is not None

    def named(self, named: Mapping[str, Any]) -> Release:
        """The release that a record's `model` names.

        Raises:
            NoSuchScore: when its version is not the one that was registered.
            RegistryError, BundleError: when it is not there or not what it was.
        """
        ready = self._ready(named["digest"])
        if ready is not None:
            return ready
        release = self.version(named["catalogue"], named["version"])
        if release.version.digest != named["digest"]:
            raise NoSuchScore(
                f"expected version {named['version']} of digest {named['digest']}, which answered; "
                f"got {release.version.digest}"
            )
        return release

    def version(self, catalogue: str, number: int) -> Release:
        """The version of that number of a catalogue, whose name may carry its own version.

        Raises:
            RegistryError, BundleError: when it is not there or not what it was.
        """
        registry = Registry(self._home, catalogue.partition("@")[0])
        ready = self._ready(registry.version(number).digest)
        if ready is not None:
            return ready
        release = registry.release(number)
        with self._lock:
            self._loaded[release.version.digest] = release
            while len(self._loaded) > _KEPT:
                self._loaded.popitem(last=False)
        return release

    def _ready(self, digest: str) -> Release | None:
        serving = self._in_service
        if serving is not None and serving.version.digest == digest:
            return serving
        with self._lock:
            found = self._loaded.get(digest)
            if found is not None:
                self._loaded.move_to_end(digest)
            return found
