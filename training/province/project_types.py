"""Eighteen project types: what drives their cost, and what is usual for them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class ProjectType:
    """One project type. Prices are yuan per unit of the driver at price index 1."""

    name: str
    label: str
    topic: str
    unit: str
    price: float
    quantity: float  # median of the driver
    spread: float  # standard deviation of its logarithm
    elasticity: float  # of cost with respect to the driver; below 1: economies of scale
    noise: float  # sd of log(approved ÷ true cost): what no visible fact tells
    prices: str  # cost class of the published price index
    recurring: float  # share of projects that come back every year
    categories: tuple[tuple[str, float], ...]  # project category codes and shares
    served: float  # median number of beneficiaries per unit of the driver
    statutory: float  # share that fulfils a statutory duty
    complexity: float  # 0 simple … 1 difficult to carry out
    asset: float  # share that adds assets
    procured: float  # share under government procurement
    bought: float  # share that buys services


_T = ProjectType
TYPES: tuple[ProjectType, ...] = (
    _T("three_public_travel", "公务出行保障", "three_public", "人天", 620, 500, .7, .97, .08,
       "service", .85, (("22", .7), ("21", .3)), 2.0, .05, .10, .0, .05, .0),
    _T("vehicle_operation", "公务用车运行维护", "three_public", "辆", 38_000, 10, .6, .95, .10,
       "goods", .95, (("22", .8), ("21", .2)), 25.0, .05, .10, .05, .3, .0),
    _T("meeting_training", "会议培训", "three_public", "人天", 520, 800, .7, .94, .10,
       "service", .70, (("22", .6), ("31", .4)), .6, .10, .15, .0, .1, .1),
    _T("procurement_goods", "设备购置", "procurement", "台", 5_600, 120, .9, .93, .12,
       "goods", .25, (("31", .8), ("22", .2)), 12.0, .10, .30, .95, .95, .0),
    _T("property_service", "物业管理服务", "property", "平方米", 62, 9_000, .8, .92, .12,
       "labour", .95, (("22", .9), ("21", .1)), .05, .05, .15, .0, .8, .6),
    _T("design_planning", "规划设计", "design", "公里", 175_000, 11, .8, .80, .18,
       "service", .10, (("31", .8), ("33", .2)), 900.0, .15, .60, .0, .6, .5),
    _T("it_system", "信息系统建设", "it", "功能点", 1_150, 1_300, .8, .88, .20,
       "service", .15, (("31", 1.0),), 9.0, .12, .95, .6, .9, .2),
    _T("it_operation", "信息系统运行维护", "it", "台", 3_400, 200, .8, .85, .14,
       "labour", .95, (("22", 1.0),), 40.0, .10, .35, .05, .7, .5),
    _T("urban_upkeep", "市政设施养护", "urban_upkeep", "公里", 86_000, 26, .8, .93, .13,
       "construction", .90, (("31", .5), ("22", .5)), 1_300.0, .35, .35, .0, .6, .6),
    _T("road_maintenance", "公路养护", "infrastructure", "公里", 145_000, 20, .8, .95, .13,
       "construction", .75, (("31", .6), ("32", .4)), 1_600.0, .40, .55, .1, .7, .2),
    _T("building_repair", "房屋修缮", "infrastructure", "平方米", 980, 2_200, .8, .90, .16,
       "construction", .10, (("31", .9), ("22", .1)), .4, .12, .70, .4, .7, .0),
    _T("outsourced_service", "购买服务", "other", "人月", 6_800, 220, .8, .96, .12,
       "labour", .80, (("31", .6), ("22", .4)), 30.0, .15, .25, .0, .6, .95),
    _T("temporary_staff", "聘用人员保障", "other", "人", 68_000, 22, .7, .99, .08,
       "labour", .95, (("22", .9), ("31", .1)), 120.0, .12, .10, .0, .0, .2),
    _T("education_subsidy", "教育资助", "livelihood", "人", 1_450, 2_400, .9, .99, .08,
       "transfer", .95, (("32", .6), ("31", .4)), 1.0, .70, .10, .0, .0, .0),
    _T("social_assistance", "社会救助", "livelihood", "人", 5_200, 1_100, .9, .99, .08,
       "transfer", .95, (("32", .7), ("31", .3)), 1.0, .80, .10, .0, .0, .05),
    _T("public_health", "公共卫生服务", "livelihood", "人", 68, 42_000, .9, .93, .13,
       "labour", .90, (("32", .5), ("31", .5)), 1.0, .60, .25, .05, .2, .3),
    _T("agriculture_support", "农业生产扶持", "livelihood", "亩", 310, 8_000, .9, .95, .15,
       "transfer", .65, (("32", .7), ("31", .3)), .25, .20, .40, .0, .1, .05),
    _T("environment_protection", "生态环境治理", "other", "处", 265_000, 7, .7, .88, .19,
       "construction", .35, (("31", .5), ("32", .3), ("33", .2)), 3_500.0, .45, .80, .2, .7, .3),
)  # fmt: skip

TYPE_INDEX = {kind.name: i for i, kind in enumerate(TYPES)}
CATEGORIES = ("21", "22", "31", "32", "33")


def type_values(field: str) -> np.ndarray:
    """One field of every project type, as an array in the order of TYPES."""
    return np.array([getattr(kind, field) for kind in TYPES])


def category_weights() -> np.ndarray:
    """Project types × CATEGORIES: share of each category code."""
    return np.array([[dict(kind.categories).get(c, 0.0) for c in CATEGORIES] for kind in TYPES])
