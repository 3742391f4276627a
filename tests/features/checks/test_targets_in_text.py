"""Targets that people write in words or paste as a table are taken apart."""

from __future__ import annotations

from typing import Any

import pytest

from features.checks.targets_in_text import targets_in, targets_of
from features.declared_project import parse_project
from tests.features.checks.rule_texts import CATALOGUE


@pytest.mark.parametrize(
    ("text", "name", "kind", "direction", "value", "unit"),
    [
        ("设备完好率不低于98%", "设备完好率", "质量指标", 2, 98, "%"),
        ("使用单位满意度达到92%以上", "使用单位满意度", "服务对象满意度", 2, 92, "%"),
        ("故障响应时间不超过20分钟", "故障响应时间", "时效指标", 5, 20, "分钟"),
        ("完成培训800人次", "完成培训", "数量指标", None, 800, "人次"),
        ("单位成本控制在1,200元以内", "单位成本", "成本指标", 5, 1200, "元"),
        ("新增就业300人以上", "新增就业", "社会效益", 2, 300, "人"),
        ("二氧化碳减排１．５万吨", "二氧化碳减排", "生态效益", None, 1.5, "万吨"),
        ("安全责任事故低于2起", "安全责任事故", "社会效益", 4, 2, "起"),
        ("养护道路为26公里", "养护道路", "数量指标", 3, 26, "公里"),
    ],
)
def test_a_sentence_is_taken_apart(
    text: str, name: str, kind: str, direction: int | None, value: float, unit: str
) -> None:
    (found,) = targets_in(f"其中，{text}。")
    assert (found.name, found.level2, found.direction) == (name, kind, direction)
    assert (found.value, found.unit) == (value, unit)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "进一步提升信息化管理水平。",
        "2025年底前完成",
        "按照国发〔2023〕5号执行",
        "提高认识，取得实效",
    ],
)
def test_control_words_without_a_target_give_none(text: str) -> None:
    assert targets_in(text) == []


def test_a_pasted_table_keeps_its_levels() -> None:
    rows = "产出指标|数量指标|培训人次|≥800|人次\n满意度指标\t服务对象满意度\t参训人员满意度\t≥95%"
    first, second = targets_in(rows)
    assert (first.level1, first.level2, first.name) == ("产出指标", "数量指标", "培训人次")
    assert (first.direction, first.value, first.unit) == (2, 800, "人次")
    assert (second.level1, second.name, second.value) == ("满意度指标", "参训人员满意度", 95)


def test_several_targets_of_a_sentence_keep_their_order() -> None:
    found = targets_in("完成培训1,200人次，合格率≥95%、满意度达到90%以上；响应时间不超过2小时")
    assert [each.value for each in found] == [1200, 95, 90, 2]


def test_a_project_tells_its_table_first_and_what_only_its_words_promise() -> None:
    document: dict[str, Any] = {
        "pro_code": "P1",
        "fiscal_year": 2025,
        "pro_name": "培训",
        "apply_amt": 1000,
        "kpi_goal_total": "培训800人次，满意度不低于92%。",
        "kpi": [{"name": "培训人次", "direction": 2, "target": "≥800", "unit": "人次"}],
    }
    table, *words = targets_of(parse_project(document, CATALOGUE))
    assert (table.source, table.value, table.direction) == ("kpi", 800, 2)
    assert [(each.value, each.in_table) for each in words] == [(800, True), (92, False)]
