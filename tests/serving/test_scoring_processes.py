"""Processes that score side by side: same bytes as one alone, and nothing left behind."""

from __future__ import annotations

import csv
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from features.project_files.batch import GoodRow
from features.project_files.piece import Piece, ReadRows
from models.bundle import save_bundle
from models.registry import Registry, Release
from serving.errors import ScoringError
from serving.files import scored_file, scoring_processes
from serving.files.scored_file import ScoredFile, score_file
from serving.files.scoring_processes import ScoringProcesses, Workers, usable_cores
from tests.rulers import ruler, text_of
from tests.small_model import small, small_document

COUNT = 110
WHOLE = 16
"""Rows in a batch: the last of seven batches is not full."""


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    """A registry of its own with the small model in service."""
    (tmp_path / "home").mkdir()
    registry = Registry(tmp_path / "home", "small")
    save_bundle(small().model, tmp_path / "bundle")
    registry.promote(registry.register(tmp_path / "bundle", "2025-01-01").number)
    return registry


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scored_file, "BATCH", WHOLE)


def _documents(count: int = COUNT) -> list[dict[str, Any]]:
    """Projects with refused ones and unrated ones, at the ends of batches and within."""
    chance = np.random.default_rng(5)
    documents = [small_document(chance, number, 2024 + number % 2) for number in range(count)]
    for bad in (0, 15, 40, 47, 48, count - 1):
        documents[bad]["level"] = "town"
    for unrated in (14, 16, 63, 64):
        documents[unrated].pop("type")
    return documents


def _own_processes() -> list[BaseProcess]:
    """The processes that score; a cluster that other tests have started is left out."""
    return [p for p in multiprocessing.active_children() if "Dask" not in p.name]


def _source(path: Path, documents: list[dict[str, Any]]) -> Path:
    names = list(dict.fromkeys(name for document in documents for name in document))
    if path.suffix == ".jsonl":
        path.write_text("\n".join(map(json.dumps, documents)), encoding="utf-8")
    elif path.suffix == ".parquet":
        columns = {name: [document.get(name) for document in documents] for name in names}
        pq.write_table(pa.table(columns), path, row_group_size=37)
    else:
        with path.open("w", encoding="utf-8", newline="") as file:
            rows = csv.DictWriter(file, names)
            rows.writeheader()
            rows.writerows(documents)
    return path


def _scored(source: Path, out: Path, registry: Registry, workers: int) -> ScoredFile:
    ranking = out.with_name(f"ranking.{out.name}")
    return score_file(
        source, out, registry.release(), ranking=ranking, scorers=Workers(workers, registry)
    )


@pytest.mark.parametrize("kind", ["csv", "parquet", "jsonl"])
def test_the_bytes_do_not_depend_on_the_number_of_processes(
    kind: str, registry: Registry, tmp_path: Path
) -> None:
    source = _source(tmp_path / f"in.{kind}", _documents())
    told = [_scored(source, tmp_path / f"{n}.{kind}", registry, n) for n in (1, 2)]
    assert told[0] == told[1]
    assert (told[0].rows, told[0].refused, told[0].not_rated) == (COUNT, 6, 4)
    for name in ("{}", "ranking.{}"):
        one, two = (tmp_path / f"{name.format(n)}.{kind}" for n in (1, 2))
        assert one.read_bytes() == two.read_bytes()
    assert _own_processes() == []


