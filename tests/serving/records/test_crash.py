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
import time
from pathlib import Path

from serving.records.database import AUDITOR
from serving.records.record_log import RecordLog
from serving.records.verification import verify_log

ROOT = Path(__file__).parents[3]
KILLS = int(os.environ.get("LINGJI_TEST_KILLS", "5"))

WRITER = """
import os, sys
from concurrent.futures import ThreadPoolExecutor
from serving.records.record import Record
from serving.records.record_log import RecordLog

log = RecordLog.open(sys.argv[1])

def write(caller):
    while True:
        private = {"phone": str(caller)}
        receipt = log.append(Record("score", str(caller), {}, private=private)).result()
        os.write(1, f"{receipt.leaf_index} {receipt.record_id}\\n".encode())

with ThreadPoolExecutor(8) as callers:
    list(callers.map(write, range(8)))
"""


def killed(url: str, after: float) -> dict[int, str]:
    """The acknowledged records, by index, of a process killed some seconds after its first."""
    command = [sys.executable, "-c", WRITER, url]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        assert first, "the writer never wrote"
        time.sleep(after)
        process.send_signal(signal.SIGKILL)
        told = (first + process.stdout.read()).decode()
        assert process.wait() == -signal.SIGKILL
    lines = [line.split() for line in told.splitlines(keepends=True) if line.endswith("\n")]
    return {int(index): record_id for index, record_id in lines}


def test_no_acknowledged_record_is_lost_when_the_process_is_killed(url: str) -> None:
    chance = random.Random(7)  # noqa: S311
    acknowledged: dict[int, str] = {}
    for _ in range(KILLS):
        told = killed(url, chance.uniform(0.02, 0.3))
        assert not set(told) & set(acknowledged), "an index was given twice"
        acknowledged |= told
        with RecordLog.open(url, patience=10) as log:
            receipts = {index: log.receipt(told[index]) for index in sorted(told)[-20:]}
            assert all(found and found.leaf_index == n for n, found in receipts.items())
            verdict = verify_log(log.export())
            assert verdict.holds, verdict.findings
            assert verdict.size > max(acknowledged)
    with RecordLog.open(url, patience=10) as log:
        kept = {}
        while found := log.records(AUDITOR, after=max(kept, default=-1), limit=1000):
            kept |= {record.leaf_index: record.record_id for record in found}
    assert len(acknowledged) > KILLS
    assert acknowledged.items() <= kept.items()
