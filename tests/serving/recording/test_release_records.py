"""A release is recorded where there is a log; and not made where it cannot be."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from models.registry import Registry
from serving.command_line.program import PROGRAM
from serving.records.database import SERVICE
from serving.records.record_log import RecordLog
from tests.serving.conftest import CATALOGUE


@pytest.fixture
def two_versions(home: Path, tmp_path: Path) -> Path:
    """A working folder with two versions, the first in service."""
    shutil.copytree(home / "models", tmp_path / "models")
    registry = Registry(tmp_path, "tiny")
    shutil.copytree(registry.folder / "1", tmp_path / "bundle")
    registry.register(tmp_path / "bundle", "2026-01-01T00:00:00Z")
    return tmp_path


def run(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(
        PROGRAM, [*words, "--home", str(folder), "--catalogue", str(CATALOGUE)]
    )


def test_releases_are_recorded(two_versions: Path) -> None:
    with RecordLog.open(f"sqlite:///{two_versions / 'records.db'}") as log:
        assert run(two_versions, "promote", "2", "--without-review").exit_code == 0
        assert run(two_versions, "rollback").exit_code == 0
        found = [stored.content() for stored in log.records(SERVICE, kind="release")]
    steps = [
        (each["content"]["before"]["version"], each["content"]["after"]["version"])
        for each in found
    ]
    assert steps == [(1, 2), (2, 1)]
    assert [each["content"]["asked"]["way"] for each in found] == [
        "lingji promote",
        "lingji rollback",
    ]


def test_without_a_log_a_release_makes_none(two_versions: Path) -> None:
    assert run(two_versions, "promote", "2", "--without-review").exit_code == 0
    assert not (two_versions / "records.db").exists()


def test_control_a_release_that_cannot_be_recorded_is_not_made(two_versions: Path) -> None:
    done = run(
        two_versions,
        "promote",
        "2",
        "--without-review",
        "--records",
        "postgresql://a@127.0.0.1:9/none",
    )
    assert done.exit_code == 1
    champion = Registry(two_versions, "tiny").champion()
    assert champion is not None
    assert champion.number == 1
