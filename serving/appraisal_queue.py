"""Projects that wait for their turn at the same time are appraised together, to the same bits."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from features.errors import ProjectError
from models.appraised_project import AppraisedProject
from models.registry import Release
from serving.appraisal import appraised, appraised_batch

logger = logging.getLogger("lingji.serving")

MOST_TOGETHER = 8
"""Enough to spread what any prediction costs; few enough that the first does not wait long."""


@dataclass(eq=False)
class _Waiting:
    """A project that waits to be appraised by a release, and what was found of it meanwhile."""

    document: Any
    release: Release
    found: AppraisedProject | ProjectError | None = None


class AppraisalQueue:
    """Lets callers in one at a time, in the order of their coming.

    Whose turn it is has the projects of those behind it appraised with its own; so one caller alone
    waits for nobody, and of many each is answered sooner.
    """

    def __init__(self) -> None:
        self._one_by_one = asyncio.Lock()
        self._waiting: list[_Waiting] = []

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Hold the turn; before it begins, the server looks for new callers."""
        async with self._one_by_one:
            await asyncio.sleep(0)
            yield

    @asynccontextmanager
    async def appraised(self, document: Any, release: Release) -> AsyncIterator[AppraisedProject]:
        """All that is said of a declared project; the turn is held until it has been used.

        Raises:
            ProjectError: naming every field that does not meet the catalogue.
        """
        mine = _Waiting(document, release)
        self._waiting.append(mine)
        try:
            async with self.turn():
                yield self._found(mine)
        finally:
            self._waiting.remove(mine)

    def _found(self, mine: _Waiting) -> AppraisedProject:
        if mine.found is None:
            self._appraise_together(mine)
        if isinstance(mine.found, AppraisedProject):
            return mine.found
        if mine.found is not None:
            raise mine.found
        return appraised(mine.document, mine.release)

    def _appraise_together(self, mine: _Waiting) -> None:
        """Find what is said of this one and of those behind it; of none where that fails."""
        behind = (each for each in self._waiting if each is not mine and each.found is None)
        some = [mine, *(each for each in behind if each.release is mine.release)][:MOST_TOGETHER]
        if len(some) == 1:
            return
        try:
            found = appraised_batch([each.document for each in some], mine.release)
        except Exception as error:  # each is tried alone, and only the one at fault fails
            # Its message may quote what was declared, so only its type is logged.
            kind = type(error).__name__
            logger.error("%d projects could not be appraised together: %s", len(some), kind)
            return
        for each, answer in zip(some, found, strict=True):
            each.found = answer
