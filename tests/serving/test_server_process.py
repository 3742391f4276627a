"""The server as a process: one socket, a clean stop, a refusal to start, no calls out."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.serving.conftest import tiny_project

SERVE = """
import os, sys
from tests.network_guard import arm, attempts
arm()
from features.errors import LingjiError
from serving.application import serve
from serving.settings import service_settings
try:
    serve(service_settings(os.environ))
except LingjiError as error:
    print(error, file=sys.stderr)
    sys.exit(1)
if attempts:
    print(f"tried to leave this machine: {attempts}", file=sys.stderr)
    sys.exit(9)
"""
CALL_OUT = """
from tests.network_guard import arm
arm()
import socket
socket.create_connection(("192.0.2.7", 80))
"""
PATIENCE = 60


def environment(home: Path, **more: str) -> dict[str, str]:
    """An environment that knows nothing of CI, pytest or telemetry: what a plain user has."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    settings = {"LINGJI_HOME": str(home), "LINGJI_CATALOGUE": "tiny", "LINGJI_PORT": "0"}
    return kept | settings | {"HOME": str(empty(home / "user")), "PYTHONPATH": os.getcwd()} | more


def empty(folder: Path) -> Path:
    """A folder that exists; it stays empty while nothing is kept outside the working folder."""
    folder.mkdir(exist_ok=True)
    return folder


@contextmanager
def serving(home: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server process, and its address, until it has ended."""
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE],
        env=environment(home),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        found = re.match(r"(http://127\.0\.0\.1:\d+)/ serves tiny@1, version 1", line)
        assert found, line or process.communicate()[1]
        yield process, found[1]
    finally:
        process.kill()
        process.communicate()


def listening_ports(pid: int) -> list[int]:
    """The TCP ports that a process and its children listen on, from /proc."""
    owned: set[str] = set()
    for task in (str(pid), *children(pid)):
        for descriptor in Path(f"/proc/{task}/fd").iterdir():
            try:
                owned.add(os.readlink(descriptor))
            except FileNotFoundError:
                continue
    ports = []
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            field = line.split()
            if field[3] == "0A" and f"socket:[{field[9]}]" in owned:
                ports.append(int(field[1].rpartition(":")[2], 16))
    return sorted(ports)


def children(pid: int) -> list[str]:
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return [child for task in tasks for child in (task / "children").read_text().split()]


def test_it_answers_on_one_socket_and_stops_when_asked(home: Path) -> None:
    with serving(home) as (process, address):
        assert listening_ports(process.pid) == [int(address.rpartition(":")[2])]
        answer = httpx.post(f"{address}/score", json={"project": tiny_project()}, timeout=PATIENCE)
        assert answer.json()["status"] == "rated"
        assert httpx.get(f"{address}/readyz").json()["model"]["version"] == "1"
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, said
        assert "Traceback" not in said
        with pytest.raises(httpx.ConnectError, match="refused"):
            httpx.get(f"{address}/livez")
    assert list((home / "user").iterdir()) == []


def test_what_is_under_way_is_finished_before_it_stops(home: Path) -> None:
    projects = [tiny_project(number) for number in range(600)]
    with serving(home) as (process, address):
        body = json.dumps({"projects": projects}).encode()
        headers = {"content-type": "application/json"}

        def then_stop() -> Iterator[bytes]:
            yield body
            time.sleep(0.5)  # the server has begun to read; the end of the body comes after
            process.send_signal(signal.SIGTERM)

        answer = httpx.post(
            f"{address}/score_batch", content=then_stop(), headers=headers, timeout=PATIENCE
        )
        assert len(answer.json()["results"]) == len(projects)
        process.communicate(timeout=PATIENCE)
        assert process.returncode == 0


def started(home: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """A server that is expected to end by itself."""
    return subprocess.run(
        [sys.executable, "-c", SERVE],
        env=environment(home, **more),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def test_it_does_not_start_without_a_model(tmp_path: Path) -> None:
    done = started(tmp_path)
    assert done.returncode == 1
    assert "expected a model of tiny in service; got none" in done.stderr
    assert "Traceback" not in done.stderr


def test_it_does_not_start_with_an_altered_bundle(home: Path, tmp_path: Path) -> None:
    copied = tmp_path / "home"
    shutil.copytree(home, copied)
    trees = next(copied.rglob("*.central.txt"))
    trees.write_text(trees.read_text(encoding="utf-8") + " ", encoding="utf-8")
    done = started(copied)
    assert done.returncode == 1
    assert f"expected trees/{trees.name}" in done.stderr
    assert "serves" not in done.stdout


def test_it_does_not_start_where_others_could_reach_it(home: Path) -> None:
    done = started(home, LINGJI_HOST="0.0.0.0")  # noqa: S104 - what must be refused
    assert done.returncode == 1
    assert "there are no access keys" in done.stderr
    assert "lingji keys create" in done.stderr


def test_it_does_not_start_on_a_port_that_is_taken(home: Path) -> None:
    with serving(home) as (_, address):
        done = started(home, LINGJI_PORT=address.rpartition(":")[2])
    assert done.returncode == 1
    assert "Address already in use" in done.stderr
    assert "choose another --port" in done.stderr


def test_control_a_call_out_would_be_refused_and_seen(home: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CALL_OUT],
        env=environment(home),
        capture_output=True,
        text=True,
        check=False,
    )
    assert "OutgoingConnection" in done.stderr


def test_bentoml_serve_runs_the_same_application(home: Path, tmp_path: Path) -> None:
    with bentoml_serve(home, tmp_path) as address:
        answer = httpx.post(f"{address}/score", json={"project": tiny_project()}, timeout=PATIENCE)
        assert answer.json()["status"] == "rated"
        refused = httpx.post(f"{address}/score", json={"project": {"area": "wide"}})
        assert refused.status_code == 422
        assert refused.json()["error"]["code"] == "invalid"
        assert httpx.get(f"{address}/docs.json").status_code == 404
        assert "试评一个项目" in httpx.get(address).text


@contextmanager
def bentoml_serve(home: Path, folder: Path) -> Iterator[str]:
    """`bentoml serve` with the tiny model, from its start until it and its workers have ended."""
    with httpx.Client() as client:
        port = free_port()
        address = f"http://127.0.0.1:{port}"
        command = ["serve", "serving.service:Lingji", "--host", "127.0.0.1", "--port", str(port)]
        quiet = {"BENTOML_DO_NOT_TRACK": "true", "BENTOML_HOME": str(folder / "bentoml")}
        process = subprocess.Popen(
            [sys.executable, "-m", "bentoml", *command],
            env=environment(home, **quiet),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            for _ in range(10 * PATIENCE):
                if process.poll() is not None or answers(client, address):
                    break
                time.sleep(0.1)
            assert process.poll() is None
            yield address
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(timeout=PATIENCE)
            finally:
                end_group(process.pid)


def end_group(group: int) -> None:
    """End whatever is left of the process group that this test started."""
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return


def answers(client: httpx.Client, address: str) -> bool:
    try:
        return client.get(f"{address}/readyz").status_code == 200
    except httpx.TransportError:
        return False


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
