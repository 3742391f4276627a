"""Processes killed while many write: no acknowledged record is lost, and the log goes on.

Killing a process shows that a transaction is whole and that nothing waits in its memory; it says
nothing about the disk. That is what the power cuts are for.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from serving.records.database import AUDITOR
from serving.records.record_log import RecordLog
from serving.records.verification import verify_log

ROOT = Path(__file__).parents[3]
KILLS = 30
TOGETHER = 2
"""Writers that are killed at the same moment."""
PATIENCE = 60

WRITERS = """
import os, signal, sys
from concurrent.futures import ThreadPoolExecutor
from serving.records.record import Record
from serving.records.record_log import RecordLog

url, early = sys.argv[1], sys.argv[2] == "early"

def write(log, caller):
    while True:
        private = {"phone": str(caller)}
        record = Record("score", str(caller), {}, private=private)
        future = log.append(record)
        if not early:
            future.result()
        os.write(1, f"{os.getpid()} {record.record_id}\\n".encode())

signal.signal(signal.SIGCHLD, signal.SIG_IGN)
for line in sys.stdin:
    if line.strip() == "say":
        os.write(1, b"said\\n")
    elif os.fork() == 0:
        log = RecordLog.open(url, patience=10)
        with ThreadPoolExecutor(4) as callers:
            list(callers.map(lambda caller: write(log, caller), range(4)))
    else:
        continue
"""


@dataclass
class Writers:
    """A process that has loaded everything and forks writers, which tell what is acknowledged.

    told: by process, the ids of its acknowledged records.
    """

    process: subprocess.Popen[bytes]
    told: dict[int, list[str]] = field(default_factory=dict)
    said: threading.Event = field(default_factory=threading.Event)

    def listen(self) -> None:
        """Take down what the writers say, until they have all ended."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            words = line.decode().split()
            if words == ["said"]:
                self.said.set()
            else:
                self.told.setdefault(int(words[0]), []).append(words[1])

    def ask(self, word: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{word}\n".encode())
        self.process.stdin.flush()

    def killed(self, after: float) -> list[str]:
        """The acknowledged records of writers that were killed together after their first."""
        known = set(self.told)
        for _ in range(TOGETHER):
            self.ask("write")
        deadline = time.monotonic() + PATIENCE
        while len(self.told.keys() - known) < TOGETHER:
            assert time.monotonic() < deadline, "a writer never wrote"
            time.sleep(0.002)
        time.sleep(after)
        writers = self.told.keys() - known
        for writer in writers:
            os.kill(writer, signal.SIGKILL)
        self.said.clear()
        self.ask("say")  # what comes before it in the pipe is all that they have said
        assert self.said.wait(PATIENCE)
        return [record_id for writer in writers for record_id in self.told[writer]]


@contextmanager
def writers(url: str, when: str) -> Iterator[Writers]:
    """Writers that tell a record when it is acknowledged, or too early."""
    command = [sys.executable, "-c", WRITERS, url, when]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, cwd=ROOT, **pipes) as process:
        found = Writers(process)
        listener = threading.Thread(target=found.listen)
        listener.start()
        try:
            yield found
        finally:
            assert process.stdin is not None
            process.stdin.close()
            listener.join(PATIENCE)


def kept(url: str) -> set[str]:
    """The ids of all records in a log, which is sound."""
    with RecordLog.open(url, patience=10) as log:
        verdict = verify_log(log.export())
        assert verdict.holds, verdict.findings
        found: dict[int, str] = {}
        while piece := log.records(AUDITOR, after=max(found, default=-1), limit=1000):
            found |= {record.leaf_index: record.record_id for record in piece}
        assert len(found) == verdict.size
        return set(found.values())


def test_no_acknowledged_record_is_lost_when_processes_are_killed(url: str) -> None:
    chance = random.Random(7)  # noqa: S311
    RecordLog.open(url).close()
    acknowledged: list[str] = []
    with writers(url, "in time") as running:
        for number in range(KILLS):
            acknowledged += running.killed(chance.uniform(0.0, 0.05))
            if number % 10 == 9:
                assert set(acknowledged) <= kept(url)
    assert len(acknowledged) == len(set(acknowledged)) > KILLS * TOGETHER


def test_control_what_is_acknowledged_too_early_is_lost(url: str) -> None:
    RecordLog.open(url).close()
    acknowledged: list[str] = []
    with writers(url, "early") as running:
        for _ in range(3):
            acknowledged += running.killed(0.01)
    assert set(acknowledged) - kept(url)