def test_a_file_of_a_batch_or_two_starts_no_process(
    registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a process")

    monkeypatch.setattr(scoring_processes, "scoring_processes", refuse)
    for count in (WHOLE, 2 * WHOLE):
        source = _source(tmp_path / "in.jsonl", _documents(80)[:count])
        assert _scored(source, tmp_path / "out.csv", registry, 2).rows == count
    source = _source(tmp_path / "in.jsonl", _documents(80)[: 2 * WHOLE + 1])
    with pytest.raises(AssertionError, match="a process"):  # control
        _scored(source, tmp_path / "out.csv", registry, 2)


def test_a_release_that_is_in_no_registry_is_scored_here(tmp_path: Path) -> None:
    source = _source(tmp_path / "in.jsonl", _documents())
    assert score_file(source, tmp_path / "out.csv", small().release).rows == COUNT


def test_the_process_count_is_by_default_that_of_the_cores() -> None:
    assert 1 <= usable_cores() <= (os.cpu_count() or 1)


# When something breaks


def test_a_process_that_is_killed_ends_the_run_with_nothing_left(
    registry: Registry, tmp_path: Path
) -> None:
    source = _source(tmp_path / "in.jsonl", _documents(400))
    folder = tmp_path / "results"
    folder.mkdir()
    (folder / "out.csv").write_text("before", encoding="utf-8")

    def kill_one(rows: int) -> None:
        _own_processes()[0].kill()

    with pytest.raises(ScoringError, match=r"in.jsonl, rows \d+ to \d+: .*by SIGKILL") as broken:
        score_file(
            source,
            folder / "out.csv",
            registry.release(),
            ranking=folder / "ranking.csv",
            scorers=Workers(2, registry),
            progress=kill_one,
        )
    assert "nothing was written; free some memory, or score with fewer --workers" in str(
        broken.value
    )
    first, last = broken.value.rows
    assert (first % WHOLE, last - first) == (1, WHOLE - 1)
    assert [entry.name for entry in folder.iterdir()] == ["out.csv"]
    assert (folder / "out.csv").read_text(encoding="utf-8") == "before"
    assert _own_processes() == []


def test_a_bundle_that_changes_meanwhile_is_not_scored_with(
    registry: Registry, tmp_path: Path
) -> None:
    source = _source(tmp_path / "in.jsonl", _documents())
    release: Release = registry.release()
    trees = registry.folder / "1" / "trees" / "axis.central.txt"
    trees.write_text(trees.read_text(encoding="utf-8") + " ", encoding="utf-8")
    with pytest.raises(ScoringError, match=r"rows 1 to 16: .*axis\.central\.txt with sha256"):
        score_file(source, tmp_path / "out.csv", release, scorers=Workers(2, registry))
    assert not (tmp_path / "out.csv").exists()
    assert _own_processes() == []


# Order and bounds, with processes that are none


class _Pretended:
    """Answers a piece with the number of its row, and when it is allowed to."""

    def __init__(self, waits: threading.Event, sets: threading.Event) -> None:
        self.waits, self.sets = waits, sets

    def score(self, piece: Piece) -> Any:
        if piece.first == 1:
            assert self.waits.wait(30)
        if piece.first == 2:
            self.sets.set()
        return piece.first


def _pieces(count: int, drawn: list[int]) -> Iterator[Piece]:
    for number in range(1, count + 1):
        drawn.append(number)
        yield ReadRows((GoodRow(number, {}),))


def test_answers_come_in_order_though_the_second_is_ready_first() -> None:
    second_done = threading.Event()
    processes: list[Any] = [_Pretended(second_done, second_done) for _ in range(2)]
    with ThreadPoolExecutor(2) as threads:
        answers = ScoringProcesses(processes, threads).scored(_pieces(20, []))
        assert list(answers) == list(range(1, 21))


def test_few_pieces_are_under_way_however_long_the_file() -> None:
    ready = threading.Event()
    ready.set()
    processes: list[Any] = [_Pretended(ready, ready) for _ in range(2)]
    drawn: list[int] = []
    with ThreadPoolExecutor(2) as threads:
        for written, _ in enumerate(
            ScoringProcesses(processes, threads).scored(_pieces(50, drawn))
        ):
            assert len(drawn) - written <= 4
    assert len(drawn) == 50


# As a program

PROGRAM = """
import signal
from serving.command_line import main
if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored in the background
    main()
"""


def _children(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children")
    return list(map(int, listed.read_text().split())) if listed.exists() else []


def _wait_until(true: Any) -> None:
    for _ in range(600):
        if true():
            return
        time.sleep(0.05)
    raise AssertionError("it never happened")


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="processes are seen in /proc")
@pytest.mark.parametrize(("how", "code"), [(signal.SIGINT, 130), (signal.SIGKILL, -9)])
def test_whatever_ends_the_program_ends_its_processes(
    how: signal.Signals, code: int, registry: Registry, tmp_path: Path
) -> None:
    (tmp_path / "small.yaml").write_text(text_of(ruler()), encoding="utf-8")
    (tmp_path / "program.py").write_text(PROGRAM, encoding="utf-8")
    source = _source(tmp_path / "in.jsonl", _documents(6_000))
    words = ["score", source, "--out", tmp_path / "out.csv", "--workers", 2]
    where = ["--catalogue", tmp_path / "small.yaml", "--home", registry.root]
    started = subprocess.Popen(
        [sys.executable, str(tmp_path / "program.py"), *map(str, [*words, *where])],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        start_new_session=True,
    )
    _wait_until(lambda: len(_children(started.pid)) >= 2 or started.poll() is not None)
    children = _children(started.pid)
    assert len(children) >= 2
    if how is signal.SIGINT:
        os.killpg(started.pid, how)  # as a terminal does: to all of them
    else:
        started.kill()
    told = started.communicate()[1]
    assert started.returncode == code, told
    _wait_until(lambda: not any(map(_alive, children)))
    assert not (tmp_path / "out.csv").exists()
    if how is signal.SIGINT:
        assert "Traceback" not in told
        assert not list(tmp_path.glob(".writing-*"))
