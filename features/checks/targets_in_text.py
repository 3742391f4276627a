"""Targets that a text promises: name, level, direction, value and unit, taken apart by patterns.

What people write of targets follows few patterns: `设备完好率不低于98%`, `完成培训800人次`,
`满意度达到92%以上`, or a pasted table whose cells say the levels. Other words are left.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from features.declared_project import DeclaredProject
from features.figures_in_text import AFTER, COMPARE, UNITS, WORDS
from features.performance_targets import figure

TEXTS = ("kpi_goal_total",)
"""The fields in which a project states its targets in words."""

_NUMBER = r"\d+(?:,\d{3})*(?:\.\d+)?"
_STATED = re.compile(
    rf"(?P<name>[^\d，,。；;、！？!?\n]{{2,30}}?)(?P<compare>{WORDS})(?P<value>{_NUMBER})"
    rf"(?P<unit>[万亿]?(?:{UNITS}))?(?P<after>以上|以下|以内|之内)?"
)
_DONE = re.compile(
    rf"(?P<name>[^\d，,。；;、！？!?\n]{{2,20}}?)(?P<value>{_NUMBER})(?P<unit>[万亿]?(?:{UNITS}))"
    r"(?P<after>以上|以下|以内|之内)?(?P<what>[^\d，,。；;、！？!?\n]{0,12})"
)
_CLAUSES = re.compile(r"[。；;！!？?\n]+|，(?!\d)|、|(?<!\d),|,(?!\d)")
_DIGIT = re.compile(r"\d")
_CELLS = re.compile(r"\t|\||｜")
_LEADING = re.compile(r"^(?:其中|并且|同时|全年|年内|年度|确保|力争|以及|其|并|且)+")
_VERBS = re.compile(
    r"^(?:保障|完成|开展|实施|组织|购置|新建|建设|改造|修缮|养护|提供|服务|维护|扶持|资助|救助)+$"
)

# By words of the name: the kinds of the national form, the first that fits.
_KINDS: tuple[tuple[str, str, str], ...] = (
    ("满意", "满意度指标", "服务对象满意度"),
    ("成本|单价|费用|经费控制|造价", "产出指标", "成本指标"),
    ("及时|按期|按时|时限|时长|时间|时效|工期|响应|办结率", "产出指标", "时效指标"),
    ("合格|完好|达标|准确|优良|验收|完整率|可用率|故障率|质量|差错", "产出指标", "质量指标"),
    ("增收|产值|收入|节约|税收|经济", "效益指标", "经济效益"),
    ("减排|能耗|绿化率|污染|水质|生态|碳|空气", "效益指标", "生态效益"),
    ("可持续|长效|使用年限", "效益指标", "可持续影响"),
    ("事故|覆盖率|就业|知晓率|受益|普及|投诉|发案|整改率|应用率", "效益指标", "社会效益"),
)
_LEVEL1 = ("产出指标", "效益指标", "满意度指标", "成本指标")


@dataclass(frozen=True)
class StatedTarget:
    """One target as it was stated.

    direction: as in the national form; None where none is said. source: `kpi` or the text's field.
    text: the words it was read from. in_table: whether the table of targets has it too.
    """

    name: str
    level1: str | None
    level2: str | None
    direction: int | None
    value: float | None
    unit: str | None
    source: str
    text: str
    in_table: bool = False


def targets_of(project: DeclaredProject) -> list[StatedTarget]:
    """The targets of a project: its table first, then what its texts promise beside it."""
    records = project.values.get("kpi")
    table = [_of_record(r) for r in records] if isinstance(records, tuple) else []
    values = {each.value for each in table if each.value is not None}
    stated = [
        replace(found, in_table=found.value in values)
        for field in TEXTS
        if isinstance(text := project.values.get(field), str)
        for found in targets_in(text, field)
    ]
    return table + stated


def targets_in(text: str, source: str = "text") -> list[StatedTarget]:
    """The targets that a text states, in its order; empty where it states none."""
    if not _DIGIT.search(text):
        return []
    plain = unicodedata.normalize("NFKC", text).replace("；", ";")
    return [
        found
        for line in plain.splitlines()
        for found in (
            _of_cells(line, source) if _CELLS.search(line) else _of_sentence(line, source)
        )
    ]


def _of_sentence(line: str, source: str) -> Iterator[StatedTarget]:
    for clause in _CLAUSES.split(line):
        words = clause.strip()
        found = _STATED.search(words)
        if found is not None:
            after = found["after"]
            direction = AFTER[after] if after else COMPARE[found["compare"]]
            yield _target(found["name"], direction, found["value"], found["unit"], source, words)
            continue
        found = _DONE.search(words)
        if found is not None:
            name = found["name"] + (found["what"] if _VERBS.match(found["name"]) else "")
            after = AFTER.get(found["after"] or "")
            yield _target(name, after, found["value"], found["unit"], source, words)


def _of_cells(line: str, source: str) -> Iterator[StatedTarget]:
    """A row of a pasted table: levels where a cell says them, then the name, then the value."""
    cells = [cell.strip() for cell in _CELLS.split(line) if cell.strip()]
    level1 = next((cell for cell in cells if cell in _LEVEL1), None)
    rest = [cell for cell in cells if cell != level1]
    level2 = next(
        (c for c in rest if c.endswith(("指标", "效益", "满意度")) and len(rest) > 2), None
    )
    rest = [cell for cell in rest if cell != level2]
    if len(rest) < 2:
        return
    name, told = rest[0], " ".join(rest[1:])
    found = re.search(rf"(?P<compare>{WORDS})?\s*(?P<value>{_NUMBER})\s*(?P<unit>{UNITS})?", told)
    if found is None:
        return
    compare = found["compare"]
    direction = COMPARE[compare] if compare else None
    made = _target(name, direction, found["value"], found["unit"], source, line.strip())
    yield replace(made, level1=level1 or made.level1, level2=level2 or made.level2)


def _target(
    name: str, direction: int | None, value: str, unit: str | None, source: str, text: str
) -> StatedTarget:
    plain = _LEADING.sub("", name.strip("的为：: ")) or name
    level1, level2 = kind_of(plain, unit)
    number = float(value.replace(",", ""))
    return StatedTarget(plain, level1, level2, direction, number, unit, source, text)


def kind_of(name: str, unit: str | None) -> tuple[str | None, str | None]:
    """Level 1 and level 2 of a target by the words of its name and its unit."""
    for words, level1, level2 in _KINDS:
        if re.search(words, name):
            return level1, level2
    if unit in ("%", "‰"):
        return "产出指标", "质量指标"
    return ("产出指标", "数量指标") if unit else (None, None)


def _of_record(record: Mapping[str, object]) -> StatedTarget:
    """A target of the table, with its value as a number where it has one."""
    name, target, unit = (record.get(key) for key in ("name", "target", "unit"))
    direction = record.get("direction")
    level1, level2 = record.get("level1"), record.get("level2")
    return StatedTarget(
        str(name or ""),
        str(level1) if level1 else None,
        str(level2) if level2 else None,
        int(direction) if isinstance(direction, float) else None,
        figure(target if isinstance(target, str) else None),
        str(unit) if unit else None,
        "kpi",
        str(target or ""),
        True,
    )
