"""The ranking of a file: the order of a naive sort, whatever the order of coming."""

from __future__ import annotations

import csv
import random
import tracemalloc
from collections.abc import Iterator
from decimal import Decimal
from itertools import groupby, islice
from pathlib import Path
from typing import Any

import pytest

from features.errors import FileError
from models.priority import Ranked, rank_key
from serving.files import file_ranking
from serving.files.file_ranking import KEPT, FileRanking, Place

# Sorted by code points, which is neither the order of lengths nor of any language.
IDS = ["P1", "P10", "P2", "p1", "é", "项", "目", "\U00020000", "\uffee", "P1|2"]


def _places(count: int) -> list[Place]:
    """Places with many ties in every part of the key; a few differ in their row alone."""
    chance = random.Random(3)  # noqa: S311 - invented data
    scores = [61.0, 61.01, 9.5, 100.0, 0.3]
    return [
        (
            row,
            chance.choice(IDS),
            chance.choice([2024, 2025, 2026]),
            chance.choice("ABCD"),
            *(chance.choice(scores) for _ in range(3)),
        )
        for row in range(1, count + 1)
    ]


def _naively(places: list[Place]) -> list[dict[str, Any]]:
    """Sorted in memory by the model's own key."""

    def key(place: Any) -> tuple[Any, ...]:
        named = dict(zip(KEPT, place, strict=True))
        axes = (Decimal(str(named[n])) for n in ("rank_score", "necessity", "importance"))
        return -named["year"], *rank_key(Ranked(named["project_id"], *axes)), named["row"]

    rounds = groupby(sorted(places, key=key), key=lambda place: place[KEPT.index("year")])
    return [
        {"rank": rank, **dict(zip(KEPT, place, strict=True))}
        for _, group in rounds
        for rank, place in enumerate(group, start=1)
    ]


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _written(path: Path, places: list[Place], at_once: int = 7) -> list[dict[str, str]]:
    coming: Iterator[Place] = iter(places)
    with FileRanking(path) as ranking:
        while some := list(islice(coming, at_once)):
            ranking.add(some)
        ranking.write()
    return _read(path)


def test_the_ranking_is_that_of_a_naive_sort(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_ranking, "_WRITTEN_AT_ONCE", 13)
    places = _places(400)
    expected = [{k: str(v) for k, v in row.items()} for row in _naively(places)]
    assert _written(tmp_path / "a.csv", places) == expected
    random.Random(4).shuffle(places)  # noqa: S311 - invented data
    assert _written(tmp_path / "b.csv", places) == expected
    by_row = sorted(expected, key=lambda row: (-int(row["year"]), int(row["row"])))
    assert by_row != expected  # control: the order of coming is another one


def test_nothing_ranked_is_a_ranking_without_rows(tmp_path: Path) -> None:
    assert _written(tmp_path / "a.csv", []) == []


def _interrupted(path: Path) -> None:
    with FileRanking(path) as ranking:
        ranking.add(_places(3))
        raise RuntimeError("power cut")


def test_only_the_finished_ranking_is_left(tmp_path: Path) -> None:
    _written(tmp_path / "a.csv", _places(3))
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.csv"]
    with pytest.raises(RuntimeError, match="power cut"):
        _interrupted(tmp_path / "b.csv")
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.csv"]


def test_a_disk_without_room_is_told(tmp_path: Path) -> None:
    with FileRanking(tmp_path / "a.csv") as ranking:
        ranking._table.execute("PRAGMA max_page_count = 2")
        with pytest.raises(FileError, match=r"room on the disk .* got database or disk is full"):
            ranking.add(_places(2_000))


def _peak(path: Path, count: int) -> int:
    place = _places(1)[0]
    tracemalloc.start()
    with FileRanking(path) as ranking:
        for start in range(0, count, 100):
            ranking.add((row, *place[1:]) for row in range(start, start + 100))
        ranking.write()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def test_memory_does_not_grow_with_the_places(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _peak(tmp_path / "a.jsonl", 100)  # what is loaded once
    few, many = _peak(tmp_path / "a.jsonl", 2_000), _peak(tmp_path / "a.jsonl", 8_000)
    assert many < 1.5 * few  # four times the places; a cluster of other tests allocates beside it
    monkeypatch.setattr(file_ranking, "_WRITTEN_AT_ONCE", 8_000)
    assert _peak(tmp_path / "a.jsonl", 8_000) > 2 * few  # control: all at once does grow
