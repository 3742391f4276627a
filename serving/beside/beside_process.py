"""A process that answers beside the service: what harms it harms nobody else.

It loads versions from the registry by itself, tries each on its golden rows, and is spoken to
through a pipe that only it and its parent hold. It gives way to everything else on the machine.
"""

from __future__ import annotations

import contextlib
import logging
import multiprocessing
import os
import signal
import threading
import time
from collections import OrderedDict
from collections.abc import Sequence
from multiprocessing.connection import Connection
from typing import Literal

from features.errors import LingjiError, ProjectError, RegistryError
from models.registry import Registry, Release, Version
from models.trial import require_same
from serving.appraisal import appraised
from serving.beside.beside_record import BesideTask, beside_record
from serving.recording.kept_rules import KeptRules
from serving.records.record import SealedRecord
from serving.settling import settle

logger = logging.getLogger("lingji.serving")

PATIENCE = 60.0
"""Seconds for a group of tasks; a version that takes longer is given up."""
GIVES_WAY = 19
_ENDING = 2.0
_KEPT = 2
_TICK = 0.2

Refused = Literal["refused", "failed"]
Outcome = SealedRecord | Refused
"""The record of an answer, or that the document does not meet the version's catalogue, or that the
version could not answer it."""


class BesideBroken(LingjiError):
    """A process beside the service that ended, or does not answer."""


class BesideProcess:
    """A process that answers one group of tasks at a time."""

    def __init__(self, registry: Registry) -> None:
        # A fresh interpreter: a fork would copy the locks that other threads hold.
        context = multiprocessing.get_context("spawn")
        self._ending = threading.Lock()
        self._pipe, its_end = context.Pipe()
        self._process = context.Process(target=_answer, args=(its_end, registry), daemon=True)
        try:
            self._process.start()
        finally:
            its_end.close()

    def outcomes(self, tasks: Sequence[BesideTask], patience: float) -> list[Outcome]:
        """What becomes of each task, in order.

        Raises:
            BesideBroken: when the process ends, or takes longer than `patience` seconds.
        """
        try:
            self._pipe.send(list(tasks))
            until = time.monotonic() + patience
            while not self._pipe.poll(_TICK):
                if time.monotonic() > until:
                    raise BesideBroken(f"expected answers within {patience:.0f} s; got none")
            found: list[Outcome] = self._pipe.recv()
        except (EOFError, OSError) as error:
            raise BesideBroken("expected answers; the process beside the service ended") from error
        return found

    def end(self) -> None:
        """End the process at once; it holds nothing that would be lost. Once is enough."""
        if not self._ending.acquire(blocking=False):
            return  # another thread ends it, or has
        self._process.kill()
        self._process.join(_ENDING)
        self._pipe.close()


def _answer(pipe: Connection, registry: Registry) -> None:
    """Answer what comes through the pipe until it closes: the whole life of the process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal's is for the service
    with contextlib.suppress(OSError, AttributeError):
        os.nice(GIVES_WAY)
    versions = _Versions(registry)
    with contextlib.suppress(EOFError, OSError):  # who asked is gone
        while True:
            tasks: list[BesideTask] = pipe.recv()
            pipe.send([_outcome(task, versions) for task in tasks])


class _Versions:
    """The versions last asked for, each loaded and tried once."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._rules = KeptRules(registry.root)
        self._loaded: OrderedDict[str, Release] = OrderedDict()

    def release(self, task: BesideTask) -> Release:
        """The version of a task, checking as the answer that was given does."""
        return self._rules.checking(self._loaded_version(task.version), task.checks)

    def _loaded_version(self, version: Version) -> Release:
        found = self._loaded.get(version.digest)
        if found is None:
            found = self._registry.release(version.number)
            if found.version.digest != version.digest:
                raise RegistryError(f"expected {version.digest}; got {found.version.digest}")
            require_same(self._registry.folder / str(version.number), found.model)
            self._loaded[version.digest] = found
            while len(self._loaded) > _KEPT:
                self._loaded.popitem(last=False)
            settle()
        self._loaded.move_to_end(version.digest)
        return found


def _outcome(task: BesideTask, versions: _Versions) -> Outcome:
    """What becomes of a task: nothing is raised, and nothing of the document is told."""
    try:
        release = versions.release(task)
        return beside_record(
            release,
            appraised(task.document, release),
            task.served,
            task.served_version,
            task.purpose,
        )
    except ProjectError:
        return "refused"
    except Exception as error:  # whatever it is, the next task is answered
        # Its message may quote what was declared, so only its type is logged.
        logger.error("version %d could not answer: %s", task.version.number, type(error).__name__)
        return "failed"
