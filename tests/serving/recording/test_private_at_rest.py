"""A personal value that callers send stands in clear in no file that the service writes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from serving.command_line.program import PROGRAM
from serving.records.database import AUDITOR
from tests.serving.access.conftest import Keyed, keyed  # noqa: F401 - a fixture
from tests.serving.conftest import IDENTITY_NUMBER, tiny_project
from tests.serving.recording.conftest import Recorded

CONTACT = IDENTITY_NUMBER


def files_with(folder: Path, text: str) -> list[str]:
    """The files in the folder that hold the text."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return [path.name for path in files if text.encode() in path.read_bytes()]


def questions() -> Iterator[tuple[str, dict[str, Any]]]:
    project = tiny_project(contact=CONTACT)
    yield "/score", {"project": project}
    yield "/score_batch", {"projects": [project, project | {"area": "wide"}]}
    yield "/what_if", {"project": project, "changes": {"contact": f"{CONTACT}"}}
    yield "/improvements", {"project": project}


def test_no_table_and_no_log_shows_it(recorded: Recorded, tmp_path: Path) -> None:
    for number, (path, body) in enumerate(questions()):
        for _ in range(2):
            answer = recorded.service.post(path, body, {"Idempotency-Key": f"k{number}"})
            assert answer.status_code == 200, answer.text
    assert recorded.log.head().size >= 4
    assert files_with(tmp_path, CONTACT) == []
    assert "P0001" in recorded.log.records(AUDITOR)[0].leaf.decode()
    assert files_with(tmp_path, "P0001") == ["records.db-wal"], "control: what is public is found"


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_no_file_scored_by_command_leaves_it_in_the_log(
    home: Path, tmp_path: Path, kind: str
) -> None:
    source = tmp_path / "in.jsonl"
    source.write_text(json.dumps(tiny_project(contact=CONTACT)) + "\n", encoding="utf-8")
    kept = tmp_path / "kept"
    kept.mkdir()
    words = ["score", source, "--out", tmp_path / f"out.{kind}", "--home", home]
    words += ["--catalogue", Path(__file__).parents[1] / "tiny.yaml"]
    words += ["--records", f"sqlite:///{kept / 'records.db'}"]
    done = CliRunner().invoke(PROGRAM, list(map(str, words)))
    assert done.exit_code == 0, done.output
    assert files_with(kept, CONTACT) == []
    assert "records.db" in files_with(kept, "P0001"), "control"


def test_access_and_rations_do_not_hold_it(keyed: Keyed, tmp_path: Path) -> None:  # noqa: F811
    for path, body in questions():
        keyed.post("department:D1", path, body)
    assert files_with(tmp_path, CONTACT) == []
