"""What a process that scores answers when it cannot: which model, which error, and no secret."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from features.project_files.batch import GoodRow, Origin
from features.project_files.piece import ReadRows
from models.bundle import save_bundle
from models.registry import Registry, Version
from serving.files.scored_piece import ScoredPiece, ScoringTask
from serving.files.scoring_process import _Failure, _Scorer
from tests.small_model import small

TASK = ScoringTask(Origin("jsonl"), ".csv", ranked=False, full=False)


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Registry:
    """A registry with the small model in service."""
    folder = tmp_path_factory.mktemp("process")
    registry = Registry(folder, "small")
    save_bundle(small().model, folder / "bundle")
    registry.promote(registry.register(folder / "bundle", "2025-01-01").number)
    return registry


def _answer(registry: Registry, piece: Any, version: Version | None = None) -> Any:
    return _Scorer(registry, version or registry.release().version, TASK).answer(piece)


def test_a_piece_is_answered_with_what_became_of_its_rows(registry: Registry) -> None:
    answer = _answer(registry, ReadRows((GoodRow(1, {}), GoodRow(2, {}))))
    assert isinstance(answer, ScoredPiece)
    assert (answer.rows, answer.statuses) == (2, {"error": 2})


def test_another_version_under_the_same_number_is_refused(registry: Registry) -> None:
    another = small().release.version  # version 1 as well, of another digest
    failure = _answer(registry, ReadRows((GoodRow(1, {}),)), another)
    assert isinstance(failure, _Failure)
    assert "of digest sha256:test; got sha256:" in failure.happened


PERSONAL = "11010519491231002X"


class _Secretive:
    """A piece that fails with what stood in it."""

    first = last = 1

    def rows(self) -> Iterator[Any]:
        raise ValueError(PERSONAL)


def test_an_error_of_the_program_is_told_without_what_a_project_says(registry: Registry) -> None:
    failure = _answer(registry, _Secretive())
    assert isinstance(failure, _Failure)
    assert "ValueError at test_scoring_process.py, line" in failure.happened
    assert "in rows" in failure.trace
    assert PERSONAL not in repr(failure)
