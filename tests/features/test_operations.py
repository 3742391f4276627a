"""Column operations, each worked by hand where values are unknown or zero."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from features.operations import COLUMN_OPERATIONS

NO = float("nan")


def _numbers(*values: float) -> Any:
    return np.array(values, dtype=np.float64)


def _texts(*values: str | None) -> Any:
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column


def _done(name: str, *columns: Any, **options: Any) -> list[Any]:
    return list(COLUMN_OPERATIONS[name].function(*columns, **options))


BY_HAND: list[tuple[str, tuple[Any, ...], dict[str, Any], list[Any]]] = [
    ("ratio", (_numbers(6, 6, 0, NO, 6), _numbers(3, 0, 4, 2, NO)), {}, [2, NO, 0, NO, NO]),
    ("ratio", (_numbers(1e200, 1), _numbers(1e-100, 1e-289)), {}, [NO, 1e289]),  # sums of them too
    ("growth", (_numbers(6, 2, 5, NO), _numbers(4, -4, 0, 1)), {}, [0.5, 1.5, NO, NO]),
    ("difference", (_numbers(6, NO), _numbers(4, 1)), {}, [2, NO]),
    ("sum", (_numbers(1, 1, NO), _numbers(2, NO, NO)), {}, [3, 1, NO]),
    ("product", (_numbers(2, 2, 0), _numbers(3, NO, 3)), {}, [6, NO, 0]),
    ("product", (_numbers(1e200, 1e145), _numbers(1e200, -1e145)), {}, [NO, -1e290]),
    ("mean", (_numbers(1, 1, NO), _numbers(2, NO, NO)), {}, [1.5, 1, NO]),
    ("minimum", (_numbers(1, 1, NO), _numbers(2, NO, NO)), {}, [1, 1, NO]),
    ("maximum", (_numbers(1, 1, NO), _numbers(2, NO, NO)), {}, [2, 1, NO]),
    ("first_known", (_numbers(1, NO, NO), _numbers(2, 3, NO)), {}, [1, 3, NO]),
    ("logarithm", (_numbers(1, 0, -1, NO),), {}, [0, NO, NO, NO]),
    ("logarithm", (_numbers(0, NO),), {"plus": 1}, [0, NO]),
    ("years_since", (_numbers(2025, NO), _numbers(2023.9, 2000)), {}, [2, NO]),
    ("limited", (_numbers(-1, 5, 20, NO),), {"low": 0, "high": 10}, [0, 5, 10, NO]),
    ("limited", (_numbers(-1, 20),), {"high": 10}, [-1, 10]),
    ("unknown_if_zero", (_numbers(0, 3, NO),), {}, [NO, 3, NO]),
    ("at_least", (_numbers(2, 3, NO),), {"value": 3}, [0, 1, NO]),
    ("below", (_numbers(2, 3, NO),), {"value": 3}, [1, 0, NO]),
    ("is_missing", (_numbers(0, NO),), {}, [0, 1]),
    ("is_missing", (_texts("a", "", None),), {}, [0, 1, 1]),
    ("count_known", (_numbers(1, NO), _texts("a", None)), {}, [2, 0]),
    (
        "band",
        (_numbers(0, 1, 4.9, 5, NO),),
        {"edges": [1, 5], "codes": ["s", "m", "l"]},
        ["s", "m", "m", "l", None],
    ),
    ("text_length", (_texts(" 桥 梁\n", "", None),), {}, [2, 0, 0]),
    ("contains_any", (_texts("桥梁工程", "道路", None),), {"words": ["桥", "隧"]}, [1, 0, NO]),
    ("contains_any", (_texts("a.b", "axb"),), {"words": ["a.b"]}, [1, 0]),
    ("count_words", (_texts("桥与桥", "路", None),), {"words": ["桥", "隧"]}, [2, 0, NO]),
    ("count_parts", (_texts("a; b;;", " ", None),), {"separator": ";"}, [2, 0, 0]),
    ("equals_any", (_texts("a", "b", None),), {"values": ["a"]}, [1, 0, NO]),
    ("prefix", (_texts("2050299", "2", None),), {"length": 3}, ["205", "2", None]),
    # {ab, bc} and {bc, cd} share one of three pairs; one letter has no pair
    ("text_similarity", (_texts("abc", "a"), _texts("bcd", "a")), {}, [1 / 3, NO]),
    ("text_similarity", (_texts("a, b c", None), _texts("abc!", "x")), {}, [1, NO]),
]


@pytest.mark.parametrize(("name", "columns", "options", "expected"), BY_HAND)
def test_an_operation_gives_what_a_person_works_out(
    name: str, columns: tuple[Any, ...], options: dict[str, Any], expected: list[Any]
) -> None:
    before = [column.copy() for column in columns]
    result = _done(name, *columns, **options)
    assert len(result) == len(expected)
    for got, wanted in zip(result, expected, strict=True):
        if isinstance(wanted, str) or wanted is None:
            assert got == wanted
        else:
            assert got == pytest.approx(wanted, nan_ok=True)
    for column, old in zip(columns, before, strict=True):
        np.testing.assert_array_equal(column, old)  # the caller's columns are left alone


def test_every_operation_is_worked_by_hand_and_describes_itself() -> None:
    assert {name for name, *_ in BY_HAND} == set(COLUMN_OPERATIONS)
    assert all(operation.description.endswith(".") for operation in COLUMN_OPERATIONS.values())


@pytest.mark.parametrize(("name", "columns", "options", "expected"), BY_HAND)
def test_an_operation_on_no_rows_gives_no_rows(
    name: str, columns: tuple[Any, ...], options: dict[str, Any], expected: list[Any]
) -> None:
    assert _done(name, *(column[:0] for column in columns), **options) == []


AMOUNTS = st.floats(min_value=-1e9, max_value=1e9) | st.just(NO)
NUMERIC = [name for name, o in COLUMN_OPERATIONS.items() if o.takes == "numbers" and not o.required]


@pytest.mark.parametrize("name", NUMERIC)
@given(data=st.data())
def test_each_row_depends_on_itself_alone(name: str, data: st.DataObject) -> None:
    """Bit for bit: a row alone gives what it gives among others, with many arguments too."""
    low, high = COLUMN_OPERATIONS[name].arguments
    count = data.draw(st.integers(low, min(high, 24)))
    table = data.draw(arrays(np.float64, (count, data.draw(st.integers(1, 9))), elements=AMOUNTS))
    together = np.array(_done(name, *table))
    alone = np.array([_done(name, *(column[row : row + 1] for column in table))[0]
                      for row in range(table.shape[1])])  # fmt: skip
    assert together.tobytes() == alone.tobytes()


@given(arrays(np.float64, 20, elements=AMOUNTS), st.lists(st.floats(-1e9, 1e9), max_size=4))
def test_a_value_is_in_the_band_whose_edges_hold_it(column: Any, edges: list[float]) -> None:
    edges = sorted(edges)
    codes = [str(number) for number in range(len(edges) + 1)]
    for value, code in zip(column, _done("band", column, edges=edges, codes=codes), strict=True):
        if np.isnan(value):
            assert code is None
        else:
            assert int(code) == sum(edge <= value for edge in edges)
