"""Sums and workbooks wait for their turn."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

from serving.wording.envelope import Refusal

_PATIENCE = 2.0
"""Seconds that a sum or a workbook waits for its turn."""


class Turn:
    """One sum or workbook at a time: each keeps a processor busy for seconds."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def taken(self) -> Iterator[None]:
        """Its turn.

        Raises:
            Refusal: 503 when others are before it.
        """
        if not self._lock.acquire(timeout=_PATIENCE):
            raise Refusal(503, headers={"Retry-After": "5"})
        try:
            yield
        finally:
            self._lock.release()
