"""The data dictionary of a catalogue, in Markdown, in Chinese and English."""

from __future__ import annotations

from collections.abc import Iterator

from features.catalogue import Catalogue
from features.field import FieldDeclaration, Kind, Part, Sensitivity, Source
from features.head_declaration import HeadDeclaration
from features.indicator import Indicator
from features.stage import STAGES
from features.value_parser import effective_range

_KINDS = {
    Kind.NUMBER: "数值 number",
    Kind.SHARE: "比例 share",
    Kind.MONEY: "金额 money",
    Kind.COUNT: "整数 count",
    Kind.CATEGORY: "代码 category",
    Kind.FLAG: "是否 flag",
    Kind.TEXT: "文本 text",
    Kind.DATE: "日期 date",
}
_SOURCES = {
    Source.DECLARED: "申报 declared",
    Source.VERIFIED: "核实 verified",
    Source.DERIVED: "推导 derived",
}
_SENSITIVITIES = {
    Sensitivity.PUBLIC: "公开 public",
    Sensitivity.INTERNAL: "内部 internal",
    Sensitivity.PERSONAL: "个人信息 personal",
}
_INDICATOR_COLUMNS = (
    "字段 Field",
    "名称 Name",
    "类型 Kind",
    "单位 Unit",
    "取值 Values",
    "来源 Source",
    "密级 Sensitivity",
    "用于 Used for",
)
_PART_COLUMNS = (
    "字段 Field",
    "名称 Name",
    "类型 Kind",
    "单位 Unit",
    "取值 Values",
    "密级 Sensitivity",
)
_HEAD_COLUMNS = (
    "预测头 Head",
    "名称 Name",
    "环节 Stage",
    "类型 Kind",
    "来自 Learned from",
    "从零 Zero-based",
)


def data_dictionary(catalogue: Catalogue) -> str:
    """Markdown with one table of heads, one of indicators per dimension and one per part."""
    return "\n".join(_lines(catalogue)) + "\n"


def _lines(catalogue: Catalogue) -> Iterator[str]:
    yield f"# {catalogue.label.zh} / {catalogue.label.en}"
    yield ""
    yield f"`{catalogue.identity}`"
    yield from _note(catalogue)
    yield from _table("预测头 Heads", _HEAD_COLUMNS, map(_head_row, catalogue.heads))
    for dimension in catalogue.dimensions:
        inside = [i for i in catalogue.indicators if i.dimension == dimension.name]
        if inside:
            title = f"{dimension.label.zh} {dimension.label.en}"
            rows = (_indicator_row(i, catalogue) for i in inside)
            yield from _table(title, _INDICATOR_COLUMNS, rows)
    for part in catalogue.parts:
        yield from _part_table(part, catalogue)


def _note(catalogue: Catalogue) -> Iterator[str]:
    if catalogue.note is not None:
        yield from ("", catalogue.note.zh, "", catalogue.note.en)


def _part_table(part: Part, catalogue: Catalogue) -> Iterator[str]:
    title = f"{part.label.zh} {part.label.en}: `{part.name}[]`"
    return _table(title, _PART_COLUMNS, (_field_row(f, catalogue) for f in part.fields))


def _table(title: str, columns: tuple[str, ...], rows: Iterator[list[str]]) -> Iterator[str]:
    yield from ("", f"## {title}", "")
    yield _row(columns)
    yield _row(["---"] * len(columns))
    for row in rows:
        yield _row(row)


def _row(cells: tuple[str, ...] | list[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _head_row(head: HeadDeclaration) -> list[str]:
    outcome = " ÷ ".join(f"`{column}`" for column in head.outcome.columns)
    if head.outcome.below is not None:
        outcome = f"{outcome} < {head.outcome.below:g}"
    if head.outcome.at_least is not None:
        outcome = f"{outcome} ≥ {head.outcome.at_least:g}"
    zero = "是 yes" if head.zero_based else "否 no"
    stage = "—" if head.stage is None else f"{STAGES[head.stage].zh} {STAGES[head.stage].en}"
    words = f"{head.label.zh} {head.label.en}"
    return [f"`{head.name}`", words, stage, head.kind.value, outcome, zero]


def _indicator_row(indicator: Indicator, catalogue: Catalogue) -> list[str]:
    source = _SOURCES[indicator.source]
    if indicator.derive is not None:
        read = ", ".join(f"`{name}`" for name in indicator.derive.of)
        source = f"{source}: {indicator.derive.operation}({read})"
    used = ", ".join(f"{head} {sign}" for head, sign in indicator.use.items())
    *row, sensitivity = _field_row(indicator, catalogue)
    return [*row, source, sensitivity, used or "—"]


def _field_row(field: FieldDeclaration, catalogue: Catalogue) -> list[str]:
    required = " **必填 required**" if field.required else ""
    return [
        f"`{field.name}`",
        f"{field.label.zh} {field.label.en}{required}",
        _KINDS[field.kind],
        _unit(field, catalogue),
        _values(field),
        _SENSITIVITIES[field.sensitivity],
    ]


def _unit(field: FieldDeclaration, catalogue: Catalogue) -> str:
    if field.unit is not None:
        return f"{field.unit.zh} {field.unit.en}"
    if field.kind is Kind.MONEY:
        return f"{catalogue.currency.unit} {catalogue.currency.unit_en}"
    return "—"


def _values(field: FieldDeclaration) -> str:
    if field.codes:
        return "; ".join(f"`{code}` {w.zh} {w.en}" for code, w in field.codes.items())
    if field.kind is Kind.TEXT:
        return f"≤ {field.max_length:,} 字 characters"
    low, high = effective_range(field)
    limits = [f"≥ {low:g}" if low is not None else "", f"≤ {high:g}" if high is not None else ""]
    return ", ".join(limit for limit in limits if limit) or "—"
