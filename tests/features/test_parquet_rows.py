"""Parquet in pieces: every row once, in order, wherever the file's own groups end."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.project_files import cut_projects
from features.project_files.batch import BadRow, GoodRow


def _file(path: Path, rows: int, group: int) -> Path:
    numbers = range(rows)
    parts = [[{"task": f"{n:05}" * 20, "price": float(n)}] * (n % 3) for n in numbers]
    pq.write_table(pa.table({"n": numbers, "lines": parts}), path, row_group_size=group)
    return path


@settings(deadline=None)
@given(rows=st.integers(1, 60), group=st.integers(1, 60), size=st.integers(1, 20))
def test_pieces_hold_every_row_once_whatever_the_groups(
    tmp_path_factory: pytest.TempPathFactory, rows: int, group: int, size: int
) -> None:
    path = _file(tmp_path_factory.getbasetemp() / "groups.parquet", rows, group)
    pieces = list(cut_projects(path, size)[1])
    assert all(1 <= len(list(piece.rows())) <= size for piece in pieces)
    read: list[Any] = [row for piece in pieces for row in piece.rows()]
    assert [(row.number, row.document["n"]) for row in read] == [(n + 1, n) for n in range(rows)]
    assert [piece.first for piece in pieces[1:]] == [piece.last + 1 for piece in pieces[:-1]]


def test_a_piece_that_was_sent_is_the_same_and_takes_only_its_own_rows_along(
    tmp_path: Path,
) -> None:
    pieces = list(cut_projects(_file(tmp_path / "a.parquet", 1_000, 1_000), 10)[1])
    for piece in (pieces[0], pieces[-1]):
        sent = pickle.dumps(piece)
        assert list(pickle.loads(sent).rows()) == list(piece.rows())  # noqa: S301 - our own
        assert len(sent) < 10_000
    assert len(pickle.dumps(list(pieces))) > 100_000  # control: all together are large


def test_an_infinity_costs_its_row_and_not_its_piece(tmp_path: Path) -> None:
    values = [1.0, float("inf"), float("nan")]
    pq.write_table(pa.table({"x": values, "y": ["a", "b", None]}), tmp_path / "a.parquet")
    (piece,) = cut_projects(tmp_path / "a.parquet", 10)[1]
    first, second, third = piece.rows()
    assert first == GoodRow(1, {"x": 1.0, "y": "a"})
    assert isinstance(second, BadRow)
    assert second.faults[0].message() == (
        "row 2, x: expected a number, a text, a date or a list; got Infinity"
    )
    assert third == GoodRow(3, {"x": None, "y": None})


def _all_at_once(path: Path) -> Iterator[Any]:
    with pq.ParquetFile(path, buffer_size=2**18) as file:
        yield from file.iter_batches(10, use_threads=False)


def _most_held(read: Callable[[Path], Iterator[Any]], path: Path) -> int:
    """The greatest number of bytes that Arrow holds while a file is read."""
    before = pa.total_allocated_bytes()
    return max(pa.total_allocated_bytes() - before for _ in read(path))


def test_arrow_holds_no_more_when_a_file_has_more_groups(tmp_path: Path) -> None:
    few = _file(tmp_path / "few.parquet", 2_000, 200)
    many = _file(tmp_path / "many.parquet", 12_000, 200)

    def in_pieces(path: Path) -> Iterator[Any]:
        return cut_projects(path, 10)[1]

    assert _most_held(in_pieces, many) < 1.2 * _most_held(in_pieces, few)
    assert _most_held(_all_at_once, many) > 2 * _most_held(_all_at_once, few)  # control
