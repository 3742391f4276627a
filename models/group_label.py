"""A group of projects in words: `project_type=road` is 项目类型：道路."""

from __future__ import annotations

from features.catalogue import Catalogue
from features.field import Kind, Label

BETWEEN = "–"
"""Between the ends of a band of amounts, as in `apply_amt=1e5–1e6`."""


def group_label(group: str, catalogue: Catalogue) -> Label:
    """A group, `indicator=code`, with the words of both; a band of amounts in the unit of money."""
    indicator, _, code = group.partition("=")
    declared = catalogue.by_name.get(indicator)
    label = Label(zh=indicator, en=indicator) if declared is None else declared.label
    codes = {} if declared is None else declared.codes or {}
    value = codes.get(code, Label(zh=code or "–", en=code or "–"))
    if declared is not None and declared.kind is Kind.MONEY:
        value = _amounts(code, catalogue)
    return Label(zh=f"{label.zh}：{value.zh}", en=f"{label.en}: {value.en}")


def _amounts(code: str, catalogue: Catalogue) -> Label:
    """A band of amounts as people write it; in Chinese by 万 and 亿 where the unit is 元."""
    currency = catalogue.currency
    ends = [float(end) for end in code.split(BETWEEN)]
    in_full = BETWEEN.join(f"{end:,.10g}" for end in ends)
    chinese = f"{in_full} {currency.unit}"
    if currency.unit == "元":
        large = [f"{end / 1e8:g}亿" if end >= 1e8 else f"{end / 1e4:g}万" for end in ends]
        small = [f"{end:g}" for end in ends]
        chinese = BETWEEN.join(large if ends[0] >= 1e4 else small) + currency.unit
    return Label(zh=chinese, en=f"{in_full} {currency.unit_en}")
