"""The words of a finding: its rule's sentence, with what was found put in its places."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from features.catalogue import Catalogue
from features.checks.checked import Finding
from features.checks.rule import Rule, Shown
from features.field import Sensitivity
from features.item_operation import Value

_PLACE = re.compile(r"\{([^{}]*)\}")
MEASURES = ("item", "threshold", "actual", "excess", "proposed")
LANGUAGES = ("zh", "en")


def wrong_words(rule: Rule, catalogue: Catalogue) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Each place of a rule's sentences that nothing can be put in: language, name, known names."""
    parts = {part.name: part for part in catalogue.parts}
    fields = parts[rule.each].fields if rule.each in parts else ()
    known = (*MEASURES, *(f.name for f in fields if f.sensitivity is not Sensitivity.PERSONAL))
    for language in LANGUAGES:
        for name in _PLACE.findall(rule.finding.of(language)):
            if name not in known:
                yield language, f"{{{name}}}", known


def finding_text(finding: Finding, language: str) -> str:
    """The sentence that tells a finding, "zh" or "en"."""
    rule = finding.rule
    said = {"item": "" if finding.item is None else str(finding.item)}
    for name in MEASURES[1:]:
        said[name] = shown(getattr(finding.measure, name), rule.shown, language)
    pieces = _pieces(rule.finding.of(language))
    record = finding.record
    return "".join(
        text if not is_place else said[text] if text in said else _plain(record.get(text))
        for text, is_place in pieces
    )


def shown(value: float | str | None, how: Shown, language: str) -> str:
    """A measure as people write it, with its unit."""
    if value is None or isinstance(value, str):
        return value or ""
    if how.kind == "share":
        return f"{value:.1%}"
    if how.kind == "year":
        return f"{value:.0f}"
    text = f"{value:,.2f}".rstrip("0").rstrip(".")
    if how.unit is None:
        return text
    return f"{text}{'' if language == 'zh' else ' '}{how.unit.of(language)}"


def _plain(value: Value) -> str:
    if isinstance(value, float):
        return f"{value:,.15g}"
    return "" if value is None else str(value)


@lru_cache(maxsize=512)
def _pieces(sentence: str) -> tuple[tuple[str, bool], ...]:
    """A sentence cut at its places: texts, and names of what is put between them."""
    cut = _PLACE.split(sentence)
    return tuple((text, number % 2 == 1) for number, text in enumerate(cut))
