"""Pieces that are kept: written once, never more than so many, those that came first let go."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from serving.wording.kept_pieces import KeptPieces


def test_a_piece_is_written_once() -> None:
    asked: list[int] = []
    pieces = KeptPieces(lambda key: asked.append(key) or f"piece {key}", 10)
    assert [pieces[key] for key in (1, 2, 1, 1)] == ["piece 1", "piece 2", "piece 1", "piece 1"]
    assert asked == [1, 2]


def test_of_too_many_the_first_is_let_go_and_written_again() -> None:
    asked: list[int] = []
    pieces = KeptPieces(lambda key: asked.append(key) or str(key), 2)
    assert [pieces[key] for key in (1, 2, 3, 2, 1)] == ["1", "2", "3", "2", "1"]
    assert asked == [1, 2, 3, 1]
    assert len(pieces) == 2


def test_threads_get_what_is_right_and_keep_to_the_limit() -> None:
    pieces = KeptPieces(str, 7)
    with ThreadPoolExecutor(8) as threads:
        asked = [number % 23 for number in range(4_000)]
        assert list(threads.map(pieces.__getitem__, asked)) == list(map(str, asked))
    assert len(pieces) <= 7
