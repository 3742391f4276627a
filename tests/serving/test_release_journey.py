"""A round arrives: retrain, review, two signatures, release, return; nothing of it is pretended."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from typer.testing import CliRunner

from models.registry import Registry
from models.review.round import KeptRound
from serving.command_line.program import PROGRAM
from serving.records.record_log import RecordLog
from tests.reviews import judged
from tests.rulers import ruler
from tests.small_model import ROUNDS, small_document, small_outcomes

COUNT = 900


def lingji(*words: object) -> Any:
    """What a command says in JSON, whether it ends with 0 or 1."""
    given = [str(word) for word in words]
    catalogue = [] if words[0] == "people" else ["--catalogue", "small.yaml"]
    result = CliRunner().invoke(PROGRAM, [*given, *catalogue, "--json"])
    assert result.exit_code in (0, 1), result.output
    assert result.stdout.strip().startswith("{"), result.output
    return json.loads(result.stdout)


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Registry:
    """The registry of a folder with a catalogue and past projects, and nothing else."""
    monkeypatch.chdir(tmp_path)
    for name in ("LINGJI_HOME", "LINGJI_RECORDS", "LINGJI_TRAINER", "MLFLOW_TRACKING_URI"):
        monkeypatch.delenv(name, raising=False)
    Path("small.yaml").write_text(yaml.safe_dump(ruler(), allow_unicode=True), encoding="utf-8")
    chance = np.random.default_rng(7)
    rows = []
    for number in range(COUNT):
        document = small_document(chance, number, ROUNDS[number % len(ROUNDS)])
        rows.append(document | small_outcomes(chance, document))
    text = "\n".join(json.dumps(row) for row in rows)
    Path("past.jsonl").write_text(text, encoding="utf-8")
    return Registry(tmp_path / "var", "small")


def judge_by_two(registry: Registry, opened: dict[str, Any]) -> None:
    """What experts do on pages; tests/serving/review is about that."""
    kept = KeptRound.at(Path(opened["path"]))
    assert len(kept.round.cases) == opened["cases"] > 20
    with RecordLog.open(f"sqlite:///{registry.root / 'records.db'}") as log:
        for expert in ("k-1", "k-2"):
            judged(kept, log, expert, lambda n: {"axis": 50.0 + n % 7, "second": 60.0})


def test_from_a_round_to_a_reviewed_release_and_back(registry: Registry) -> None:
    early = ("--fit-until", 2021, "--calibrate-until", 2022)
    assert lingji("train", "--data", "past.jsonl", *early, "--trainer", "zhang")["version"] == 1
    assert lingji("promote", 1, "--without-review")["reviewed"] is False
    lingji("outcomes", "add", "past.jsonl")
    compared = lingji("retrain", "--trainer", "zhang")["comparison"]
    assert (compared["challenger"]["version"], compared["champion"]["version"]) == (2, 1)
    assert registry.version(2).trainer == "zhang"

    lingji("people", "add", "Li", "--account", "li", "--out", "li.pem")
    lingji("people", "add", "Wang", "--account", "wang", "--out", "wang.pem")
    lingji("people", "add", "Zhao", "--account", "zhao", "--out", "zhao.pem")
    judge_by_two(registry, lingji("review", "open", 2))
    words = ("--key", "zhao.pem", "--conclusion", "approve", "--comment", "looked at all of it")
    lingji("review", "conclude", 2, *words)
    found = lingji("gates", 2)
    said = {verdict["name"]: verdict["status"] for verdict in found["verdicts"]}
    for sure in ("challenger", "champion", "distinct", "bundle", "later_rounds", "reviewed"):
        assert said[sure] == "pass", sure
    assert {said[f"from_zero/{head}"] for head in ("axis", "second", "cost")} == {"pass"}
    open_ = [name for name, status in said.items() if status == "fail"]
    waived = [f"{name}=invented data of 900 projects" for name in open_]
    options = [word for each in waived for word in ("--waive", each)]
    assert lingji("approve", 2, "--key", "li.pem", *options)["missing"] == 1
    assert lingji("approve", 2, "--key", "wang.pem")["missing"] == 0
    assert lingji("promote", 2)["reviewed"] is True
    listed = lingji("models")
    assert (listed["champion"], listed["reviewed"]) == (2, True)
    assert listed["mlflow_alias"] == {"version": 2, "state": "agrees", "unknown": None}
    assert lingji("rollback")["champion"] == 1
    assert registry.release().reviewed is False
