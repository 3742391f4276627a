"""The list of findings on both databases: of the newest records; filtered, sorted, own only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import psycopg
import pytest

from serving.records.database import SERVICE, Sight
from serving.records.finding_list import (
    ORDERS,
    FindingCursor,
    ListedFinding,
    ListedRecord,
    WantedFindings,
)
from serving.records.log_reading import StoredRecord
from serving.records.record import Record
from serving.records.record_log import RecordLog
from serving.records.verification import verify_log
from tests.serving.records.conftest import raw_address

D1, D2 = Sight.of_department("D1"), Sight.of_department("D2")
ALL = WantedFindings()


def listed_of(stored: StoredRecord, acts: Sequence[StoredRecord]) -> ListedRecord | None:
    content = stored.content()["content"]
    if content.get("unlisted"):
        return None
    said = {act.content()["content"]["finding"]: act.content()["content"] for act in acts}
    findings = tuple(
        ListedFinding(
            finding=each["finding"],
            code=each["finding"].partition(":")[0],
            severity=each["severity"],
            state=said.get(each["finding"], {"state": "suspected"})["state"],
            excess=each["excess"],
            words=each["words"],
        )
        for each in content["findings"]
    )
    return ListedRecord(content["year"], content["region"], findings)


def found(finding: str, severity: int = 2, excess: Any = None, words: str = "") -> dict[str, Any]:
    return {"finding": finding, "severity": severity, "excess": excess, "words": words}


def checked(
    log: RecordLog, project: str, *findings: dict[str, Any], department: str = "D1", **more: Any
) -> str:
    """The id of the new record of a score, or of another kind, with these findings."""
    kind = more.pop("kind", "score")
    content = {"year": 2025, "region": "990103", "findings": list(findings)} | more
    record = Record(kind, "platform", content, project_id=project, department=department).sealed()
    log.append(record).result()
    return record.record_id


def say(log: RecordLog, project: str, finding: str, state: str, department: str = "D1") -> None:
    content = {"finding": finding, "state": state}
    log.append(
        Record("handling", "expert", content, project_id=project, department=department)
    ).result()


def names(
    log: RecordLog, sight: Sight = SERVICE, order: str = "newest", **wanted: Any
) -> list[str]:
    log.findings.catch_up(listed_of)
    page = log.findings.page(sight, WantedFindings(**wanted), order, None, 100)
    return [f"{each.stored.project_id} {each.finding}" for each in page]


def test_findings_are_those_of_the_newest_record_of_each_project(log: RecordLog) -> None:
    checked(log, "P1", found("A-01"), found("B-01"))
    checked(log, "P2", found("A-01"))
    assert names(log) == ["P2 A-01", "P1 A-01", "P1 B-01"], "in a record as they stand there"
    checked(log, "P1", found("C-01"))
    checked(log, "P2")
    assert names(log) == ["P1 C-01"]
    checked(log, "P1", found("D-01"), year=2024)
    assert names(log) == ["P1 D-01", "P1 C-01"], "of another year it is another declaration"
    checked(log, "P3", found("E-01"), unlisted=True)
    assert names(log) == ["P1 D-01", "P1 C-01"]


def test_checks_and_scores_hide_nothing_of_each_other(log: RecordLog) -> None:
    checked(log, "P1", found("A-01"))
    checked(log, "P1", kind="check")
    checked(log, "P2", found("B-01"), kind="check")
    checked(log, "P2", department="D2", kind="check")
    assert names(log) == ["P1 A-01"]
    assert names(log, kind="check") == ["P2 B-01"], "another department's hides nothing"


def test_what_people_say_moves_a_finding_that_is_listed(log: RecordLog) -> None:
    checked(log, "P1", found("A-01"), found("B-01"))
    assert names(log, state="suspected") == ["P1 A-01", "P1 B-01"]
    say(log, "P1", "A-01", "violation")
    assert names(log, state="suspected") == ["P1 B-01"]
    assert names(log, state="violation") == ["P1 A-01"]
    checked(log, "P1", found("A-01"))
    assert names(log, state="violation") == ["P1 A-01"], "it stays said"
    say(log, "P1", "A-01", "rectified")
    checked(log, "P1", found("A-01"), found("C-01"))
    assert names(log, state="rectified") == ["P1 A-01"], "both in one piece of the log"
    assert [tuple(each) for each in log.findings.counts(SERVICE, ALL)] == [
        ("A-01", 2, "rectified", 1),
        ("C-01", 2, "suspected", 1),
    ]


def test_every_filter_keeps_what_it_says(log: RecordLog) -> None:
    checked(log, "P1", found("A-01", 3, words="p1 道路养护 100%"))
    checked(log, "P2", found("B-01", 1), region="990204", year=2024)
    checked(log, "P3", found("B-01", 1), department="D2", region=None)
    expected: dict[str, tuple[Any, list[str]]] = {
        "severity": (3, ["P1 A-01"]),
        "code": ("B-01", ["P3 B-01", "P2 B-01"]),
        "department": ("D2", ["P3 B-01"]),
        "region": ("9902", ["P2 B-01"]),
        "year": (2024, ["P2 B-01"]),
        "words": ("养护 100%", ["P1 A-01"]),
        "state": ("normal", []),
    }
    for name, (value, kept) in expected.items():
        assert names(log, **{name: value}) == kept, name
    assert names(log, words="_1") == [], "no text is a pattern"
    assert names(log, region="99%") == []
    assert names(log, code="B-01", year=2024) == ["P2 B-01"]
    choices = log.findings.choices(SERVICE, "score")
    assert (choices.departments, choices.regions) == (("D1", "D2"), ("990103", "990204"))
    assert (choices.years, choices.codes) == ((2025, 2024), ("A-01", "B-01"))
    assert log.findings.choices(SERVICE, "check").codes == ()


def test_a_department_sees_its_own_and_an_expert_nothing_of_what_is_hidden(log: RecordLog) -> None:
    checked(log, "P1", found("A-01"))
    checked(log, "P2", found("B-01"), department="D2")
    assert names(log, D1) == ["P1 A-01"]
    assert names(log, D1, department="D2") == []
    assert log.findings.choices(D2, "score").codes == ("B-01",)
    blind = replace(SERVICE, without=frozenset({"P1"}))
    assert names(log, blind) == ["P2 B-01"]
    assert [each.code for each in log.findings.counts(blind, ALL)] == ["B-01"]


def test_pages_join_without_gap_in_every_order(log: RecordLog) -> None:
    for number in range(9):
        some = [found(f"{letter}-01", number % 3, float(number % 4)) for letter in "ABC"]
        checked(log, f"P{number}", *some[: 1 + number % 3])
    checked(log, "P9", found("Z-01", 0, None))
    log.findings.catch_up(listed_of)
    for order in ORDERS:
        whole = [each.at for each in log.findings.page(SERVICE, ALL, order, None, 100)]
        assert len(whole) == len(set(whole)) == 19
        paged: list[FindingCursor] = []
        while page := log.findings.page(SERVICE, ALL, order, paged[-1] if paged else None, 4):
            paged += [each.at for each in page]
        assert paged == whole
        assert [each.at for each in log.findings.all_of(SERVICE, ALL, order)] == whole
    assert names(log, order="oldest")[0] == "P0 A-01"
    assert names(log, order="severity")[0].startswith("P8 ")
    assert names(log, order="excess")[-1] == "P9 Z-01", "what has no amount comes last"


@pytest.mark.parametrize("count", [0, 1_203])
def test_a_long_log_is_taken_in_by_pieces_and_stays_what_it_was(log: RecordLog, count: int) -> None:
    content = {"year": 2025, "region": None, "findings": [found("A-01")]}
    records = [
        Record("score", "platform", content, project_id=f"P{n % 700}", department="D1")
        for n in range(count)
    ]
    if records:
        log.append_all(records).result()
    assert log.findings.catch_up(listed_of) == 0
    assert sum(each.findings for each in log.findings.counts(SERVICE, ALL)) == min(count, 700)
    assert verify_log(log.export()).holds


def test_on_postgresql_the_database_itself_hides_others_findings(postgres_url: str) -> None:
    with RecordLog.open(postgres_url) as log:
        for number in range(4):
            checked(log, f"P{number}", found("A-01"), department=f"D{1 + number % 2}")
        log.findings.catch_up(listed_of)
    with psycopg.connect(raw_address(postgres_url)) as connection:
        query = "SELECT department FROM listed_finding WHERE true OR department = 'D2'"
        assert connection.execute(query).fetchall() == []
        connection.execute("SELECT set_config('lingji.role', 'department', true)")
        connection.execute("SELECT set_config('lingji.department', 'D1', true)")
        assert connection.execute(query).fetchall() == [("D1",)] * 2
        assert connection.execute("DELETE FROM listed_finding").rowcount == 0
        connection.execute("SELECT set_config('lingji.role', 'auditor', true)")
        assert len(connection.execute(query).fetchall()) == 4, "control: others see all"
