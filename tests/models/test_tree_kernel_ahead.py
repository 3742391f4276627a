"""Walks that are begun and asked for later: the same bits, whoever walks them and whenever."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import lightgbm
import numpy as np
import pytest

from features.operations import Numbers
from models import tree_explainer
from models.numpy_kernel import NumpyKernel
from models.tree_explainer import Kernel, TreeExplainer, TreeExplanation, kernel_of
from models.tree_program import TreeProgram, compiled
from models.tree_text import read_trees
from models.walks import Walks

if tree_explainer.COMPILED:
    from models.compiled_kernel import CompiledKernel

pytestmark = pytest.mark.skipif(not tree_explainer.COMPILED, reason="no C compiler here")


@cache
def _explainers() -> list[TreeExplainer]:
    """Of forests of several sizes, so that some are walked while others wait."""
    chance = np.random.default_rng(7)
    matrix = chance.normal(size=(500, 6))
    target = np.sin(matrix).sum(axis=1) + matrix[:, 0] * matrix[:, 1]
    found = []
    for leaves, trees in ((4, 3), (15, 60), (8, 20), (31, 10)):
        told = {"num_leaves": leaves, "verbosity": -1, "num_threads": 1}
        booster = lightgbm.train(told, lightgbm.Dataset(matrix, label=target), trees)
        found.append(TreeExplainer(compiled(read_trees(booster.model_to_string()))))
    return found


ROWS = np.random.default_rng(8).normal(size=(100, 6))


def _bits(found: TreeExplanation) -> bytes:
    return found.values.tobytes() + found.contributions.tobytes()


def _begun(rows: Numbers) -> list[Callable[[], TreeExplanation]]:
    return [_explanation(each, _walks(each).begun(rows, explain=True)) for each in _explainers()]


def _walks(explainer: TreeExplainer) -> Walks:
    return Walks([(explainer, 0)], explainer.program.features)


def _explanation(
    explainer: TreeExplainer, walked: Callable[[], tuple[Numbers, Numbers]]
) -> Callable[[], TreeExplanation]:
    def explained() -> TreeExplanation:
        values, contributions = walked()
        return TreeExplanation(values[0], contributions, explainer.program.base)

    return explained


@pytest.mark.parametrize("rows", [1, 2, 7, 8, 64, 65])
def test_what_is_begun_gives_what_is_asked_for_at_once(rows: int) -> None:
    some = ROWS[:rows]
    usual = [_bits(each.explain(some)) for each in _explainers()]
    for order in ([0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1]):
        begun = _begun(some)
        assert [_bits(begun[place]()) for place in order] == [usual[place] for place in order]
    assert usual != [_bits(each.explain(ROWS[1 : rows + 1])) for each in _explainers()]  # control


@pytest.mark.parametrize("kernel", [kernel_of, NumpyKernel])
@pytest.mark.parametrize("rows", [0, 1, 2, 7, 8, 64, 65])
def test_several_walk_together(rows: int, kernel: Callable[[TreeProgram], Kernel]) -> None:
    some = ROWS[:rows]
    programs = [TreeExplainer(each.program, kernel) for each in _explainers()]
    places = [1, -1, 7, -1]
    walks = Walks(list(zip(programs, places, strict=True)), 14)
    values, contributions = walks.begun(some, explain=True)()
    expected = np.zeros((rows, 14))
    for each, place, value in zip(programs, places, values, strict=True):
        assert value.tobytes() == each.predict(some).tobytes()
        if place >= 0:
            expected[:, place : place + 6] = each.explain(some).contributions
    assert contributions.tobytes() == expected.tobytes()
    values, contributions = walks.begun(some, explain=False)()
    assert [row.tobytes() for row in values] == [each.predict(some).tobytes() for each in programs]
    assert contributions.shape == (rows, 0)


def test_it_is_asked_for_as_often_as_one_likes_and_by_several() -> None:
    (walk, *_) = _begun(ROWS[:1])
    with ThreadPoolExecutor(4) as threads:
        found = {_bits(each) for each in threads.map(lambda _: walk(), range(20))}
    assert found == {_bits(_explainers()[0].explain(ROWS[:1]))}


def test_many_threads_begin_and_finish_in_any_order() -> None:
    usual = [[_bits(e.explain(ROWS[r : r + 1])) for e in _explainers()] for r in range(40)]

    def one(number: int) -> bool:
        chance, row = np.random.default_rng(number), number % 40
        begun = _begun(ROWS[row : row + 1])
        some = chance.permutation(4)[: chance.integers(5)]  # the others are forgotten
        return all(_bits(begun[place]()) == usual[row][place] for place in some)

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(one, range(400)))


def test_what_nobody_asks_for_is_forgotten() -> None:
    before = _bits(_explainers()[0].explain(ROWS[:1]))
    for _ in range(50):
        _begun(ROWS[:1])
    gc.collect()
    assert _bits(_begun(ROWS[:1])[0]()) == before


def test_a_child_process_finishes_what_its_parent_began() -> None:
    begun = _begun(ROWS[:1])
    child = os.fork()
    if not child:
        usual = [_bits(each.explain(ROWS[:1])) for each in _explainers()]
        again = [_bits(walk()) for walk in _begun(ROWS[:1])]
        os._exit(0 if [_bits(walk()) for walk in begun] == usual == again else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert _bits(begun[0]()) == _bits(_explainers()[0].explain(ROWS[:1]))


def test_what_cannot_be_walked_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="expected a matrix of 6 columns or more"):
        _walks(_explainers()[0]).begun(np.ones((1, 1)), explain=True)
    from models._tree_kernel import begin, finish, program

    with pytest.raises(TypeError, match="19 arguments"):
        program(b"")
    with pytest.raises(TypeError, match="7 arguments"):
        begin("row")
    row, value, parts = np.ones((1, 6)), np.empty(1), np.empty((1, 6))
    with pytest.raises(ValueError, match="PyCapsule"):
        begin((("row", "no program", 0),), row, 1, 6, value, parts, 6)
    with pytest.raises(TypeError, match="3 arguments"):
        begin((("row",),), row, 1, 6, value, parts, 6)
    kernel = _explainers()[0].kernel
    assert isinstance(kernel, CompiledKernel)
    known = kernel.named(1)
    with pytest.raises(ValueError, match="no layout abacus"):
        begin((("abacus", known[1], 0),), row, 1, 6, value, parts, 6)
    for programs, width, values, stride in [
        (((*known, 0),), 5, value, 6),
        (((*known, 0),), 6, np.empty(2), 6),
        (((*known, 0),), 6, value, 5),
        (((*known, 1),), 6, value, 6),  # its contributions would end outside the row
    ]:
        with pytest.raises(ValueError, match="buffers of other sizes"):
            begin(programs, row, 1, width, values, parts, stride)
    with pytest.raises(ValueError, match="PyCapsule"):
        finish("no walk")
