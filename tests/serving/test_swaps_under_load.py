"""Twenty releases under a server that is asked all the time: each answer is whole and recorded."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import numpy as np

from models.registry import Registry
from serving.recording.replay import Replay
from serving.records.log_reader import LogReader
from serving.records.verification import leaf_hash
from tests.releases import registered
from tests.serving.test_server_process import SERVE, environment
from tests.small_model import small_document

SWAPS = 20
VERSIONS = ("first", "second", "third")
PATIENCE = 120.0


@contextmanager
def serving(home: Path) -> Iterator[str]:
    """The address of a server process, until it has ended by being asked to."""
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE],
        env=environment(home, LINGJI_CATALOGUE="small"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        found = re.match(r"(http://127\.0\.0\.1:\d+)/ serves small@1", line)
        assert found, line or process.communicate()[1]
        yield found[1]
        process.terminate()
        _, said = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, said
        assert "Traceback" not in said, said
    finally:
        process.kill()
        process.communicate()


@dataclass
class Asking:
    """Somebody who asks for scores until told to stop, and keeps what came."""

    address: str
    path: str
    body: bytes
    over: threading.Event
    answers: list[tuple[int, Any]] = field(default_factory=list)

    def __call__(self) -> None:
        headers = {"content-type": "application/json"}
        with httpx.Client(base_url=self.address, timeout=PATIENCE) as client:
            while not self.over.is_set():
                answer = client.post(self.path, content=self.body, headers=headers)
                self.answers.append((answer.status_code, answer.json()))
                time.sleep(0.1)  # the machine has other work too


def _projects(count: int) -> list[dict[str, Any]]:
    chance = np.random.default_rng(11)
    return [small_document(chance, number, 2025) for number in range(count)]


def _await_version(address: str, number: int) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        said = httpx.get(f"{address}/readyz", timeout=PATIENCE).json()
        if said["model"]["version"] == str(number):
            assert said["refused_release"] is None
            return
        time.sleep(0.05)
    raise AssertionError(said)


def test_twenty_releases_leave_no_request_unanswered_or_mixed(tmp_path: Path) -> None:
    registry = Registry(tmp_path, "small")
    for created in VERSIONS:
        registered(registry, created)
    registry.promote(1)
    over = threading.Event()
    one, many = _projects(1)[0], _projects(30)
    with serving(tmp_path) as address:
        asking = [
            Asking(address, "/score", json.dumps({"project": one}).encode(), over),
            Asking(address, "/score_batch", json.dumps({"projects": many}).encode(), over),
        ]
        threads = [threading.Thread(target=each) for each in asking]
        for thread in threads:
            thread.start()
        try:
            for swap in range(SWAPS):
                number = (swap + 1) % len(VERSIONS) + 1
                registry.promote(number)
                _await_version(address, number)
        finally:
            over.set()
            for thread in threads:
                thread.join()
    single, batch = (each.answers for each in asking)
    assert {status for status, _ in (*single, *batch)} == {200}
    batches = [{item["model"]["version"] for item in said["results"]} for _, said in batch]
    assert all(len(versions) == 1 for versions in batches)
    named = {
        item["record_id"]: item["model"]
        for _, said in (*single, *batch)
        for item in said.get("results", [said])
    }
    assert {model["version"] for model in named.values()} == {"1", "2", "3"}
    _require_replayed(tmp_path, named)


def _require_replayed(home: Path, named: dict[str, Any]) -> None:
    """Every record is of the version that its answer named, and comes out again bit for bit."""
    with LogReader.open(f"sqlite:///{home / 'records.db'}") as log:
        size = log.head().size
        pieces = [log.piece(start, min(start + 500, size)) for start in range(0, size, 500)]
    pairs = [pair for piece in pieces for pair in piece if pair[0].kind == "score"]
    records = [record for record, _ in pairs]
    assert {record.record_id for record in records} >= set(named)
    found = Replay(home).replayed(pairs)
    assert [one.differences for one in found if one.differences] == []
    for record in records:
        model = json.loads(record.leaf)["content"]["model"]
        if record.record_id in named:
            told = named[record.record_id]
            assert (str(model["version"]), model["digest"]) == (told["version"], told["digest"])
    changed = json.loads(records[0].leaf)
    other = 1 if changed["content"]["model"]["version"] != 1 else 2
    version = Registry(home, "small").version(other)
    changed["content"]["model"] |= {"version": other, "digest": version.digest}
    mixed = replace(records[0], leaf=json.dumps(changed).encode())
    (control,) = Replay(home).replayed([(mixed, leaf_hash(mixed.leaf))])
    assert control.differences  # what another version would have said differs
