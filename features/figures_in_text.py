"""Figures as Chinese sentences state them: with a unit, or behind a word that sets a limit."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

ABOVE, AT_LEAST, EQUAL, BELOW, AT_MOST = 1, 2, 3, 4, 5
"""The directions of the national form: 1 大于, 2 大于等于, 3 等于, 4 小于, 5 小于等于."""

_SIGNS: Mapping[int, tuple[str, ...]] = {
    ABOVE: ("超过", "高于", "大于", ">"),
    AT_LEAST: (
        "不低于",
        "不少于",
        "不小于",
        "至少",
        "达到",
        "达",
        "保持在",
        "完成",
        "实现",
        "≥",
        ">=",
    ),
    EQUAL: ("等于", "为", "="),
    BELOW: ("低于", "少于", "小于", "<"),
    AT_MOST: ("不超过", "不高于", "不多于", "不大于", "控制在", "≤", "<="),
}
COMPARE = {sign: direction for direction, signs in _SIGNS.items() for sign in signs}
"""Word before a figure → direction."""

AFTER: Mapping[str, int] = {"以上": AT_LEAST, "以下": AT_MOST, "以内": AT_MOST, "之内": AT_MOST}
"""Word after a figure → direction."""

UNITS = (
    "个百分点|万元|亿元|元/平方米|元|%|‰|平方米|平方公里|立方米|公里|千米|米|亩|公顷|吨|人天|人月|人次|人|户|家|所|个|项|处|"
    "次|场|期|批|台|套|辆|件|份|栋|座|条|分钟|小时|个工作日|工作日|天|日|个月|月|年|分|起|功能点|张|册|门|名"
)
"""The units, as alternatives of a pattern, and so are the words before a figure."""
WORDS = "|".join(map(re.escape, sorted(COMPARE, key=len, reverse=True)))

_COUNTED = "|".join(unit for unit in UNITS.split("|") if unit not in ("年", "月", "日", "元"))
_WITH_UNIT = rf"\d[\d,.]*\s*[万亿]?(?:{_COUNTED}|％|万元)"
_FIGURES = re.compile(rf"(?:{WORDS})\s*({_WITH_UNIT}|\d[\d,.]*)|({_WITH_UNIT})")


@lru_cache(maxsize=64)
def measurable_figures(text: str) -> tuple[str, ...]:
    """The figures of a text that have a unit, or are set as a limit; years are none.

    A measure and a rule read the same text.
    """
    return tuple([limit or figure for limit, figure in _FIGURES.findall(text)])
