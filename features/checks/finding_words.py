"""The words of a finding: its rule's sentence, with what was found put in its places."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from features.catalogue import Catalogue
from features.checks.checked import Finding, Measure
from features.checks.rule import Rule, Shown
from features.field import Sensitivity
from features.item_operation import Value
from features.kept_beside import KeptBeside

_PLACE = re.compile(r"\{([^{}]*)\}")
PAIRED = ("other", "agrees", "more")
"""What a finding says of the project that its project is paired with."""
MEASURES = ("item", "threshold", "actual", "excess", "proposed")
LANGUAGES = ("zh", "en")


def wrong_words(rule: Rule, catalogue: Catalogue) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Each place of a rule's sentences that nothing can be put in: language, name, known names."""
    parts = {part.name: part for part in catalogue.parts}
    fields = parts[rule.each].fields if rule.each in parts else ()
    names = (f.name for f in fields if f.sensitivity is not Sensitivity.PERSONAL)
    paired = PAIRED if "not_paired" in rule.require else ()
    known = (*MEASURES, *paired, *names)
    for language in LANGUAGES:
        for name in _PLACE.findall(rule.finding.of(language)):
            if name not in known:
                yield language, f"{{{name}}}", known


def named_fields(rule: Rule) -> tuple[str, ...]:
    """The fields of a record that a rule's sentences name, in either language."""
    named = [name for each in LANGUAGES for name in _PLACE.findall(rule.finding.of(each))]
    return tuple(dict.fromkeys(name for name in named if name not in (*MEASURES, *PAIRED)))


def finding_text(finding: Finding, language: str) -> str:
    """The sentence that tells a finding, "zh" or "en"."""
    return "".join([piece(finding) for piece in _sentences(finding.rule)[language]])


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


_Piece = Callable[[Finding], str]


def _of_rule(rule: Rule) -> dict[str, list[_Piece]]:
    """The sentence of a rule in both languages, cut at its places."""
    return {
        language: [
            _place(text, rule.shown, language) if number % 2 else _literal(text)
            for number, text in enumerate(_PLACE.split(rule.finding.of(language)))
        ]
        for language in LANGUAGES
    }


_sentences: KeptBeside[Rule, dict[str, list[_Piece]]] = KeptBeside(_of_rule)


def _literal(text: str) -> _Piece:
    return lambda _: text


def _place(name: str, how: Shown, language: str) -> _Piece:
    if name == "item":
        return lambda finding: "" if finding.item is None else str(finding.item)
    if name in MEASURES:
        place = Measure._fields.index(name)
        return lambda finding: shown(finding.measure[place], how, language)
    if name in PAIRED:
        return lambda finding: _paired(finding, name, language)
    return lambda finding: _plain(finding.record.get(name))


def _paired(finding: Finding, name: str, language: str) -> str:
    """The other project of the surest pair, what speaks for it, or how many pairs more."""
    found, chinese = finding.paired, language == "zh"
    if found is None or not found.pairs:
        return ""
    surest, others = found.pairs[0], len(found.pairs) - 1
    if name == "agrees":
        return ("；" if chinese else "; ").join(each.of(language) for each in surest.agrees)
    if name == "more":
        if not others:
            return ""
        return f"另有{others}对。" if chinese else f" Other pairs: {others}."
    other = surest.other(found.project_id)
    if chinese:
        return f"“{other.name}”（{other.project_id}，{other.year}年度）"
    return f"“{other.name}” ({other.project_id}, {other.year})"
