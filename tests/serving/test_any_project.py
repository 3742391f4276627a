"""Any project that meets the schema: a whole answer of finite numbers, in every form it is given.

Checked by the shipped rules and rated by the shipped ruler, beside a library of standards.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from features import value_parser
from features.checks.checks import Checks
from features.checks.dimensions.ruler_files import ruler_in_force
from features.checks.reference import Reference
from features.checks.rule_files import read_rule_book, rule_texts
from features.declared_project import parse_project
from features.errors import ProjectError
from features.indicator_table import indicator_table
from models.appraised_project import AppraisedProject, appraised_project
from serving.wording.envelope import encoded
from serving.wording.explained_score import told
from serving.wording.flat_answer import flat_answer
from tests.features.checks.any_project import documents
from tests.features.checks.rule_texts import CATALOGUE
from tests.features.checks.test_checks import CLEANING
from tests.small_model import province

BOOK = read_rule_book(rule_texts("zero_base"), CATALOGUE, examples=False)
CHECKS = Checks(
    BOOK,
    CATALOGUE,
    Reference(standards=CLEANING),
    ruler_in_force(Path("none"), "zero_base"),
)
LOOSE = CATALOGUE.model_copy(update={"checks": ()})
"""What disagrees between fields would be refused, and most that is made up does."""
LINE = {"task": "保洁", "dep_bgt_eco_code": "30209", "unit": "月"}
LEAST: dict[str, Any] = {
    "pro_code": "P1",
    "fiscal_year": 2025,
    "pro_name": "培训",
    "apply_amt": 9.0,
}


def _numbers(appraised: AppraisedProject) -> Iterator[float]:
    """Every number that is worked out from a project; NaN where one is not known."""
    table = indicator_table([appraised.project], CATALOGUE)
    for indicator in CATALOGUE.indicators:
        if table[indicator.name].dtype == np.float64:
            yield float(table[indicator.name][0])
    assert appraised.checked is not None
    assert appraised.checked.standards is not None
    for finding in appraised.checked.findings:
        yield from (value for value in finding.measure if isinstance(value, float))
    for each in appraised.checked.standards.lines.values():
        yield from (each.actual, each.threshold, each.limit, each.excess)


def _answers(document: dict[str, Any]) -> bytes | None:
    """The answer as JSON, once every number of it is known to be finite; None if it is refused."""
    release = replace(province().release, checks=CHECKS)
    try:
        project = parse_project(document, LOOSE)
    except ProjectError:
        return None
    prediction = release.model.predict([project])
    appraised = appraised_project(release.model, prediction, 0, release.checks)
    infinite = [number for number in _numbers(appraised) if math.isinf(number)]
    assert not infinite
    flat_answer(1, release, appraised, full=True)
    return encoded(told(release, appraised))


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(documents(CATALOGUE), st.floats(0, 1e15), st.floats(0, 1e15))
def test_it_is_answered(document: dict[str, Any], quantity: float, amount: float) -> None:
    line = LINE | {"qty": quantity, "est_amt": amount}
    document["cost_lines"] = [line, *document.get("cost_lines", [])]
    answer = _answers(document | {"fiscal_year": 2025})
    assert answer is None or answer.endswith(b"}")


TINY = 5e-324
SLIPS = [
    {"history": [{"year": 2024, "adjusted_amt": TINY, "executed_amt": 9.0}]},
    {"apply_amt": TINY, "cost_lines": [{"task": "保洁", "est_amt": 9.0}]},
    {"cost_lines": [LINE | {"qty": TINY, "est_amt": 9.0}]},
]


@pytest.mark.parametrize("slip", SLIPS, ids=["rate", "gap", "price"])
def test_what_would_divide_beyond_every_number_is_zero(
    slip: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert _answers(LEAST) is not None
    assert _answers(LEAST | slip) is not None
    monkeypatch.setattr(value_parser, "LEAST", 0.0)  # control
    with pytest.raises(AssertionError, match="inf"):
        _answers(LEAST | slip)
