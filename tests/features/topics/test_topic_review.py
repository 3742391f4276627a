"""Topics over made-up projects: who belongs, three comparisons, three kinds of warnings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from features.catalogue import load_catalogue
from features.declared_project import parse_project
from features.errors import FormError
from features.standards.library import Library
from features.standards.over_standard import compared
from features.standards.priced_item import priced_items
from features.standards.unit_cost_fields import unit_cost_fields
from features.topics.topic import Topics, topics_of
from features.topics.topic_review import AlertKind, DeclaredItem, TopicReview, topic_review
from tests.standards import learned, library

CATALOGUE = load_catalogue("zero_base")
FIELDS = unit_cost_fields(CATALOGUE)
NOWHERE = Path("nowhere")
COUNTY = learned(
    code="county",
    economic_code="30209",
    unit="平方米",
    region_group="county_1",
    mid=60.0,
    low=50.0,
    high=70.0,
    ceiling=100.0,
)
ALL = COUNTY.model_copy(update={"code": "all", "region_group": "", "mid": 55.0})
CITY = COUNTY.model_copy(update={"code": "city", "region_group": "city_1", "mid": 72.0})
STANDARDS = library(catalogue="zero_base", fields=FIELDS, learned=(COUNTY, ALL, CITY), set=())


def topics() -> Topics:
    found = topics_of(CATALOGUE, NOWHERE)
    assert found is not None
    return found


def declared(unit: str, price: float = 60.0, **changes: Any) -> DeclaredItem:
    """A unit's property services for 1,000 square metres in a county, at a price."""
    document = json.loads(Path("docs/examples/project.json").read_text(encoding="utf-8"))
    line = {"task": "物业管理", "dep_bgt_eco_code": "30209", "unit": "平方米", "price": price}
    line |= {"qty": 1_000.0, "est_amt": price * 1_000}
    document |= {
        "pro_code": f"P-{unit}",
        "agency_code": unit,
        "project_type": "property_service",
        "mof_div_code": "990101",
        "driver_quantity": 1_000.0,
        "driver_unit": "平方米",
        "price_index": 1.0,
        "apply_amt": price * 1_000,
        "pro_total_amt": price * 1_000,
        "cost_lines": [line],
        "year_plan": [],
        "history": [],
        "is_govbuy": False,
        "is_gov": False,
    }
    document.pop("last_budget_amt", None)
    return of(document | changes)


def of(document: dict[str, Any], standards: Library | None = STANDARDS) -> DeclaredItem:
    project = parse_project(document, CATALOGUE)
    items = tuple(priced_items(project, CATALOGUE, FIELDS))
    beside = () if standards is None else tuple(compared(items, standards))
    return DeclaredItem(
        project, f"record of {document['pro_code']}", document["agency_code"], items, beside
    )


def review(name: str, *projects: DeclaredItem) -> TopicReview:
    topic = topics().named(name)
    assert topic is not None
    return topic_review(topic, topics(), projects, FIELDS, STANDARDS)


def test_ten_topics_ship() -> None:
    assert [each.label.zh for each in topics().topics] == [
        "三公经费", "政府采购", "物业费", "规划设计", "信息化", "城建管养",
        "服务外包", "编外人员", "会议培训", "公务用车",
    ]  # fmt: skip


def test_projects_belong_by_type_and_lines_by_class() -> None:
    reception = {"task": "公务接待", "dep_bgt_eco_code": "30217", "unit": "批", "price": 500.0}
    reception |= {"qty": 2.0, "est_amt": 1_000.0}
    lines = [*declared("U1").project.values["cost_lines"], reception]  # type: ignore[misc]
    host = declared("U1", cost_lines=[dict(line) for line in lines], apply_amt=61_000.0)
    whole, part = review("property", host), review("three_public", host)
    assert (whole.projects, whole.amount, len(whole.items)) == (1, 61_000.0, 3)
    assert (part.projects, part.amount) == (1, 1_000.0)
    assert [each.item.place for each in part.items] == ["cost_lines[2]"]
    assert review("design", host).projects == 0


