"""Kept beside an object: worked out once for each, and gone with it."""

from __future__ import annotations

import gc
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Barrier

from features.kept_beside import KeptBeside


@dataclass
class Shelf:
    """Equal to any other shelf of the same books, and without a hash."""

    books: list[str] = field(default_factory=list)


def test_each_owner_has_its_own_worked_out_once() -> None:
    asked: list[Shelf] = []

    def counted(shelf: Shelf) -> list[int]:
        asked.append(shelf)
        return [len(shelf.books)]

    kept = KeptBeside(counted)
    one, equal = Shelf(["a"]), Shelf(["a"])
    assert kept(one) == [1]
    assert kept(one) is kept(one)
    assert kept(equal) is not kept(one)  # equal is not the same
    assert len(asked) == 2


def test_what_is_kept_goes_with_its_owner() -> None:
    kept = KeptBeside(lambda shelf: tuple(shelf.books))
    shelf, other = Shelf(["a"]), Shelf(["b"])
    assert (kept(shelf), kept(other)) == (("a",), ("b",))
    del shelf
    gc.collect()
    assert list(kept._kept.values()) == [("b",)]


def test_control_what_refers_to_its_owner_keeps_it() -> None:
    kept = KeptBeside(lambda shelf: (shelf,))
    shelf = Shelf(["a"])
    assert kept(shelf)[0] is shelf
    del shelf
    gc.collect()
    assert len(kept._kept) == 1


def test_threads_that_come_together_get_the_same() -> None:
    together = Barrier(4)

    def slow(shelf: Shelf) -> list[str]:
        together.wait(timeout=10)
        return list(shelf.books)

    kept, shelf = KeptBeside(slow), Shelf(["a"])
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda _: kept(shelf), range(4)))
    assert all(each is found[0] for each in found)
