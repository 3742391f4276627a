"""Scoring a file: rows in = rows out, in order, whatever the kind; memory stays level."""

from __future__ import annotations

import csv
import json
import tracemalloc
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pyarrow.parquet as pq
import pytest

from features.errors import FileError
from serving.appraisal import appraise
from serving.files import scored_file
from serving.files.scored_file import ScoredFile, score_file
from tests.small_model import small, small_document

RELEASE = small().release


def _documents(count: int) -> list[dict[str, Any]]:
    chance = np.random.default_rng(5)
    return [small_document(chance, number, 2025) for number in range(count)]


def _jsonl(path: Path, documents: list[dict[str, Any]]) -> Path:
    path.write_text("\n".join(map(json.dumps, documents)), encoding="utf-8")
    return path


def _with_bad_ones(count: int = 60) -> list[dict[str, Any]]:
    documents = _documents(count)
    documents[7]["level"] = "town"
    documents[20]["year"] = "soon"
    documents[33].pop("type")  # key evidence: good, and not rated
    documents[41]["colour"] = "red"
    return documents


def _table(path: Path) -> list[dict[str, Any]]:
    """Any result file as rows."""
    if path.suffix == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))
    if path.suffix == ".jsonl":
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    if path.suffix == ".parquet":
        rows: list[dict[str, Any]] = pq.read_table(path).to_pylist()
        return rows
    with closing(openpyxl.load_workbook(path, read_only=True)) as workbook:
        header, *body = workbook.active.values
    return [dict(zip(header, row, strict=True)) for row in body]


@pytest.mark.parametrize("kind", ["csv", "xlsx", "parquet", "jsonl"])
def test_rows_in_are_rows_out(kind: str, tmp_path: Path) -> None:
    source = _jsonl(tmp_path / "in.jsonl", _with_bad_ones())
    done = score_file(source, tmp_path / f"out.{kind}", RELEASE)
    assert (done.rows, done.rated, done.not_rated, done.refused) == (60, 56, 1, 3)
    assert sum(done.grades.values()) == 56
    rows = _table(tmp_path / f"out.{kind}")
    assert [int(row["row"]) for row in rows] == list(range(1, 61))
    bad = {int(r["row"]) - 1: str(r["errors"]) for r in rows if r["status"] == "error"}
    assert set(bad) == {7, 20, 41}
    assert "level: expected one of zoo, city, alp" in bad[7]
    assert "colour: expected a field of the catalogue" in bad[41]
    assert rows[33]["status"] == "not_rated"
    assert rows[33]["missing"] == "type"


def test_a_row_is_what_the_project_alone_would_get(tmp_path: Path) -> None:
    documents = _documents(30)
    out = tmp_path / "out.jsonl"
    score_file(_jsonl(tmp_path / "in.jsonl", documents), out, RELEASE, full=True)
    for document, row in zip(documents, _table(out), strict=True):
        assert json.loads(row["explained_score"]) == appraise(document, RELEASE)


def test_a_file_of_bad_rows_only_is_answered_row_by_row(tmp_path: Path) -> None:
    source = _jsonl(tmp_path / "in.jsonl", [{"code": "P1"}, {"year": 2024}])
    done = score_file(source, tmp_path / "out.csv", RELEASE)
    assert (done.rows, done.refused) == (2, 2)
    assert [row["status"] for row in _table(tmp_path / "out.csv")] == ["error", "error"]


def test_columns_that_were_not_read_are_told(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("code,year,type,colour\nP1,2025,road,red\n", encoding="utf-8")
    done = score_file(tmp_path / "in.csv", tmp_path / "out.csv", RELEASE)
    assert done.unread == ("colour",)
    assert done.as_json()["unread"] == ("colour",)


def test_the_ranking_is_strict_and_independent_of_the_order_of_rows(tmp_path: Path) -> None:
    documents = _documents(80)
    rankings = []
    for name, order in (("a", documents), ("b", documents[::-1])):
        ranking = tmp_path / f"{name}.csv"
        source = _jsonl(tmp_path / f"{name}.jsonl", order)
        done = score_file(source, tmp_path / f"{name}.out.csv", RELEASE, ranking=ranking)
        rankings.append(_table(ranking))
    assert [row["project_id"] for row in rankings[0]] == [row["project_id"] for row in rankings[1]]
    assert [int(row["rank"]) for row in rankings[0]] == list(range(1, done.rated + 1))
    scores = [float(row["rank_score"]) for row in rankings[0]]
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) < len(scores)  # control: there were ties to break