def test_every_item_has_three_comparisons() -> None:
    others = [declared(f"U{number}", 58.0 + number) for number in range(1, 7)]
    found = review("property", declared("U0", 90.0), *others)
    [item] = [
        each for each in found.items if each.unit == "U0" and each.item.place == "cost_lines[1]"
    ]
    assert item.standard is not None
    assert (item.standard.standard.code, item.standard.position) == ("county", "above")
    assert item.peers is not None
    assert (item.peers.units, item.peers.median) == (6, 61.5)
    assert item.regions == {"city_1": 72.0}
    assert item.source == "record of P-U0"


def test_few_or_unlike_units_are_no_peers() -> None:
    few = review("property", declared("U0"), *[declared(f"U{n}") for n in range(1, 5)])
    assert {each.peers for each in few.items} == {None}
    unlike = [declared(f"U{n}", exp_func_code="2050201") for n in range(1, 9)]
    alone = review("property", declared("U0", exp_func_code="2100408"), *unlike)
    mine = [each for each in alone.items if each.unit == "U0"]
    assert {each.peers for each in mine} == {None}


def test_a_line_over_its_standard_is_warned_about() -> None:
    found = review("property", declared("U0", 130.0), declared("U1"))
    [alert] = [each for each in found.alerts if each.kind is AlertKind.OVER_STANDARD]
    assert (alert.project_id, alert.place, alert.rule) == ("P-U0", "cost_lines[1]", "county")
    assert (alert.threshold, alert.actual) == (100.0, 130.0)
    assert alert.excess == pytest.approx(30_000.0)


def test_growth_and_what_was_spent_are_warned_about() -> None:
    grown = declared("U0", project_type="vehicle_operation", last_budget_amt=50_000.0)
    [alert] = review("vehicles", grown).alerts
    assert (alert.kind, alert.rule) == (AlertKind.OVER_SCALE, "CAR-SCALE")
    assert (alert.threshold, alert.actual, alert.excess) == (50_000.0, 60_000.0, 10_000.0)
    kept = declared("U0", project_type="vehicle_operation", last_budget_amt=60_000.0)
    assert review("vehicles", kept).alerts == ()  # control
    spent = [{"year": 2023, "executed_amt": 90_000.0}, {"year": 2024, "executed_amt": 30_000.0}]
    [far] = review("property", declared("U0", history=spent)).alerts
    assert (far.rule, far.threshold) == ("EXECUTED", 45_000.0)


def test_what_is_forbidden_is_warned_about_where_it_belongs() -> None:
    gifts = {"task": "纪念品采购", "dep_bgt_eco_code": "30217", "unit": "批", "price": 800.0}
    gifts |= {"qty": 1.0, "est_amt": 800.0}
    host = declared("U0", cost_lines=[gifts])
    [alert] = [a for a in review("three_public", host).alerts if a.kind is AlertKind.PROHIBITED]
    assert (alert.rule, alert.actual, alert.place) == ("TP-GIFTS", 800.0, "cost_lines[1]")
    honest = declared("U0", cost_lines=[gifts | {"task": "工作餐"}])
    assert review("three_public", honest).alerts == ()


def test_without_standards_the_other_comparisons_stay() -> None:
    topic = topics().named("property")
    assert topic is not None
    bare = [
        DeclaredItem(each.project, each.source, each.unit, each.items, ())
        for each in (declared(f"U{number}", 60.0) for number in range(7))
    ]
    found = topic_review(topic, topics(), bare, FIELDS, None)
    assert {each.standard for each in found.items} == {None}
    assert all(each.peers is not None and each.regions == {} for each in found.items)


def test_a_bureau_adds_a_topic_in_its_own_file(tmp_path: Path) -> None:
    shipped = Path("features/topics/topics/zero_base.yaml").read_text(encoding="utf-8")
    own = tmp_path / "topics" / "zero_base.yaml"
    own.parent.mkdir()
    added = "  - name: schools\n    label: {zh: 校舍维修, en: School repairs}\n"
    added += "    belongs: {project_types: [building_repair]}\n"
    own.write_text(shipped + added, encoding="utf-8")
    found = topics_of(CATALOGUE, tmp_path)
    assert found is not None
    assert found.named("schools") is not None
    own.write_text(shipped + added + added, encoding="utf-8")
    with pytest.raises(FormError, match="schools again"):
        topics_of(CATALOGUE, tmp_path)
