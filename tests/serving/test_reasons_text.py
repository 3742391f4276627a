"""Reasons put together from pieces: the same text in C and in Python, and by hand."""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from models.explanation import explain_heads
from models.reason_order import Joint
from serving.wording import reasons_text as module
from serving.wording.head_writer import HeadWriter
from serving.wording.kept_pieces import KeptPieces
from serving.wording.reasons_text import Effect, Fact, reasons_text, reasons_text_in_python
from tests.small_model import province

compiled_here = pytest.mark.skipif(
    reasons_text is reasons_text_in_python, reason="no C compiler here"
)
BOTH = pytest.mark.parametrize("text_of", [reasons_text, reasons_text_in_python])

A, B = "a", "b"  # whatever has a hash is a term to it


def _fact(of: tuple[Any, ...]) -> Fact:
    told = "/".join(map(str, of)).encode()
    return Fact(b",{" + told + b" ", b" zh ", b" en ", b" end}")


def _effect(part: int) -> Effect:
    return Effect(b"%d" % part, b"z%d" % part, b"e%d" % part)


def _odds(steps: int) -> bytes:
    return b" odds %d" % steps


def _told(text_of: Any, order: list[Any], **other: Any) -> bytes:
    facts, effects = KeptPieces(_fact, 9), KeptPieces(_effect, 9)
    odds, values = KeptPieces(_odds, 9), other.get("values", (1.0, None, "x"))
    found = (order, (A, B), (2, 0), values, [7, -8], other.get("log_odds"))
    joints = other.get("joints", [_fact(("joint",))])
    text: bytes = text_of(*found, facts, joints, effects, odds)
    return text


@BOTH
def test_by_hand(text_of: Any) -> None:
    assert _told(text_of, []) == b"[]"
    told = _told(text_of, [1, Joint([0], -1, 3), 0])
    assert told == (
        b"[{b/1.0 -8 zh z-8 en e-8 end},{joint -1 zh z-1 en e-1 end},{a/x 7 zh z7 en e7 end}]"
    )
    told = _told(text_of, [Joint([0], -1, 3), 0], log_odds=[5, 6])
    assert told == (b"[{joint -1 zh z-1 en e-1 odds 3 end},{a/x 7 zh z7 en e7 odds 5 end}]")


@BOTH
def test_zeros_of_both_signs_are_told_apart(text_of: Any) -> None:
    told = [_told(text_of, [1], values=(zero, None, "x")) for zero in (0.0, -0.0)]
    assert told == [b"[{b/0.0 -8 zh z-8 en e-8 end}]", b"[{b/-0.0/True -8 zh z-8 en e-8 end}]"]
    assert {0.0: 1}[-0.0]  # control: a dictionary does not


@compiled_here
def test_a_provinces_reasons_are_the_same() -> None:
    trained, told = province(), []
    prediction = trained.model.predict(trained.newest[:40])
    heads = [explain_heads(trained.model, prediction, row) for row in range(40)]
    for text_of in (reasons_text, reasons_text_in_python):
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr("serving.wording.head_writer.reasons_text", text_of)
            writer = HeadWriter(trained.model.catalogue)
            told.append([writer.reasons(h).text for row in heads for h in row.values()])
    assert told[0] == told[1]
    assert len(set(told[0])) > 40  # control
    assert max(map(len, told[0])) > 5_000


@compiled_here
def test_what_does_not_fit_is_refused_and_nothing_is_kept() -> None:
    fact = _fact(("joint",))
    count = sys.getrefcount(fact)
    with pytest.raises(IndexError):
        _told(reasons_text, [Joint([0], 1, 0), Joint([1], 1, 0)], joints=[fact])
    with pytest.raises(IndexError):
        _told(reasons_text, [Joint([0], 1, 0), 2], joints=[fact])
    with pytest.raises(IndexError):
        _told(reasons_text, [0], values=(1.0,))
    with pytest.raises(TypeError):
        _told(reasons_text, ["0"])
    with pytest.raises(TypeError):
        _told(reasons_text, [Joint([0], 1, 0)], joints=[("text",) * 4])
    facts: Any = KeptPieces(lambda of: 1 / 0, 9)
    with pytest.raises(ZeroDivisionError):
        reasons_text([0], (A,), (0,), (math.pi,), [1], None, facts, [], {1: _effect(1)}, {})  # type: ignore[arg-type]
    assert sys.getrefcount(fact) == count


_WITHOUT = """
import sys
sys.modules["serving.wording._reasons_text"] = None  # as where there was no C compiler
from serving.wording.reasons_text import reasons_text, reasons_text_in_python
print(reasons_text is reasons_text_in_python)
"""


def test_without_a_compiler_python_does_it() -> None:
    root = Path(module.__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", _WITHOUT], cwd=root, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["True"]
