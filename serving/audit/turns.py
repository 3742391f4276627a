"""Whose turn it is: what loads or runs a model for an auditor waits here, and nobody else does."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from anyio import CapacityLimiter, to_thread

from serving.wording.envelope import Refusal

T = TypeVar("T")

AT_ONCE = 1
"""Heavy acts at the same time: they compute in a thread beside the loop that answers others."""
MOST_WAITING = 8


class Turns:
    """Heavy acts, one after the other, in a thread of their own."""

    def __init__(self, at_once: int = AT_ONCE, most_waiting: int = MOST_WAITING) -> None:
        self._limiter = CapacityLimiter(at_once)
        self._most_waiting = most_waiting
        self._waiting = 0

    async def run(self, act: Callable[[], T]) -> T:
        """The outcome of an act, when it was its turn.

        Raises:
            Refusal: 503 when too many wait already.
        """
        if self._waiting >= self._most_waiting:
            raise Refusal(503, headers={"Retry-After": "5"})
        self._waiting += 1
        try:
            return await to_thread.run_sync(act, limiter=self._limiter)
        finally:
            self._waiting -= 1
