from __future__ import annotations

import ast
import inspect
import math
import sys
from types import ModuleType

import pytest

from features import consistency_operations
from features.added import added
from features.item_operations import ITEM_OPERATIONS
from features.standards import over_standard
from features.topics import topic_review
from models import improvements
from models.monitoring import shift
from serving.duplicates import told_pair

TENTHS = [0.1] * 10
MODULES = [
    *(
        sys.modules[name]
        for name in sorted({each.function.__module__ for each in ITEM_OPERATIONS.values()})
    ),
    *(consistency_operations, over_standard, topic_review),
    *(improvements, shift, told_pair),
]
"""What answers and records are calculated in, number by number."""


def built_in_sums(source: str) -> int:
    """How often a program calls the `sum` that adds otherwise since Python 3.12."""
    calls = [node.func for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    return sum(isinstance(called, ast.Name) and called.id == "sum" for called in calls)


def test_numbers_are_added_one_after_another() -> None:
    assert added(TENTHS) == 0.9999999999999999
    assert math.fsum(TENTHS) == 1.0  # the control: so `sum` has it since Python 3.12
    assert added([]) == 0.0
    assert added([True, False, True]) == 2.0


@pytest.mark.parametrize("module", MODULES, ids=lambda module: str(module.__name__))
def test_what_answers_depend_on_is_added_so(module: ModuleType) -> None:
    assert built_in_sums(inspect.getsource(module)) == 0


def test_a_built_in_sum_would_be_found() -> None:
    assert built_in_sums("total = np.sum(x) + sum(each for each in y)") == 1
