"""Projects that wait together are appraised together, and nobody sees the difference."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from anyio.from_thread import start_blocking_portal

from features.errors import ProjectError
from models.registry import Release
from serving import appraisal_queue
from serving.appraisal import appraise, appraised_batch
from serving.appraisal_queue import MOST_TOGETHER, AppraisalQueue
from serving.wording.explained_score import Json, told
from tests.serving.conftest import IDENTITY_NUMBER, tiny_project

Said = Json | Exception


def crowd(*asked: tuple[Any, Release]) -> list[Said]:
    """What callers who come at once are told, in the order of their coming."""

    async def ask(queue: AppraisalQueue, document: Any, release: Release) -> Json:
        async with queue.appraised(document, release) as found:
            return told(release, found)

    async def all_of_them() -> list[Any]:
        queue = AppraisalQueue()
        asking = (ask(queue, *each) for each in asked)
        answers = await asyncio.gather(*asking, return_exceptions=True)
        assert queue._waiting == []
        return answers

    with start_blocking_portal() as portal:
        return portal.call(all_of_them)


@pytest.fixture
def together(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many were appraised at once, each time."""
    counted: list[int] = []

    def counting(documents: Sequence[Any], release: Release) -> Any:
        counted.append(len(documents))
        return appraised_batch(documents, release)

    monkeypatch.setattr(appraisal_queue, "appraised_batch", counting)
    return counted


@pytest.fixture
def documents() -> list[Any]:
    return [tiny_project(n, area=300.0 + 97 * n) for n in range(MOST_TOGETHER + 3)]


def test_each_gets_its_own_answer_the_same_as_alone(
    release: Release, documents: list[Any], together: list[int]
) -> None:
    answers = crowd(*((document, release) for document in documents))
    assert answers == [appraise(document, release) for document in documents]
    assert len({str(answer) for answer in answers}) == len(documents)
    assert together == [MOST_TOGETHER, 3]


def test_one_alone_is_appraised_alone(release: Release, together: list[int]) -> None:
    assert crowd((tiny_project(), release)) == [appraise(tiny_project(), release)]
    assert together == []


def test_faults_are_those_of_the_caller_alone(release: Release, together: list[int]) -> None:
    faulty = tiny_project(2, area=-1)
    first, second, third = crowd(
        *((d, release) for d in (tiny_project(1), faulty, tiny_project(3)))
    )
    assert isinstance(second, ProjectError)
    assert [fault.field for fault in second.faults] == ["area"]
    assert [first, third] == [appraise(tiny_project(n), release) for n in (1, 3)]
    assert together == [3]


def test_one_that_breaks_takes_nobody_along(
    release: Release, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def breaking(appraise_it: Callable[..., Any]) -> Callable[..., Any]:
        def appraised(asked: Any, release: Release) -> Any:
            if "P0002" in str(asked):
                raise ZeroDivisionError(str(asked))
            return appraise_it(asked, release)

        return appraised

    for name in ("appraised", "appraised_batch"):
        monkeypatch.setattr(appraisal_queue, name, breaking(getattr(appraisal_queue, name)))
    answers = crowd(*((tiny_project(n), release) for n in (1, 2, 3)))
    assert isinstance(answers[1], ZeroDivisionError)
    assert IDENTITY_NUMBER in str(answers[1]), "control: the error itself quotes what was declared"
    assert "3 projects could not be appraised together: ZeroDivisionError" in caplog.text
    assert IDENTITY_NUMBER not in caplog.text
    assert [answers[0], answers[2]] == [appraise(tiny_project(n), release) for n in (1, 3)]


def test_two_releases_are_never_mixed(release: Release, together: list[int]) -> None:
    other = replace(release, version=replace(release.version, number=99))
    asked = [(tiny_project(n), (release, other)[n % 2]) for n in range(6)]
    answers = crowd(*asked)
    assert answers == [appraise(*each) for each in asked]
    assert together == [3, 3]


def test_who_gives_up_leaves_the_queue(release: Release, together: list[int]) -> None:
    async def one_gives_up() -> None:
        queue = AppraisalQueue()

        async def ask(number: int) -> Json:
            async with queue.appraised(tiny_project(number), release) as found:
                return told(release, found)

        async with queue.turn():
            tasks = [asyncio.create_task(ask(number)) for number in range(3)]
            await asyncio.sleep(0)
            tasks[1].cancel()
            await asyncio.wait([tasks[1]])
        answers = await asyncio.gather(*tasks, return_exceptions=True)
        assert isinstance(answers[1], asyncio.CancelledError)
        assert [answers[0], answers[2]] == [appraise(tiny_project(n), release) for n in (0, 2)]

    with start_blocking_portal() as portal:
        portal.call(one_gives_up)
    assert together == [2]
