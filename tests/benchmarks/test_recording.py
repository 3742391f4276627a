"""The section on records, and the service that keeps none."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from benchmarks import recording, services
from benchmarks.recording import CLIENTS, Kept, Recording
from benchmarks.sample import Sample
from benchmarks.server import running
from benchmarks.services import OURS, SCORE, UNRECORDED, Service
from benchmarks.sizes import TINY
from benchmarks.subject import Subject, subject
from benchmarks.told.recording import told
from serving.records.record_log import RecordLog


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Subject:
    return subject(TINY, tmp_path_factory.mktemp("records"))


def test_everything_is_measured_and_told(measured: Subject) -> None:
    found = recording.measure(measured, TINY)
    assert len(found.synced.values) == len(found.made.values) == TINY.singles
    assert min(found.record_bytes.values) > 1_000
    for kept in (found.log, *found.served.values()):
        assert tuple(kept) == CLIENTS
        assert all(len(each.per_second.values) == TINY.load_turns for each in kept.values())
        assert all(min(each.per_second.values) > 0 for each in kept.values())
    assert found.served.keys() == {OURS, UNRECORDED}
    page = "\n".join(told(found))
    for name in (OURS, UNRECORDED):
        assert all(f"| `POST /score`: {name} | {clients} |" in page for clients in CLIENTS)


def test_share_is_that_of_the_recorded_rate() -> None:
    one = Sample((1.0,))
    rates = {OURS: 80.0, UNRECORDED: 100.0}
    served = {n: {1: Kept(Sample((rate,)), one)} for n, rate in rates.items()}
    assert str(Recording(one, one, one, {}, served).share(1)) == "0.8 (0.8–0.8)"


def test_unrecorded_service_gives_the_same_answer_and_keeps_nothing(measured: Subject) -> None:
    log = f"sqlite:///{measured.home / 'records.db'}"
    bare, after_bare = _asked(services.unrecorded(measured, TINY), measured.folder), _count(log)
    kept, after_kept = _asked(services.ours(measured, TINY), measured.folder), _count(log)
    assert (bare.pop("record_id"), bare.pop("receipt")) == (None, None)
    # Control: with the record it is the same answer, and the log has grown by one.
    assert kept.pop("record_id")
    assert kept.pop("receipt")
    assert bare == kept
    assert after_kept == after_bare + 1


def _asked(service: Service, folder: Path) -> dict[str, object]:
    with running(service.start, folder) as server:
        body = service.bodies[SCORE][0].encode()
        headers = {"Content-Type": "application/json"}
        asked = Request(f"http://127.0.0.1:{server.port}{SCORE}", body, headers)
        with urlopen(asked, timeout=30) as answer:  # noqa: S310
            found: dict[str, object] = json.load(answer)
            return found


def _count(address: str) -> int:
    with RecordLog.open(address) as log:
        return log.head().size
