"""The entry points of MLproject, executed by MLflow itself: on a SQLite store and on a server."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import numpy as np
import pytest
import yaml
from typer.testing import CliRunner

from models.registry import Registry
from serving.command_line.program import PROGRAM
from tests.rulers import ruler
from tests.small_model import ROUNDS, small_document, small_outcomes
from training.tracking import QUIET

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
COUNT = 700
PATIENCE = 300.0


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a small ruler and past projects."""
    made = tmp_path_factory.mktemp("mlproject")
    text = yaml.safe_dump(ruler(), allow_unicode=True)
    (made / "small.yaml").write_text(text, encoding="utf-8")
    chance = np.random.default_rng(7)
    rows = []
    for number in range(COUNT):
        document = small_document(chance, number, ROUNDS[number % len(ROUNDS)])
        rows.append(document | small_outcomes(chance, document))
    past = "\n".join(json.dumps(row) for row in rows)
    (made / "past.jsonl").write_text(past, encoding="utf-8")
    return made


def environment(folder: Path, uri: str) -> dict[str, str]:
    """What the processes are told: where the store is, and to ask nothing of the outside."""
    kept = {name: os.environ[name] for name in ("LANG", "TMPDIR") if name in os.environ}
    return {
        **kept,
        **QUIET,
        "HOME": str(folder),
        "PATH": f"{BIN}:/usr/bin:/bin",
        "PYTHONPATH": str(ROOT),
        "LINGJI_HOME": str(folder / "var"),
        "LINGJI_TRAINER": "zhang",
        "MLFLOW_TRACKING_URI": uri,
    }


def run(entry: str, folder: Path, uri: str, **parameters: object) -> None:
    """`mlflow run` of an entry point."""
    given = {"catalogue": folder / "small.yaml", **parameters}
    words = [str(BIN / "mlflow"), "run", str(ROOT), "-e", entry, "--env-manager", "local"]
    words += ["--experiment-name", "lingji"]
    for name, value in given.items():
        words += ["-P", f"{name}={value}"]
    done = subprocess.run(
        words,
        cwd=folder,
        env=environment(folder, uri),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def lingji(folder: Path, *words: str) -> Any:
    about = ["--catalogue", str(folder / "small.yaml"), "--home", str(folder / "var"), "--json"]
    done = CliRunner().invoke(PROGRAM, [*words, *about])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


@dataclass(frozen=True)
class Server:
    """An MLflow server of our own, on this machine, which has been started."""

    address: str
    process: subprocess.Popen[bytes]

    def healthy(self) -> str:
        """Its address, as soon as it answers."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            assert self.process.poll() is None, "the server has ended"
            with contextlib.suppress(URLError, ConnectionError, TimeoutError):
                urlopen(f"{self.address}/health", timeout=5).close()  # noqa: S310 - our own
                return self.address
            time.sleep(0.5)
        raise AssertionError("the server does not answer")


@contextlib.contextmanager
def server(folder: Path) -> Iterator[Server]:
    """A server that starts while something else is done."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    words = [str(BIN / "mlflow"), "server", "--host", "127.0.0.1", "--port", str(port)]
    words += ["--backend-store-uri", f"sqlite:///{folder}/server.db", "--workers", "1"]
    words += [
        "--artifacts-destination",
        str(folder / "kept"),
        "--allowed-hosts",
        f"127.0.0.1:{port}",
    ]
    told = environment(folder, "")
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(words, cwd=folder, env=told, stdout=log, stderr=log)
    try:
        yield Server(f"http://127.0.0.1:{port}", process)
    finally:
        process.terminate()
        process.wait(30)


def runs(uri: str, tags: Mapping[str, str]) -> list[Any]:
    """The runs that a store holds with these tags."""
    from mlflow import MlflowClient

    client = MlflowClient(uri, uri)
    experiments = [each.experiment_id for each in client.search_experiments()]
    found = client.search_runs(experiments)
    return [each for each in found if tags.items() <= each.data.tags.items()]


def test_train_on_a_sqlite_store_then_retrain_on_a_server(folder: Path) -> None:
    store, registry = f"sqlite:///{folder}/store.db", Registry(folder / "var", "small")
    with server(folder) as started:
        run("train", folder, store, data=folder / "past.jsonl")
        (first,) = registry.versions()
        assert first.trainer == "zhang"
        (trained,) = runs(store, {"mlflow.project.entryPoint": "train"})
        assert (trained.info.run_id, trained.info.status) == (first.run, "FINISHED")
        assert "axis.r2" in trained.data.metrics
        lingji(folder, "promote", "1", "--without-review", "--tracking-uri", store)
        lingji(folder, "outcomes", "add", str(folder / "past.jsonl"))
        address = started.healthy()
        run("retrain", folder, address)
        _, second = registry.versions()
        (retrained,) = runs(address, {"mlflow.project.entryPoint": "retrain"})
        assert (retrained.info.run_id, retrained.info.status) == (second.run, "FINISHED")
    assert (registry.folder / "comparisons" / "2-1.json").is_file()
    champion = registry.champion()
    assert champion is not None
    assert champion.number == 1
