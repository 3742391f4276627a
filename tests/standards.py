"""Made-up expenditure standards, whose every number is easy to check by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from features.field import Label
from features.standards.learned_standard import LearnedStandard, MeasuredCoverage
from features.standards.library import Learning, Library
from features.standards.library_difference import Affected, LibraryDifference
from features.standards.priced_item import Family
from features.standards.region_groups import RegionGroup, RegionGroups
from features.standards.set_standard import SetStandard
from features.standards.unit_cost_fields import LineFields, UnitCostFields
from models.people import People, Person, PersonKey
from models.standards.shelf import Shelf

_NOW = datetime.now(UTC).date()
TODAY = {"start": _NOW.isoformat(), "end": (_NOW + timedelta(days=9)).isoformat()}
"""The days of a version that may be in force today."""
MADE = "2026-01-02T00:00:00Z"
SHA = "sha256:" + "a" * 64

FIELDS = UnitCostFields(
    catalogue="tiny",
    project_type="type",
    quantity="area",
    unit="unit",
    price_index="index",
    region_level="level",
    requested="apply",
    approved="approved",
    lines=LineFields(
        part="lines",
        task="task",
        economic_code="code",
        unit="unit",
        price="price",
        quantity="qty",
        amount="amount",
    ),
)
REGIONS = RegionGroups(
    groups=(
        RegionGroup(
            name="county_1",
            label=Label(zh="县级一类地区", en="county group 1"),
            level="county",
            divisions=("990101", "990102"),
            price_level=1.1,
        ),
    )
)
LEARNING = Learning(
    data=SHA,
    simulated=True,
    projects=300,
    items=900,
    rounds=(2020, 2023),
    calibrated=2024,
    measured=2025,
    prices=2025,
    level=0.8,
    ceiling_level=0.985,
    method="made up",
)


def learned(**changes: Any) -> LearnedStandard:
    """A unit price of 100 yuan, 80 to 120, ceiling 170, at a price index of 1."""
    values: dict[str, Any] = {
        "code": "L-31006-平方米-all",
        "family": Family.LINE,
        "economic_code": "31006",
        "unit": "平方米",
        "task": "修缮施工",
        "project_type": "",
        "region_group": "",
        "least": None,
        "below": None,
        "low": 80.0,
        "mid": 100.0,
        "high": 120.0,
        "ceiling": 170.0,
        "reference_index": 1.0,
        "n": 142,
        "own": 1.0,
        "parent": None,
        "level": 0.8,
        "spread": 0.15,
        "measured": MeasuredCoverage(round=2025, cases=50, inside=41, band=(0.64, 0.92)),
    }
    return LearnedStandard(**values | changes)


def set_standard(**changes: Any) -> SetStandard:
    """A price of 650 yuan for a person and day of meetings, from 2023 on."""
    values: dict[str, Any] = {
        "code": "MEETING",
        "name": Label(zh="会议费综合定额", en="Meetings"),
        "standing": "fixed",
        "form": "quota",
        "value": 650.0,
        "unit": "人天",
        "economic_codes": ("30215",),
        "document_number": "岚财行〔2023〕12号",
        "start": "2023-01-01",
    }
    return SetStandard(**values | changes)


def library(**changes: Any) -> Library:
    """A version with one learned and one set standard."""
    values: dict[str, Any] = {
        "format": 1,
        "catalogue": "tiny",
        "version": 1,
        "made": "2026-01-01T00:00:00Z",
        "made_by": "maker",
        "start": "2026-01-01",
        "end": "2026-12-31",
        "fields": FIELDS,
        "regions": REGIONS,
        "learning": LEARNING,
        "learned": (learned(),),
        "set": (set_standard(),),
    }
    return Library(**values | changes)


def difference(of: Library, before: Library | None = None) -> LibraryDifference:
    """What a made-up version changes: nothing but the number of flags."""
    affected = Affected(
        lines=1000, flagged=20, projects=18, excess=50_000.0, uncut=400, false_alarms=2
    )
    return LibraryDifference(
        format=1,
        version=of.version,
        digest=of.digest,
        before=before.version if before else None,
        before_digest=before.digest if before else None,
        moved=(),
        added=(),
        removed=(),
        round=2025,
        affected=affected,
        affected_before=affected if before else None,
        newly=0,
        no_longer=0,
    )


def sign(shelf: Shelf, *versions: int) -> None:
    """Have two people sign versions of a shelf, who are listed in its folder from then on."""
    people, keys = People.of(shelf.home), [PersonKey.generate() for _ in range(2)]
    for key in keys:
        name = key.public[:8]
        people = people.joined_by(Person(name=name, account=name, key=key.public, since=MADE))
    people.save(shelf.home)
    for version in versions:
        for key in keys:
            shelf.sign(version, key, MADE)


TOPICS = """
format: 1
catalogue: tiny
budget: apply
history: lines
executed: amount
year: amount
unit: department
function: type
topics:
  - name: roads
    label: {zh: 道路, en: Roads}
    belongs: {project_types: [road]}
    prohibited:
      - code: NO-GRAVEL
        label: {zh: 不得列支砂石, en: No gravel}
        words: [gravel]
        basis: {zh: 虚构, en: invented}
"""


def put_standards_and_topics(home: Path) -> None:
    """A draft of made-up standards of the tiny catalogue, and its one topic, in a folder."""
    Shelf(home, "tiny").put(library(), difference(library()))
    file = home / "topics" / "tiny.yaml"
    file.parent.mkdir()
    file.write_text(TOPICS, encoding="utf-8")
