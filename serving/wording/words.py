"""Values and reasons in Chinese and English, as a department's clerk would say them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from features.catalogue import Catalogue
from features.field import FieldDeclaration, Kind
from features.head_declaration import HeadDeclaration, HeadKind
from models.comparison import Comparison, ShownValue
from models.past_projects import compared_by_share
from models.rounding import FACTOR_DIGITS, round_significant

LANGUAGES = ("zh", "en")
_UNKNOWN = {"zh": "未提供", "en": "not given"}
_YES_NO = {"zh": ("否", "是"), "en": ("no", "yes")}
_SIGNIFICANT = 4
_TEN_THOUSAND = 10_000


def said_value(catalogue: Catalogue, name: str, value: ShownValue, language: str) -> str:
    """A value in words, with its unit: "省级", "1,200平方米", "95%", "是"."""
    return said_of_field(catalogue, catalogue.by_name[name], value, language)


def said_of_field(
    catalogue: Catalogue, indicator: FieldDeclaration, value: ShownValue, language: str
) -> str:
    """The same of any declared field, such as one of a part."""
    if value is None:
        return _UNKNOWN[language]
    if isinstance(value, str):
        codes = indicator.codes or {}
        return codes[value].of(language) if value in codes else value
    if indicator.kind is Kind.FLAG:
        return _YES_NO[language][value >= 0.5]
    if indicator.kind is Kind.MONEY:
        return said_amount(catalogue, value, language)
    if indicator.kind is Kind.SHARE:
        return f"{_number(value * 100)}%"
    if indicator.kind is Kind.DATE or _is_year(indicator):
        return f"{int(value)}{'年' if language == 'zh' else ''}"
    return f"{_number(value)}{_unit(indicator, language)}"


def said_amount(catalogue: Catalogue, amount: float | Decimal, language: str) -> str:
    """An amount with its unit; Chinese yuan in 万元 from ten thousand on."""
    value, currency = float(amount), catalogue.currency
    if language == "zh" and currency.unit == "元" and abs(value) >= _TEN_THOUSAND:
        return f"{_number(value / _TEN_THOUSAND)}万元"
    return f"{_number(value)}{currency.unit if language == 'zh' else f' {currency.unit_en}'}"


@dataclass(frozen=True)
class SaidFrame:
    """What a reason says around the value of an indicator, in one language.

    before: how it begins. after: what follows the value, with the comparison. compared: the
    comparison alone, "" without one. `said_effect` ends the sentence.
    """

    before: str
    after: str
    compared: str


def said_frame(
    catalogue: Catalogue, name: str, comparison: Comparison | None, same: bool, language: str
) -> SaidFrame:
    """The frame of a reason.

    Args:
        same: whether the value is the one that is typical of those compared with.
    """
    label, chinese = catalogue.by_name[name].label.of(language), language == "zh"
    compared = ""
    if comparison is not None:
        compared = said_comparison(catalogue, name, comparison, same, language)
    if chinese:
        return SaidFrame(f"{label}：", f"（{compared}），" if compared else "，", compared)
    return SaidFrame(f"{label}: ", f" ({compared}). This " if compared else ". This ", compared)


def said_together(catalogue: Catalogue, names: Sequence[str], language: str) -> str:
    """How a joint reason begins; `said_effect` ends the sentence."""
    labels = [catalogue.by_name[name].label.of(language) for name in names]
    if language == "zh":
        return f"{'、'.join(labels)}与本项目其他情况综合作用，"
    return f"{', '.join(labels)}: together with the project's other facts, this "


def said_comparison(
    catalogue: Catalogue,
    name: str,
    comparison: Comparison,
    same: bool,
    language: str,
) -> str:
    """What similar past projects have: how many, of which years, and their median or share.

    A share of projects that have the `same` value as the project is told as such.
    """
    indicator = catalogue.by_name[name]
    typical = said_value(catalogue, name, comparison.typical, language)
    years = _years(comparison, "—" if language == "zh" else "–")
    share = f"{_number(round(comparison.share * 100))}%"
    by_share = compared_by_share(indicator)
    if by_share and same:
        typical = "与此相同" if language == "zh" else "the same"
        measure = f"中{share}" if language == "zh" else f"{share} of"
    elif language == "zh":
        measure = f"中{share}为" if by_share else "中位数为"
    else:
        measure = f"{share} of" if by_share else "median of"
    if language == "zh":
        return f"{years}年{comparison.projects:,}个同类项目{measure}{typical}"
    return f"{measure} {comparison.projects:,} similar projects of {years}: {typical}"


def _years(comparison: Comparison, dash: str) -> str:
    first, last = comparison.first_year, comparison.last_year
    return f"{first}" if first == last else f"{first}{dash}{last}"


def said_effect(head: HeadDeclaration, contribution: Decimal, language: str) -> str:
    """What a contribution did: "必要性提高8.7分。" or "raises necessity by 8.7 points."."""
    return f"{_effect(head, contribution, language)}{'。' if language == 'zh' else '.'}"


def _effect(head: HeadDeclaration, contribution: Decimal, language: str) -> str:
    label = head.label.of(language)
    if head.kind is HeadKind.AMOUNT:
        return _factor(label, contribution, language)
    raised = contribution >= 0
    size = abs(contribution)
    if head.kind is HeadKind.PROBABILITY:
        size = size * 100
    if size == 0:
        return f"对{label}几乎没有影响" if language == "zh" else f"hardly moves {_lower(label)}"
    amount = f"{size.normalize():f}"
    if language == "zh":
        unit = "分" if head.kind is HeadKind.SCORE else "个百分点"
        return f"{label}{'提高' if raised else '降低'}{amount}{unit}"
    unit = "points" if head.kind is HeadKind.SCORE else "percentage points"
    if amount == "1":
        unit = unit.removesuffix("s")
    return f"{'raises' if raised else 'lowers'} {_lower(label)} by {amount} {unit}"


def _factor(label: str, factor: Decimal, language: str) -> str:
    percent = f"{round_significant(abs(factor - 1) * 100).normalize():f}" if factor < 2 else ""
    times = f"{round_significant(factor, FACTOR_DIGITS).normalize():f}"
    if language == "zh":
        change = f"{'提高' if factor >= 1 else '降低'}{percent}%" if percent else "成倍提高"
        return f"{label}{change}（乘以{times}）"
    change = f"{'raises' if factor >= 1 else 'lowers'} {_lower(label)}"
    return f"{change} by {percent}% (× {times})" if percent else f"{change} (× {times})"


def _lower(label: str) -> str:
    return label[:1].lower() + label[1:]


def _unit(indicator: FieldDeclaration, language: str) -> str:
    if indicator.unit is None:
        return ""
    unit = indicator.unit.of(language)
    return unit if language == "zh" or unit == "%" else f" {unit}"


def _is_year(indicator: FieldDeclaration) -> bool:
    return indicator.unit is not None and indicator.unit.en == "year"


def _number(value: float) -> str:
    """A number with four significant digits, or as many as its whole part has."""
    if value == int(value) and abs(value) < 1e15:
        return f"{int(value):,}"
    if abs(value) >= 10 ** (_SIGNIFICANT - 1):
        return f"{value:,.0f}"
    shown = f"{value:.{_SIGNIFICANT}g}"
    return f"{Decimal(shown):f}" if "e" in shown else shown
