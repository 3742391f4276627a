"""Group commit: what waits is committed together, and nobody waits for ever."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import pytest

from serving.records.errors import RecordsUnavailable
from serving.records.group_commit import GroupCommit, Wanted


def test_what_gathers_during_a_commit_is_committed_together() -> None:
    groups: list[list[int]] = []
    begun, go_on = threading.Event(), threading.Event()

    def commit(group: Sequence[int], wanted: Wanted) -> list[int]:
        groups.append(list(group))
        begun.set()
        go_on.wait()
        return [number * 10 for number in group]

    commits = GroupCommit(commit, patience=30, most=4)
    first = commits.ask(0)
    begun.wait()
    others = [commits.ask(number) for number in range(1, 7)]
    go_on.set()
    assert [future.result() for future in [first, *others]] == [0, 10, 20, 30, 40, 50, 60]
    assert groups == [[0], [1, 2, 3, 4], [5, 6]]
    commits.close()


def test_each_gets_his_own_error_and_an_unexpected_one_kills_nothing() -> None:
    def commit(group: Sequence[int], wanted: Wanted) -> list[int | Exception]:
        if 13 in group:
            raise ZeroDivisionError("unexpected")
        return [ValueError(f"no {number}") if number < 0 else number for number in group]

    commits = GroupCommit(commit, patience=30, most=1)
    with pytest.raises(ValueError, match="no -1"):
        commits.ask(-1).result()
    with pytest.raises(ZeroDivisionError, match="unexpected"):
        commits.ask(13).result()
    assert commits.ask(5).result() == 5
    commits.close()


def test_a_commit_that_hangs_is_given_up_and_nothing_of_it_is_made_later() -> None:
    made: list[int] = []
    begun, go_on = threading.Event(), threading.Event()

    def commit(group: Sequence[int], wanted: Wanted) -> list[int]:
        begun.set()
        go_on.wait()
        made.extend(number for n, number in enumerate(group) if wanted(n))
        return list(group)

    commits = GroupCommit(commit, patience=0.2, most=1)
    hanging = commits.ask(1)
    begun.wait()
    behind = commits.ask(2)
    for future in (hanging, behind):
        with pytest.raises(RecordsUnavailable, match=r"no answer within 0\.2 s"):
            future.result(timeout=30)
    go_on.set()
    assert commits.ask(3).result() == 3
    assert made == [3]
    commits.close()


def test_a_caller_who_has_gone_is_left_out() -> None:
    begun, go_on = threading.Event(), threading.Event()
    made: list[int] = []

    def commit(group: Sequence[int], wanted: Wanted) -> list[int]:
        begun.set()
        go_on.wait()
        made.extend(group)
        return list(group)

    commits = GroupCommit(commit, patience=30, most=1)
    first = commits.ask(1)
    begun.wait()
    assert commits.ask(2).cancel()
    go_on.set()
    assert first.result() == 1
    commits.close()
    assert made == [1]
    with pytest.raises(RecordsUnavailable, match="closed"):
        commits.ask(4)
