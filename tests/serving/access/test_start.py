"""Where the service may listen, and what it says of keys when it starts."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from serving.access.caller import Grant, Role
from serving.access.keys import Keys
from serving.access.store import access_store
from serving.application import application, serve
from serving.errors import ServiceError
from serving.settings import ServiceSettings, service_settings
from tests.serving.conftest import tiny_project
from tests.serving.test_server_process import PATIENCE, SERVE, environment, started

EVERYWHERE = "0.0.0.0"  # noqa: S104 - what is tested


@pytest.fixture
def alone(home: Path, tmp_path: Path) -> Path:
    """A working folder with the tiny model, of this test's own."""
    folder = tmp_path / "home"
    shutil.copytree(home, folder, ignore=shutil.ignore_patterns("access.db*"))
    return folder


def new_key(home: Path) -> tuple[str, str]:
    """The id and the secret of a key for an administrator."""
    with access_store(home) as store:
        key, secret = Keys(store).create(Grant(Role.ADMIN), "test", 1)
    return key.id, secret


@contextmanager
def serving_at(home: Path, host: str) -> Iterator[tuple[str, str]]:
    """A server process: the port that it says, and its next line if it is told to have one."""
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE],
        env=environment(home, LINGJI_HOST=host, PYTHONUNBUFFERED="1"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        found = re.match(rf"http://{re.escape(host)}:(\d+)/ serves", line)
        assert found, line or process.communicate()[1]
        yield found[1], process.stdout.readline() if host == "127.0.0.1" else ""
    finally:
        process.kill()
        process.communicate()


def test_without_keys_it_listens_here_only_and_says_so(alone: Path) -> None:
    done = started(alone, LINGJI_HOST=EVERYWHERE)
    assert done.returncode == 1
    assert "expected a loopback host such as 127.0.0.1; got 0.0.0.0" in done.stderr
    assert "lingji keys create --role admin" in done.stderr
    with serving_at(alone, "127.0.0.1") as (port, said):
        assert "There are no access keys: everybody on this machine is an administrator" in said
        address = f"http://127.0.0.1:{port}"
        body = {"project": tiny_project()}
        assert httpx.post(f"{address}/score", json=body, timeout=PATIENCE).is_success
        rebound = {"host": "evil.example"}
        assert httpx.get(f"{address}/schema", headers=rebound).status_code == 401
        key_id, secret = new_key(alone)
        assert httpx.post(f"{address}/score", json=body).status_code == 401
        known = {"authorization": f"Bearer {secret}"}
        assert httpx.post(f"{address}/score", json=body, headers=known).is_success
        with access_store(alone) as store:
            Keys(store).revoke(key_id)
        assert httpx.post(f"{address}/score", json=body, headers=known).status_code == 401


def test_with_a_key_it_listens_elsewhere_and_asks_for_it(alone: Path) -> None:
    _, secret = new_key(alone)
    with serving_at(alone, EVERYWHERE) as (port, _):
        address = f"http://127.0.0.1:{port}"
        assert httpx.get(f"{address}/livez").status_code == 200
        assert httpx.get(f"{address}/readyz").status_code == 401
        known = {"authorization": f"Bearer {secret}"}
        assert httpx.get(f"{address}/readyz", headers=known).json()["status"] == "ready"


def test_a_stranger_who_sends_without_end_is_cut_off(alone: Path) -> None:
    new_key(alone)
    sent = 0

    def blocks() -> Iterator[bytes]:
        nonlocal sent
        for _ in range(2_000):
            sent += 1
            yield b" " * 65_536

    with serving_at(alone, EVERYWHERE) as (port, _):
        headers = {"content-type": "application/json"}
        try:
            answer = httpx.post(f"http://127.0.0.1:{port}/score", content=blocks(), headers=headers)
            assert answer.status_code == 401
        except httpx.TransportError:
            pass  # the connection was closed while this side still wrote
        assert sent < 2_000


def test_a_revoked_key_keeps_the_door_closed(alone: Path) -> None:
    key_id, _ = new_key(alone)
    with access_store(alone) as store:
        Keys(store).revoke(key_id)
    with serving_at(alone, EVERYWHERE) as (port, _):
        assert httpx.get(f"http://127.0.0.1:{port}/schema").status_code == 401


def test_an_address_elsewhere_is_refused_before_the_model_is_loaded(tmp_path: Path) -> None:
    with pytest.raises(ServiceError, match="there are no access keys"):
        serve(ServiceSettings(home=tmp_path, host=EVERYWHERE))


def test_wrong_settings_of_tokens_stop_the_start(alone: Path, tmp_path: Path) -> None:
    settings = service_settings({"LINGJI_TOKENS": str(tmp_path / "none.yaml")}, home=alone)
    with pytest.raises(ServiceError, match=r"expected settings of tokens in .*none\.yaml"):
        application(settings.model_copy(update={"catalogue": "tiny"}))
    done = started(alone, LINGJI_TOKENS=str(tmp_path / "none.yaml"))
    assert done.returncode == 1
    assert "expected settings of tokens" in done.stderr


def test_the_ration_is_a_setting() -> None:
    assert service_settings({}).what_ifs_a_day == 20
    assert service_settings({"LINGJI_WHAT_IFS": "5"}).what_ifs_a_day == 5
    with pytest.raises(ServiceError, match="what_ifs_a_day: input should be greater"):
        service_settings({"LINGJI_WHAT_IFS": "-1"})