def test_a_project_declared_twice_keeps_each_its_own_grade(tmp_path: Path) -> None:
    strong = {"code": "P1", "year": 2025, "type": "road", "level": "alp", "mandatory": True}
    weak = {**strong, "year": 2024, "level": "zoo", "mandatory": False}
    ranking = tmp_path / "ranking.jsonl"
    source = _jsonl(tmp_path / "in.jsonl", [weak, strong])
    score_file(source, tmp_path / "out.jsonl", RELEASE, ranking=ranking)
    scored = {row["row"]: row["grade"] for row in _table(tmp_path / "out.jsonl")}
    ranked = _table(ranking)
    assert [(row["rank"], row["row"], row["year"]) for row in ranked] == [
        (1, 2, 2025),
        (1, 1, 2024),
    ]
    assert [row["grade"] for row in ranked] == [scored[2], scored[1]]
    assert scored[1] != scored[2]


def test_progress_counts_every_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scored_file, "BATCH", 25)
    moved: list[int] = []
    source = _jsonl(tmp_path / "in.jsonl", _with_bad_ones())
    score_file(source, tmp_path / "out.csv", RELEASE, progress=moved.append)
    assert moved == [25, 25, 10]


@pytest.mark.parametrize("out", ["out.txt", "nowhere/out.csv"])
def test_a_target_that_cannot_be_written_is_refused_first(out: str, tmp_path: Path) -> None:
    source = _jsonl(tmp_path / "in.jsonl", _documents(1))
    with pytest.raises(FileError, match="expected a f"):
        score_file(source, tmp_path / out, RELEASE)


def test_a_ranking_that_cannot_be_written_is_refused_before_anything_is_scored(
    tmp_path: Path,
) -> None:
    source = _jsonl(tmp_path / "in.jsonl", _documents(3))
    with pytest.raises(FileError, match="expected a file ending in"):
        score_file(source, tmp_path / "out.csv", RELEASE, ranking=tmp_path / "ranking.doc")
    assert not (tmp_path / "out.csv").exists()


@pytest.mark.parametrize(("out", "ranking"), [("in.jsonl", None), ("a.csv", "a.csv")])
def test_no_file_is_written_over_another(out: str, ranking: str | None, tmp_path: Path) -> None:
    source = _jsonl(tmp_path / "in.jsonl", _documents(3))
    before = source.read_bytes()
    with pytest.raises(FileError, match="got the same file twice"):
        score_file(source, tmp_path / out, RELEASE, ranking=tmp_path / ranking if ranking else None)
    assert [entry.name for entry in tmp_path.iterdir()] == ["in.jsonl"]
    assert source.read_bytes() == before


def test_a_source_that_breaks_off_leaves_no_result(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="nowhere"):
        score_file(tmp_path / "nowhere.csv", tmp_path / "out.csv", RELEASE)
    assert list(tmp_path.iterdir()) == []


def _peak(folder: Path, count: int) -> int:
    """The greatest memory that scoring so many rows holds at once, in bytes."""
    source = folder / f"{count}.csv"
    header = "code,year,type,level,area\n"
    rows = "".join(f"P{n},2025,road,city,{n % 97 + 1}\n" for n in range(count))
    source.write_text(header + rows, encoding="utf-8")
    tracemalloc.start()
    done: ScoredFile = score_file(source, folder / f"{count}.out.csv", RELEASE)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert done.rated == count
    return peak


def test_memory_does_not_grow_with_the_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scored_file, "BATCH", 50)
    _peak(tmp_path, 51)  # what is loaded once
    few, many = _peak(tmp_path, 200), _peak(tmp_path, 800)
    assert many < 1.15 * few
    monkeypatch.setattr(scored_file, "BATCH", 800)
    assert _peak(tmp_path, 799) > 2 * few  # control: all at once does grow
