"""The page about clusters does what it says: its commands run, from the scheduler to the scores."""

from __future__ import annotations

import csv
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from features.catalogue import Catalogue
from models.registry import Registry
from serving.command_line.program import PROGRAM
from tests.rulers import ruler, text_of
from tests.small_model import ROUNDS, SMALL_TREES, small_document, small_outcomes
from tests.test_documents import shell_lines
from training.growing import Grower
from training.split import TimeSplit
from training.train import TrainingSettings

PAGE = (Path(__file__).parents[1] / "docs" / "cluster.md").read_text(encoding="utf-8")


def _free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port: int = held.getsockname()[1]
        return port


@contextmanager
def _running(words: list[str], environment: Mapping[str, str], log: Path) -> Iterator[None]:
    """A command of the page as a process of its own, ended afterwards."""
    with log.open("wb") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", *words], env=environment, stdout=said, stderr=said
        )
        try:
            yield
        finally:
            process.terminate()
            process.wait(timeout=60)


def _past(path: Path, count: int = 900) -> Path:
    """Past projects of the small ruler with their outcomes, in one file."""
    chance = np.random.default_rng(7)
    documents = [small_document(chance, n, ROUNDS[n % len(ROUNDS)]) for n in range(count)]
    past = [document | small_outcomes(chance, document) for document in documents]
    path.write_text("\n".join(map(json.dumps, past)), encoding="utf-8")
    return path


def _commands(changes: Mapping[str, str]) -> list[list[str]]:
    """The words of each command of the page, with this machine's addresses and files."""
    text = PAGE
    for there, here in changes.items():
        text = text.replace(there, here)
    return list(shell_lines(text))


def _small_ruler(folder: Path) -> list[str]:
    """The options that name the small ruler and a home."""
    (folder / "small.yaml").write_text(text_of(ruler()), encoding="utf-8")
    return ["--catalogue", str(folder / "small.yaml"), "--home", str(folder / "home")]


def test_the_commands_of_the_page_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On this machine, with a small ruler and small trees, and one worker instead of eight."""

    def small(split: TimeSplit, _: Catalogue, grower: Grower) -> TrainingSettings:
        return TrainingSettings(split, SMALL_TREES, grower=grower)

    monkeypatch.setattr(TrainingSettings, "usual", small)
    ours, past, out = _small_ruler(tmp_path), _past(tmp_path / "past.jsonl"), tmp_path / "out.csv"
    changes = {
        "10.0.0.1:8786": f"127.0.0.1:{(port := _free_port())}",
        "--port 8786": f"--port {port}",
        "10.0.0.1": "127.0.0.1",
        "10.0.0.2": "127.0.0.1",
        "--nworkers 8": "--nworkers 1",
        "var/province/projects.parquet": str(_past(tmp_path / "few.jsonl", 60)),
        "var/province": str(past),
        "scores.csv": str(out),
    }
    exported, scheduler, worker, train, score = _commands(changes)
    settings = dict(word.split("=", 1) for word in exported[1:])
    with ExitStack() as stack:
        for words in (scheduler, worker):
            log = tmp_path / f"{words[1]}.log"
            stack.enter_context(_running(words, os.environ | settings, log))
        trained = CliRunner().invoke(PROGRAM, [*train[1:], *ours, "--json"])
        assert trained.exit_code == 0, trained.stderr
        registry = Registry(tmp_path / "home", "small")
        assert registry.release(1).model.facts.software["dask_workers"] == "1"
        registry.promote(json.loads(trained.stdout)["version"])
        scored = CliRunner().invoke(PROGRAM, [*score[1:], *ours])
        assert scored.exit_code == 0, scored.stderr
    with out.open(encoding="utf-8-sig", newline="") as file:
        rows = [(int(row["row"]), row["status"]) for row in csv.DictReader(file)]
    assert rows == [(number, "rated") for number in range(1, 61)]


def test_a_cluster_that_is_not_there_ends_the_command(tmp_path: Path) -> None:
    words = ["train", "--data", str(_past(tmp_path / "past.jsonl")), *_small_ruler(tmp_path)]
    result = CliRunner().invoke(PROGRAM, [*words, "--cluster", "10.0.0.1"])
    assert result.exit_code == 1
    assert "expected local, tcp://HOST:PORT or tls://HOST:PORT" in " ".join(result.stderr.split())
