"""Findings known before the fiscal year."""

from __future__ import annotations

from features import audit_findings

DATES = ["2019-05-01", "2024-05-11", None, "2025-02-01"]
YEAR = 2025.0


def test_only_what_was_known_counts() -> None:
    assert audit_findings.count_findings(DATES, YEAR) == 3
    assert audit_findings.count_findings(DATES, 2026.0) == 4  # control: a year later all are
    assert audit_findings.count_findings([], YEAR) == 0


def test_recent_findings_need_a_date() -> None:
    assert audit_findings.count_findings(DATES, YEAR, within=3) == 1


def test_open_unless_recorded_as_rectified() -> None:
    assert audit_findings.count_open_findings(DATES, [1.0, 0.0, None, 0.0], YEAR) == 2


def test_by_type_and_by_amount() -> None:
    types = ["超标准列支", "其他", "超标准列支", "超标准列支"]
    assert audit_findings.count_findings_of(DATES, types, YEAR, any_of=["超标准列支"]) == 2
    assert audit_findings.sum_of_findings(DATES, [10.0, None, 5.0, 1000.0], YEAR) == 15
