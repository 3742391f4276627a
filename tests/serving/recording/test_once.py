"""Idempotency-Key: one effect, the same bytes again, 409 for another body."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from anyio.from_thread import BlockingPortal

from models.registry import Release
from serving.access.access import Access
from serving.assembly import around
from serving.questions import questions
from serving.records.record_log import RecordLog
from serving.settings import Limits
from tests.serving.access.conftest import Keyed, keyed  # noqa: F401 - a fixture
from tests.serving.conftest import Caller, tiny_project
from tests.serving.recording.conftest import Recorded
from tests.serving.test_bad_requests import assert_refused
from tests.serving.test_server_process import environment

QUESTION = {"project": tiny_project()}
BATCH = {"projects": [tiny_project(1), tiny_project(2, area="wide"), tiny_project(3)]}
CALLS = [("/score", QUESTION), ("/score_batch", BATCH)]


def key(name: str) -> dict[str, str]:
    return {"Idempotency-Key": name}


@pytest.mark.parametrize(("path", "body"), CALLS)
def test_the_same_request_gets_the_same_bytes(
    recorded: Recorded, path: str, body: dict[str, Any]
) -> None:
    first = recorded.service.post(path, body, key("a"))
    recorded.service.post(path, body)
    again = recorded.service.post(path, body, key("a"))
    assert (again.status_code, again.content) == (200, first.content)
    records = 1 if path == "/score" else 3  # a batch has one of its own
    assert recorded.log.head().size == 2 * records
    other = recorded.service.post(path, body, key("b"))
    assert other.content != first.content


def test_a_long_answer_is_repeated_as_well(recorded: Recorded) -> None:
    batch = {"projects": [tiny_project(n, people=n) for n in range(300)]}
    first = recorded.service.post("/score_batch", batch, key("a"))
    assert len(first.content) > 1 << 20
    assert recorded.service.post("/score_batch", batch, key("a")).content == first.content
    assert recorded.log.head().size == 301


@pytest.mark.parametrize(("path", "body"), CALLS)
def test_another_body_is_a_conflict(recorded: Recorded, path: str, body: dict[str, Any]) -> None:
    recorded.service.post(path, body, key("a"))
    size = recorded.log.head().size
    changed = json.loads(json.dumps(body).replace("1200.0", "1201.0"))
    assert_refused(recorded.service.post(path, changed, key("a")), 409)
    elsewhere = CALLS[0] if path == "/score_batch" else CALLS[1]
    assert_refused(recorded.service.post(*elsewhere, key("a")), 409)
    assert recorded.log.head().size == size


@pytest.mark.parametrize(("path", "body"), CALLS)
def test_a_key_whose_answer_has_gone_is_refused_with_its_record(
    recorded: Recorded,
    release: Release,
    access: Access,
    portal: BlockingPortal,
    path: str,
    body: dict[str, Any],
) -> None:
    first = recorded.service.post(path, body, key("a")).json()["record_id"]
    size = recorded.log.head().size
    with RecordLog.open(f"sqlite:///{recorded.file}", keep_answers=timedelta(0)) as log:
        later = Caller(around(questions, release, Limits(), access, log), portal)
        for again in (body, BATCH if path == "/score" else QUESTION):
            answer = later.post(path, again, key("a"))
            assert_refused(answer, 409, "key_expired")
            assert first in answer.json()["error"]["details"][0]["got"]
        assert log.head().size == size, "control: taken for a new one it would be recorded twice"
        assert later.post(path, body, key("b")).status_code == 200
    assert recorded.service.post(path, body, key("b")).status_code == 200


def test_what_was_refused_may_be_mended_under_its_key(recorded: Recorded) -> None:
    wrong = {"project": tiny_project(area="wide")}
    assert_refused(recorded.service.post("/score", wrong, key("a")), 422)
    assert recorded.service.post("/score", QUESTION, key("a")).status_code == 200


def test_a_repeated_answer_can_be_a_page(recorded: Recorded) -> None:
    first = recorded.service.post("/score", QUESTION, key("a") | {"accept": "text/html"})
    again = recorded.service.post("/score", QUESTION, key("a") | {"accept": "text/html"})
    assert first.content == again.content
    assert first.headers["content-type"].startswith("text/html")
    assert recorded.log.head().size == 1


@pytest.mark.parametrize("bad", ["", "x" * 129, "two words", "钥匙", "tab\t"])
def test_what_is_no_key_is_refused(recorded: Recorded, bad: str) -> None:
    headers = [("content-type", "application/json"), ("idempotency-key", bad.encode())]
    answer = recorded.service.call("POST", "/score", content=json.dumps(QUESTION), headers=headers)
    assert_refused(answer, 422)
    assert recorded.log.head().size == 0


def test_a_key_belongs_to_its_caller(keyed: Keyed) -> None:  # noqa: F811 - the fixture
    size = keyed.records.head().size
    answers = [
        keyed.call(grant, "POST", "/score", json=QUESTION, headers=key("mine")).json()
        for grant in ("platform", "admin", "platform")
    ]
    assert answers[0] == answers[2]
    assert answers[0]["record_id"] != answers[1]["record_id"]
    assert keyed.records.head().size == size + 2


CLIENT = """
import asyncio, json, os, sys
import httpx
from serving.application import application
from serving.settings import service_settings
from tests.serving.conftest import running, tiny_project

async def main():
    app = application(service_settings(os.environ))
    told = {}
    async with running(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            for number in range(50):
                for _ in range(20):
                    answer = await client.post(
                        "/score",
                        json={"project": tiny_project(number)},
                        headers={"Idempotency-Key": f"key-{number}"},
                        timeout=60,
                    )
                    if answer.status_code != 503:
                        break
                assert answer.status_code == 200, answer.text
                told[number] = answer.text
    print(json.dumps(told))

asyncio.run(main())
"""


def test_eight_processes_with_the_same_fifty_keys_make_fifty_records(
    home: Path, tmp_path: Path
) -> None:
    address = f"sqlite:///{tmp_path / 'records.db'}"
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", CLIENT],
            env=environment(home, LINGJI_RECORDS=address),
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(8)
    ]
    told = [json.loads(process.communicate(timeout=300)[0]) for process in processes]
    assert all(each == told[0] for each in told)
    assert len(told[0]) == 50
    with RecordLog.open(address) as log:
        assert log.head().size == 50
