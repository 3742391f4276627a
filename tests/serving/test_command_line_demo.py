"""`lingji demo` from end to end: a province, a model, one explained score, a model in service."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from models.registry import Registry
from serving.command_line.program import PROGRAM


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def result(home: Path) -> Result:
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("MLFLOW_TRACKING_URI", raising=False)
        words = ["demo", "--projects", "1500", "--home", str(home), "--lang", "en"]
        return CliRunner().invoke(PROGRAM, words)


def test_it_ends_well_and_says_that_all_is_invented(result: Result) -> None:
    assert result.exit_code == 0, result.stderr
    told = " ".join(result.stdout.split())
    assert "Grade" in told
    assert "trained on simulated data" in told
    assert "The model advises; people decide." in told
    assert "The model is in service, without review, as every answer says." in told


def test_it_leaves_a_model_that_answers(result: Result, home: Path) -> None:
    assert result.exit_code == 0
    release = Registry(home, "zero_base").release()
    assert release.version.number == 1
    assert release.model.facts.simulated
    again = CliRunner().invoke(
        PROGRAM, ["explain", "docs/examples/project.json", "--home", str(home), "--json"]
    )
    assert again.exit_code == 0, again.stderr
    answer = json.loads(again.stdout)
    assert answer["status"] == "rated"
    assert answer["model"]["simulated"] is True
    assert answer["model"]["digest"] == release.version.digest
