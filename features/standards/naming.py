"""What a standard is called and what it rests on, in Chinese and English."""

from __future__ import annotations

from features.catalogue import Catalogue
from features.field import Label
from features.standards.learned_standard import LearnedStandard
from features.standards.library import Library
from features.standards.priced_item import Family
from features.standards.set_standard import SetStandard

_ALL_REGIONS = Label(zh="全部地区", en="all regions")


def standard_label(standard: LearnedStandard | SetStandard, catalogue: Catalogue) -> Label:
    """What a standard prices: "房屋修缮", "办公用品（30201，会议培训）", or its given name."""
    if isinstance(standard, SetStandard):
        return standard.name
    kind = type_label(standard.project_type, catalogue)
    if standard.family is Family.PROJECT:
        return kind
    zh, en = ([standard.economic_code, *([said] if said else [])] for said in (kind.zh, kind.en))
    if not standard.project_type:
        zh = en = [standard.economic_code]
    return Label(zh=f"{standard.task}（{'，'.join(zh)}）", en=f"{standard.task} ({', '.join(en)})")


def source_label(standard: LearnedStandard | SetStandard, library: Library) -> Label:
    """What a standard rests on: its document, or from how many cases of which regions."""
    if isinstance(standard, SetStandard):
        return Label(zh=standard.document_number, en=standard.document_number)
    region = region_label(standard.region_group, library)
    return Label(
        zh=f"测算标准，{region.zh}，样本{standard.n:,}个",
        en=f"learned, {region.en}, n = {standard.n:,}",
    )


def type_label(code: str, catalogue: Catalogue) -> Label:
    """The words of a project type; the code where the catalogue has none; a dash for all."""
    for name in catalogue.peers:
        codes = catalogue.by_name[name].codes or {}
        if code in codes:
            return codes[code]
    return Label(zh=code or "—", en=code or "—")


def region_label(group: str, library: Library) -> Label:
    """The words of a group of regions."""
    found = library.regions.by_name.get(group)
    return found.label if found else _ALL_REGIONS
