"""Forty departments, what they do, and their habits in declaring projects."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from training.province.project_types import TYPE_INDEX, TYPES

# What a department of each profile declares, beside the ordinary office projects of all.
OFFICE = {"three_public_travel": 2, "vehicle_operation": 2, "meeting_training": 4,
          "procurement_goods": 4, "property_service": 3, "it_operation": 3,
          "temporary_staff": 3, "outsourced_service": 3}  # fmt: skip
PROFILES: dict[str, dict[str, float]] = {
    "office": {"it_system": 4, "building_repair": 2},
    "education": {"education_subsidy": 16, "building_repair": 7, "it_system": 3},
    "welfare": {"social_assistance": 16, "outsourced_service": 5, "building_repair": 2},
    "health": {"public_health": 16, "procurement_goods": 5, "it_system": 3},
    "works": {"road_maintenance": 9, "design_planning": 7, "urban_upkeep": 5},
    "city": {"urban_upkeep": 14, "outsourced_service": 4, "design_planning": 4},
    "farming": {"agriculture_support": 16, "environment_protection": 3, "design_planning": 3},
    "nature": {"environment_protection": 14, "design_planning": 6, "outsourced_service": 3},
    "digital": {"it_system": 14, "it_operation": 8},
}

# Habits: padding (median request ÷ reasonable cost), its spread, share of copied texts, share of
# sloppy filings (missing parts, sums that do not add up), probability that a target is quantified.
HABITS: dict[str, tuple[float, float, float, float, float]] = {
    "careful": (1.02, 0.05, 0.03, 0.03, 0.82),
    "ordinary": (1.07, 0.09, 0.08, 0.10, 0.62),
    "padding": (1.38, 0.13, 0.10, 0.10, 0.58),
    "copying": (1.08, 0.09, 0.50, 0.18, 0.50),
    "sloppy": (1.10, 0.14, 0.16, 0.42, 0.34),
}

# code, name (without 省/市/县), functional codes, profile, habit
_ROWS = (
    ("101001", "政府办公室", ("2010302", "2010399"), "office", "careful"),
    ("102001", "发展和改革局", ("2010402", "2010499"), "office", "ordinary"),
    ("103001", "统计局", ("2010502", "2010599"), "office", "careful"),
    ("104001", "财政局", ("2010602", "2010699"), "digital", "careful"),
    ("105001", "审计局", ("2010802", "2010899"), "office", "careful"),
    ("106001", "商务局", ("2160299", "2011308"), "office", "padding"),
    ("107001", "档案馆", ("2012604", "2012699"), "office", "ordinary"),
    ("108001", "市场监督管理局", ("2013802", "2013899"), "office", "ordinary"),
    ("109001", "机关事务服务中心", ("2010303", "2010399"), "office", "padding"),
    ("110001", "数据资源管理局", ("2010399", "2069999"), "digital", "padding"),
    ("201001", "公安局", ("2040220", "2040299"), "digital", "ordinary"),
    ("202001", "司法局", ("2040604", "2040699"), "office", "ordinary"),
    ("203001", "消防救援支队", ("2240202", "2240299"), "office", "careful"),
    ("204001", "应急管理局", ("2240106", "2240199"), "office", "ordinary"),
    ("205001", "教育局", ("2050201", "2050202", "2050203", "2050299"), "education", "ordinary"),
    ("205002", "职业教育中心", ("2050302", "2050399"), "education", "copying"),
    ("205003", "中小学装备中心", ("2050299", "2050999"), "education", "padding"),
    ("206001", "科学技术局", ("2060404", "2069999"), "office", "copying"),
    ("207001", "文化广电和旅游局", ("2070109", "2070199"), "office", "copying"),
    ("207002", "体育局", ("2070307", "2070399"), "office", "sloppy"),
    ("207003", "图书馆", ("2070104", "2070199"), "office", "careful"),
    ("208001", "民政局", ("2080299", "2081001", "2081901"), "welfare", "ordinary"),
    ("208002", "人力资源和社会保障局", ("2080199", "2080799"), "welfare", "careful"),
    ("208003", "残疾人联合会", ("2081104", "2081199"), "welfare", "ordinary"),
    ("208004", "退役军人事务局", ("2082804", "2082899"), "welfare", "ordinary"),
    ("210001", "卫生健康局", ("2100408", "2100399"), "health", "ordinary"),
    ("210002", "疾病预防控制中心", ("2100401", "2100409"), "health", "careful"),
    ("210003", "中心医院", ("2100201", "2100299"), "health", "padding"),
    ("211001", "生态环境局", ("2110301", "2110302", "2110399"), "nature", "ordinary"),
    ("212001", "住房和城乡建设局", ("2120303", "2120399"), "works", "padding"),
    ("212002", "城市管理局", ("2120104", "2120501"), "city", "ordinary"),
    ("212003", "园林绿化中心", ("2120399", "2120501"), "city", "copying"),
    ("213001", "农业农村局", ("2130108", "2130122", "2130199"), "farming", "ordinary"),
    ("213002", "水利局", ("2130305", "2130399"), "works", "sloppy"),
    ("213003", "林业局", ("2130205", "2130299"), "nature", "sloppy"),
    ("214001", "交通运输局", ("2140104", "2140106"), "works", "ordinary"),
    ("214002", "公路养护中心", ("2140106", "2140199"), "works", "padding"),
    ("215001", "经济和信息化局", ("2150299", "2150517"), "digital", "sloppy"),
    ("220001", "自然资源局", ("2200106", "2200199"), "nature", "ordinary"),
    ("221001", "住房保障中心", ("2210105", "2210108"), "welfare", "sloppy"),
)  # fmt: skip


@dataclass(frozen=True)
class Departments:
    """One entry per department; habits decide how it declares, never what its projects merit."""

    code: np.ndarray
    name: np.ndarray
    functions: tuple[tuple[str, ...], ...]
    type_weight: np.ndarray  # departments × project types
    padding: np.ndarray
    padding_spread: np.ndarray
    copying: np.ndarray
    sloppiness: np.ndarray
    quantifying: np.ndarray


def _type_weights(profile: str) -> np.ndarray:
    weights = np.zeros(len(TYPES))
    for share in (OFFICE, PROFILES[profile]):
        for name, weight in share.items():
            weights[TYPE_INDEX[name]] += weight
    return weights


@cache
def departments() -> Departments:
    """All departments with their habits."""
    habits = np.array([HABITS[row[4]] for row in _ROWS])
    return Departments(
        np.array([row[0] for row in _ROWS]),
        np.array([row[1] for row in _ROWS]),
        tuple(row[2] for row in _ROWS),
        np.array([_type_weights(row[3]) for row in _ROWS]),
        *habits.T,
    )
