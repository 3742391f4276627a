"""The papers by command, from a log and without one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner, Result

from serving.asker import Asker
from serving.command_line.program import PROGRAM
from serving.recording.release_record import ReleaseRecords
from serving.records.record_log import RecordLog
from tests.models.papers.looked_up import faults
from tests.releases import Waiting
from tests.rulers import ruler


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the small ruler's catalogue and a model that serves without review."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LINGJI_RECORDS", raising=False)
    text = yaml.safe_dump(ruler(), allow_unicode=True)
    (tmp_path / "small.yaml").write_text(text, encoding="utf-8")
    Waiting.at(tmp_path / "var")
    return tmp_path


def papers(*words: str) -> Result:
    given = ["papers", "1", "--out", "papers", "--catalogue", "small.yaml", "--home", "var", *words]
    return CliRunner().invoke(PROGRAM, given)


def read(folder: Path, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "papers" / f"{name}.json").read_bytes())
    return found


def test_it_writes_each_paper_in_both_languages_and_for_machines(folder: Path) -> None:
    result = papers("--json")
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert len(told["files"]) == 9
    assert all((folder / file).is_file() for file in told["files"])
    card = read(folder, "model_card")
    assert faults(card, folder / "var") == []
    (logged,) = (s for s in card["sections"] if s["name"] == "logged")
    assert "was not read" in logged["text"][0]["en"]


def test_releases_come_from_the_log_where_there_is_one(folder: Path) -> None:
    version = Waiting.at(folder / "other").registry.version(1)
    with RecordLog.open(f"sqlite:///{folder / 'var' / 'records.db'}") as log:
        ReleaseRecords(log, Asker.at_command_line("lingji promote")).add("small", None, version)
    assert papers().exit_code == 0
    (logged,) = (s for s in read(folder, "model_card")["sections"] if s["name"] == "logged")
    (row,) = logged["tables"][0]["rows"]
    assert row["cells"]["way"]["value"] == "lingji promote"


def test_a_version_or_statements_that_are_not_there_are_refused(folder: Path) -> None:
    wrong = papers("--statements", "nothing.yaml")
    assert wrong.exit_code == 1
    assert "nothing.yaml" in wrong.stderr
    given = ["papers", "9", "--out", "papers", "--catalogue", "small.yaml", "--home", "var"]
    assert CliRunner().invoke(PROGRAM, given).exit_code == 1
    assert not (folder / "papers").exists()
