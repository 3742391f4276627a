"""Whatever kills the service: every record_id that a caller was told is in the log."""

from __future__ import annotations

import shutil
import subprocess
import threading
import time
from pathlib import Path

import httpx

from serving.records.record_log import RecordLog
from serving.records.verification import verify_log
from tests.serving.conftest import tiny_project
from tests.serving.test_server_process import serving

ROUNDS = 3
CALLERS = 4
ENOUGH = 40
LONGEST = 60.0


def call_until_it_is_gone(address: str, number: int, told: list[str]) -> None:
    with httpx.Client(base_url=address, timeout=30) as client:
        for count in range(100_000):
            project = tiny_project(number, people=count % 2_000)
            try:
                answer = client.post("/score", json={"project": project})
            except httpx.TransportError:
                return
            if answer.status_code == 200:
                told.append(answer.json()["record_id"])


def killed_under_load(process: subprocess.Popen[str], address: str) -> list[str]:
    """The ids that callers were told before the service was killed."""
    told: list[list[str]] = [[] for _ in range(CALLERS)]
    threads = [
        threading.Thread(target=call_until_it_is_gone, args=(address, number, told[number]))
        for number in range(CALLERS)
    ]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + LONGEST
    while sum(map(len, told)) < ENOUGH and time.monotonic() < deadline:
        time.sleep(0.05)
    process.kill()
    for thread in threads:
        thread.join()
    return [record_id for some in told for record_id in some]


def test_every_acknowledged_record_survives_a_kill(home: Path, tmp_path: Path) -> None:
    shutil.copytree(home / "models", tmp_path / "models")
    acknowledged: list[str] = []
    for _ in range(ROUNDS):
        with serving(tmp_path) as (process, address):
            told = killed_under_load(process, address)
        assert len(told) >= ENOUGH
        acknowledged += told
        with RecordLog.open(f"sqlite:///{tmp_path / 'records.db'}") as log:
            size = log.head().size
            kept = {stored.record_id for stored, _ in log.piece(0, size)}
            assert set(acknowledged) <= kept
            assert verify_log(log.export()).holds
    assert len(acknowledged) == len(set(acknowledged))
