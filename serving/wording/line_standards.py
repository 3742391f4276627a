"""Lines beside their expenditure standards, as JSON and in words in both languages."""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import yaml

from features.catalogue import Catalogue
from features.kept_beside import KeptBeside
from features.standards.library import Library
from features.standards.line_standards import LineStandards, ProjectStandards
from features.standards.naming import region_label, standard_label
from features.standards.over_standard import Compared, Position, total_excess
from features.standards.set_standard import SetStandard, StandardForm
from serving.wording.words import LANGUAGES, said_amount

Json = dict[str, Any]
_LEARNED = "learned"
_PRICES = 20_000
_DIGITS = 4
"""Of prices told for a unit: some units cost less than a fen."""


def standards_told(found: ProjectStandards, requested: float | None) -> Json:
    """The lines of a project beside their standards, and what of the request is over them.

    Args:
        requested: in yuan; None where it is not known.
    """
    words_of, library, over = _words_of(found.of), found.of.library, found.over
    lines = [_line(each, words_of(each)) for each in found.lines.values()]
    excess = round(total_excess(over), 2)
    share = round(excess / requested, 4) if requested else None
    return {
        "library": {"version": library.version, "digest": library.digest},
        "lines": lines,
        "without": found.without,
        "over": len(over),
        "excess": excess,
        "share": share,
        "text": {lang: _whole(found, len(over), excess, share, lang) for lang in LANGUAGES},
    }


def beside_told(found: Compared, library: Library, catalogue: Catalogue) -> Json:
    """One item beside one standard, with the sentence that says it."""
    words = _StandardWords(found.standard, library, catalogue)
    text = {lang: words.said(found, lang) for lang in LANGUAGES}
    return _numbers(found, words) | {"text": text}


def said_beside(found: Compared, library: Library, catalogue: Catalogue, lang: str) -> str:
    """One item beside one standard, in a sentence."""
    return _StandardWords(found.standard, library, catalogue).said(found, lang)


@lru_cache(_PRICES)
def price_text(value: float) -> str:
    """A unit price as it is read: whole yuan from a thousand on, else up to two decimals."""
    if value >= 1_000:
        return f"{value:,.0f}"
    return f"{value:,.2f}".rstrip("0").rstrip(".")


class _StandardWords:
    """What is told of a standard wherever it is, and its sentences but for their numbers."""

    def __init__(self, standard: Any, library: Library, catalogue: Catalogue) -> None:
        set_ = isinstance(standard, SetStandard)
        first, last = library.learning.rounds
        name = standard_label(standard, catalogue)
        region = None if set_ else region_label(standard.region_group, library)
        self.form = standard.form.value if set_ else _LEARNED
        self.told: Json = {
            "standard": standard.code,
            "kind": "set" if set_ else _LEARNED,
            "name": name.as_json(),
            "form": standard.form.value if set_ else StandardForm.QUOTA.value,
            "standing": standard.standing.value if set_ else None,
            "document": standard.document_number if set_ else None,
            "n": None if set_ else standard.n,
            "years": None if set_ else [first, last],
            "region": None if region is None else region.as_json(),
        }
        currency = catalogue.currency
        self._says: dict[str, str] = {}
        self._line: dict[tuple[Position, str], str] = {}
        for lang in LANGUAGES:
            yuan, dash = (currency.unit, "—") if lang == "zh" else (currency.unit_en, "–")
            fixed = {
                "yuan": yuan,
                "name": name.of(lang),
                "document": standard.document_number if set_ else "",
                "region": "" if region is None else region.of(lang),
                "years": f"{first}{dash}{last}",
                "n": "" if set_ else f"{standard.n:,}",
            }
            says = _filled(_words()["says"][self.form][lang], fixed)
            self._says[lang] = says.replace("{unit}", f"{yuan}/{{measure}}")
            for position in Position:
                ending = _filled(_words()["ending"][position.value][lang], fixed)
                line = _words()["line"][lang].replace("{says}", self._says[lang])
                self._line[position, lang] = line.replace("{ending}", ending)

    def said(self, found: Compared, lang: str) -> str:
        """An item beside the standard."""
        return self._says[lang].format(**self._figures(found))

    def said_of_line(self, found: Compared) -> Json:
        """A line beside the standard: which, what it asks for, and how far it is over."""
        figures = self._figures(found)
        item = found.item
        figures["number"] = item.place[item.place.rfind("[") + 1 : -1]
        figures["task"] = item.task
        if found.excess:
            figures["per_unit"] = price_text(found.excess / item.quantity)
            figures["excess"] = price_text(found.excess)
        line, position = self._line, found.position
        return {lang: line[position, lang].format(**figures) for lang in LANGUAGES}

    def _figures(self, found: Compared) -> dict[str, str]:
        if self.form == StandardForm.RATIO.value:
            figures = {"actual": f"{found.actual:.1%}", "threshold": f"{found.threshold:.1%}"}
        else:
            figures = {
                "actual": price_text(found.actual),
                "threshold": price_text(found.threshold),
            }
        if found.low is not None and found.high is not None:
            figures["low"], figures["high"] = price_text(found.low), price_text(found.high)
        figures["measure"] = found.item.subject.unit
        return figures


class _WordsOf:
    """The words of a library's standards for a catalogue, each made when it is first asked for."""

    def __init__(self, standards: LineStandards) -> None:
        self._library, self._catalogue = standards.library, standards.catalogue
        self._words: dict[str, _StandardWords] = {}

    def __call__(self, found: Compared) -> _StandardWords:
        code = found.standard.code
        words = self._words.get(code)
        if words is None:
            words = _StandardWords(found.standard, self._library, self._catalogue)
            self._words[code] = words
        return words


_words_of = KeptBeside(_WordsOf)


def _line(found: Compared, words: _StandardWords) -> Json:
    return _numbers(found, words) | {"text": words.said_of_line(found)}


def _numbers(found: Compared, words: _StandardWords) -> Json:
    item = found.item
    return {
        "place": item.place,
        "task": item.task,
        "economic_code": item.subject.economic_code,
        "unit": item.subject.unit,
        "quantity": item.quantity,
        "price": item.price,
        "amount": item.amount,
        **words.told,
        "actual": found.actual,
        "threshold": found.threshold,
        "limit": round(found.limit, _DIGITS),
        "excess_per_unit": round(found.excess / item.quantity, _DIGITS),
        "excess": round(found.excess, 2),
        "position": found.position.value,
        "low": found.low,
        "mid": found.mid,
        "high": found.high,
    }


def _whole(
    found: ProjectStandards, over: int, excess: float, share: float | None, lang: str
) -> str:
    words = _words()
    which = "over" if over else "within" if found.lines else "none"
    part = "" if share is None else words["share"][lang].format(share=f"{share:.1%}")
    text: str = words["whole"][which][lang].format(
        version=found.of.library.version,
        lines=len(found.lines),
        without=found.without,
        over=over,
        excess=said_amount(found.of.catalogue, excess, lang) if over else "",
        share=part,
    )
    return text


def _filled(template: str, fixed: dict[str, str]) -> str:
    """A sentence with what never changes put in; the places of numbers stay open."""
    for name, text in fixed.items():
        escaped = text.replace("{", "{{").replace("}", "}}")
        template = template.replace(f"{{{name}}}", escaped)
    return template


@cache
def _words() -> Any:
    file = Path(__file__).with_name("line_standards.yaml")
    return yaml.safe_load(file.read_text(encoding="utf-8"))
