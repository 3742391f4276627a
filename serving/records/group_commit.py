"""Group commit: one thread that commits what many callers ask for, together and durably.

While one commit waits for the disk, what others ask gathers; the next commit takes all of it. So a
lone caller waits for one write to the disk, and many callers share one.
"""

from __future__ import annotations

import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, InvalidStateError
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from serving.records.errors import RecordsUnavailable

Asked = TypeVar("Asked")
Got = TypeVar("Got")
Wanted = Callable[[int], bool]
"""True while somebody waits for the answer to what stands at that place of a group."""

_TICK = 0.05


@dataclass(frozen=True)
class _Entry(Generic[Asked, Got]):
    asked: Asked
    weight: int
    deadline: float
    future: Future[Got]


class GroupCommit(Generic[Asked, Got]):
    """A queue in front of `commit`, which gets a group and says for each a result or an error.

    No future stays open longer than `patience` seconds, whatever the disk does: then it gets
    RecordsUnavailable. `commit` also gets a function that says, by its place in the group, whether
    somebody still waits for an answer; it asks when it holds its locks.
    """

    def __init__(
        self,
        commit: Callable[[Sequence[Asked], Wanted], Sequence[Got | Exception]],
        patience: float,
        most: int,
    ) -> None:
        self._commit = commit
        self._patience = patience
        self._most = most
        self._queue: queue.SimpleQueue[_Entry[Asked, Got] | None] = queue.SimpleQueue()
        self._open: deque[_Entry[Asked, Got]] = deque()
        self._waiting = threading.Event()
        self._closing = threading.Lock()
        self._closed = False
        self._threads = [
            threading.Thread(target=self._write, name="lingji-record-writer", daemon=True),
            threading.Thread(target=self._watch, name="lingji-record-deadlines", daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def ask(self, asked: Asked, weight: int = 1) -> Future[Got]:
        """The future of what is asked for; weight: how much of a group it takes.

        Raises:
            RecordsUnavailable: when this is closed.
        """
        entry = _Entry[Asked, Got](asked, weight, time.monotonic() + self._patience, Future())
        with self._closing:
            if self._closed:
                raise RecordsUnavailable("a record log that is closed")
            self._open.append(entry)
            self._queue.put(entry)
        self._waiting.set()
        return entry.future

    def close(self) -> None:
        """Commit what was asked for, then stop."""
        with self._closing:
            if self._closed:
                return
            self._closed = True
            self._queue.put(None)
        self._waiting.set()
        for thread in self._threads:
            thread.join()

    def _write(self) -> None:
        more = True
        while more:
            more, group = self._group()
            if not group:
                continue
            futures = [entry.future for entry in group]
            try:
                results = self._commit([entry.asked for entry in group], _waits(futures))
            except Exception as error:  # a caller must never wait for a thread that died
                results = [error] * len(group)
            for future, result in zip(futures, results, strict=True):
                _resolve(future, result)

    def _group(self) -> tuple[bool, list[_Entry[Asked, Got]]]:
        """What waits, at least one entry; and False once there will be no more."""
        group: list[_Entry[Asked, Got]] = []
        weight = 0
        entry = self._queue.get()
        while entry is not None:
            if not entry.future.done():
                group.append(entry)
                weight += entry.weight
            if weight >= self._most:
                return True, group
            try:
                entry = self._queue.get_nowait()
            except queue.Empty:
                return True, group
        return False, group

    def _watch(self) -> None:
        """Fail what is past its deadline; entries come, and expire, in the same order."""
        while True:
            self._waiting.wait()
            while self._open:
                entry = self._open[0]
                if not entry.future.done():
                    if time.monotonic() < entry.deadline:
                        time.sleep(_TICK)
                        continue
                    late = f"no answer within {self._patience:g} s"
                    _resolve(entry.future, RecordsUnavailable(late))
                self._open.popleft()
            with self._closing:
                if self._open:
                    continue
                if self._closed:
                    return
                self._waiting.clear()


def _waits(futures: Sequence[Future[Any]]) -> Wanted:
    return lambda place: not futures[place].done()


def _resolve(future: Future[Got], result: Got | Exception) -> None:
    try:
        if isinstance(result, Exception):
            future.set_exception(result)
        else:
            future.set_result(result)
    except InvalidStateError:
        return  # its deadline was faster, or its caller has gone
