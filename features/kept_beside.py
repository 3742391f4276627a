"""What is worked out once for an object, and kept beside it for as long as it lives."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Generic, TypeVar

Owner = TypeVar("Owner")
Kept = TypeVar("Kept")


class KeptBeside(Generic[Owner, Kept]):
    """One result for each owner, told apart by identity: models and catalogues have no hash.

    What is kept must not refer to its owner, which would then live for ever.
    """

    def __init__(self, work_out: Callable[[Owner], Kept]) -> None:
        self._work_out = work_out
        self._kept: dict[int, Kept] = {}

    def __call__(self, owner: Owner) -> Kept:
        """What is kept beside this owner."""
        try:
            return self._kept[id(owner)]
        except KeyError:
            return self._keep(owner)

    def _keep(self, owner: Owner) -> Kept:
        worked_out = self._work_out(owner)
        # Of two threads that come first together, both get what the first one keeps.
        kept = self._kept.setdefault(id(owner), worked_out)
        weakref.finalize(owner, self._kept.pop, id(owner), None).atexit = False
        return kept
