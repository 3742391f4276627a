"""What a head is to learn, by hand from outcome columns."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from features.errors import TrainingError
from features.head_declaration import HeadDeclaration
from tests.rulers import label
from training.targets import target

NO = float("nan")


def _head(kind: str, **outcome: Any) -> HeadDeclaration:
    return HeadDeclaration.model_validate(
        {"name": "h", "label": label("h"), "kind": kind, "outcome": outcome}
    )


def _target(head: HeadDeclaration, **columns: list[float]) -> list[float]:
    return target(head, {n: np.array(c, dtype=np.float64) for n, c in columns.items()}).tolist()


@pytest.mark.parametrize(
    ("head", "columns", "expected"),
    [
        (_head("score", column="a"), {"a": [50, NO]}, [50, NO]),
        (_head("score", column="a", scale=10, clip=(0, 100)), {"a": [5, 11, -1]}, [50, 100, 0]),
        (_head("amount", column="a", scale=10_000), {"a": [3, 0, -1, NO]}, [30_000, 0, NO, NO]),
        (_head("probability", column="a"), {"a": [1, 0, NO]}, [1, 0, NO]),
        (_head("probability", column="a", below=80), {"a": [79.9, 80, NO]}, [1, 0, NO]),
        (_head("probability", column="a", at_least=80), {"a": [79.9, 80, NO]}, [0, 1, NO]),
        (
            _head("probability", ratio=("a", "b"), below=0.8),
            {"a": [79, 80, 5, 5, NO], "b": [100, 100, 0, NO, 100]},
            [1, 0, NO, NO, NO],
        ),
        (_head("score", ratio=("a", "b"), scale=100), {"a": [1, 2], "b": [4, -1]}, [25, NO]),
    ],
)
def test_by_hand(
    head: HeadDeclaration, columns: dict[str, list[float]], expected: list[float]
) -> None:
    assert _target(head, **columns) == pytest.approx(expected, nan_ok=True)


def test_an_absent_column_is_named_with_those_there_are() -> None:
    head = _head("probability", ratio=("spent", "given"), below=0.8)
    told = "head h: expected the outcome column given; got score, spent"
    with pytest.raises(TrainingError, match=told):
        _target(head, spent=[1], score=[2])
    with pytest.raises(TrainingError, match="got none"):
        target(head, {})


def test_an_event_that_is_neither_0_nor_1_is_refused() -> None:
    with pytest.raises(TrainingError, match=r"head h: expected 0 or 1 .* got 2"):
        _target(_head("probability", column="a"), a=[0, 1, 2])
