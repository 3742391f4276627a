"""Files are recorded row by row and as a run, before they appear; unless nobody wants it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import Future
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from serving.command_line.program import PROGRAM
from serving.recording.replay import Replay
from serving.records.database import SERVICE
from serving.records.errors import RecordsUnavailable
from serving.records.record_log import RecordLog
from tests.serving.conftest import CATALOGUE, IDENTITY_NUMBER, tiny_project

ROWS = 1_200


@pytest.fixture
def source(tmp_path: Path) -> Path:
    rows = [tiny_project(n, area=100.0 + n, people=n) for n in range(ROWS)]
    rows[7]["area"] = "wide"
    rows[9].pop("type")
    file = tmp_path / "in.jsonl"
    file.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return file


def run(home: Path, *words: str) -> Result:
    place = ["--home", str(home), "--catalogue", str(CATALOGUE)]
    return CliRunner().invoke(PROGRAM, [*words, *place])


@pytest.fixture
def log(tmp_path: Path) -> Iterator[RecordLog]:
    with RecordLog.open(address(tmp_path)) as log:
        yield log


def address(folder: Path) -> str:
    return f"sqlite:///{folder / 'records.db'}"


def test_every_answer_of_a_file_and_the_run_are_recorded(
    home: Path, source: Path, tmp_path: Path, log: RecordLog
) -> None:
    out = tmp_path / "out.csv"
    words = ["score", str(source), "--out", str(out), "--records", address(tmp_path)]
    done = run(home, *words, "--workers", "2", "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    records = log.records(SERVICE, kind="score", limit=5_000)
    assert len(records) == told["rated"] + told["not_rated"] == ROWS - 1
    (kept,) = log.records(SERVICE, kind="run")
    assert kept.record_id == told["record_id"]
    content = kept.content()["content"]
    assert content["complete"] is True
    assert content["rows"] == {"rows": ROWS, "rated": ROWS - 2, "not_rated": 1, "refused": 1}
    assert content["result"]["sha256"] == sha256(out.read_bytes()).hexdigest()
    assert content["input"]["sha256"] == sha256(source.read_bytes()).hexdigest()
    assert {record.content()["about"][0] for record in records} == {kept.record_id}
    assert IDENTITY_NUMBER not in "".join(record.leaf.decode() for record in records)
    pairs = [pair for pair in log.piece(0, log.head().size) if pair[0].kind == "score"]
    assert all(one.same for one in Replay(home).replayed(pairs))


def test_without_records_a_file_is_scored_and_says_so(
    home: Path, source: Path, tmp_path: Path, log: RecordLog
) -> None:
    out = tmp_path / "out.csv"
    words = ["score", str(source), "--out", str(out), "--records", address(tmp_path)]
    done = run(home, *words, "--no-record")
    assert done.exit_code == 0, done.output
    assert "Not recorded" in done.output
    assert log.head().size == 0


def test_control_when_nothing_can_be_recorded_no_file_appears(
    home: Path, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_exception(RecordsUnavailable("a full disk"))
        return future

    monkeypatch.setattr(RecordLog, "append_all", failing)
    out, ranking = tmp_path / "out.csv", tmp_path / "ranking.csv"
    words = ["score", str(source), "--out", str(out), "--records", address(tmp_path)]
    done = run(home, *words, "--ranking", str(ranking))
    assert done.exit_code == 1
    assert "no answer is given without its record" in done.output.replace("\n", " ")
    assert not out.exists()
    assert not ranking.exists()


def test_an_explained_project_is_recorded(home: Path, tmp_path: Path, log: RecordLog) -> None:
    file = tmp_path / "project.json"
    file.write_text(json.dumps(tiny_project()), encoding="utf-8")
    done = run(home, "explain", str(file), "--json", "--records", address(tmp_path))
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    (kept,) = log.records(SERVICE)
    assert kept.record_id == told["record_id"]
    assert kept.content()["actor"].startswith("os:")
    done = run(home, "explain", str(file), "--json", "--no-record", "--records", address(tmp_path))
    assert json.loads(done.stdout)["record_id"] is None
    assert log.head().size == 1


def test_the_password_of_an_address_is_not_told(home: Path, source: Path, tmp_path: Path) -> None:
    planted = "s3cret-word"
    url = f"postgresql://lingji:{planted}@127.0.0.1:9/records"
    words = ["score", str(source), "--out", str(tmp_path / "out.csv"), "--records", url]
    for given in (words, ["audit", "replay", "--all", "--records", url]):
        done = CliRunner().invoke(PROGRAM, [*given, "--home", str(home)])
        assert done.exit_code == 1
        assert planted not in done.output
