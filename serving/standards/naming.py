"""What a standard is called, in Chinese and English."""

from __future__ import annotations

from features.catalogue import Catalogue
from features.field import Label
from features.standards.learned_standard import LearnedStandard
from features.standards.library import Library
from features.standards.priced_item import Family
from features.standards.set_standard import SetStandard
from serving.page.words import page_words

_ALL_REGIONS = Label(zh="全部地区", en="all regions")


def standard_name(standard: LearnedStandard | SetStandard, catalogue: Catalogue, lang: str) -> str:
    """What a standard prices: "房屋修缮", "办公用品（30201，会议培训）", or its given name."""
    if isinstance(standard, SetStandard):
        return standard.name.of(lang)
    kind = type_label(standard.project_type, catalogue, lang)
    if standard.family is Family.PROJECT:
        return kind
    inside = [standard.economic_code, *([kind] if kind else [])]
    if lang == "zh":
        return f"{standard.task}（{'，'.join(inside)}）"
    return f"{standard.task} ({', '.join(inside)})"


def type_label(code: str, catalogue: Catalogue, lang: str) -> str:
    """The words of a project type; the code where the catalogue has none."""
    for name in catalogue.peers:
        codes = catalogue.by_name[name].codes or {}
        if code in codes:
            return codes[code].of(lang)
    return code


def region_label(group: str, library: Library, lang: str) -> str:
    """The words of a group of regions."""
    found = library.regions.by_name.get(group)
    return (found.label if found else _ALL_REGIONS).of(lang)


def band_label(standard: LearnedStandard, lang: str) -> str:
    """The band of scale in words; "" where there is one for all."""
    least, below, unit = standard.least, standard.below, standard.unit
    words = page_words(lang)
    if least is None and below is None:
        return ""
    if least is None:
        return words["standards_band_below"].format(below=f"{below:,g}", unit=unit)
    if below is None:
        return words["standards_band_from"].format(least=f"{least:,g}", unit=unit)
    return words["standards_band"].format(least=f"{least:,g}", below=f"{below:,g}", unit=unit)


def price_text(value: float) -> str:
    """A unit price as it is read: whole yuan from a thousand on, else up to two decimals."""
    if value >= 1_000:
        return f"{value:,.0f}"
    return f"{value:,.2f}".rstrip("0").rstrip(".")
