"""A found pair as it is told: what it is, what speaks for it in points that add up, in words."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from features.added import added
from features.catalogue import Catalogue
from features.catalogue_sections import Currency
from features.duplicates.copies import passages_of
from features.duplicates.found_pair import FoundPair
from features.duplicates.kinds import COPIED_TARGETS, COPIED_TEXT
from features.duplicates.traits import Traits
from serving.wording.envelope import Json
from serving.wording.words import LANGUAGES

_NUMBERS = ("amount", "quantity", "unit_price", "people")
_MOST_ITEMS, _MOST_PASSAGES = 6, 8
_LONGEST_PASSAGE = 80


def told_pair(pair: FoundPair, catalogue: Catalogue) -> Json:
    """A pair in JSON; every text is in `zh` and `en`.

    `score` is log-odds for the kinds that are scored: `base` and the points of `reasons` add up to
    it. For copies it is what is shared, and there is no base.
    """
    reasons = [*_reasons(pair, catalogue.currency)]
    return {
        "kind": pair.kind,
        "label": _words()["kinds"][pair.kind],
        "text": _both(_words()["summaries"][pair.kind], _facts(pair, reasons, catalogue.currency)),
        "projects": [told_project(project) for project in (pair.one, pair.other)],
        "score": _score(pair, reasons),
        "probability": probability(pair),
        "base": None if pair.points is None else round(pair.base, 3),
        "reasons": reasons,
        "threshold": pair.threshold,
    }


def told_project(project: Traits) -> Json:
    """What of a project names it in a pair."""
    return {
        "project_id": project.project_id,
        "fiscal_year": project.year,
        "name": project.name,
        "department": project.department or None,
        "place": project.place or None,
        "amount": project.amount,
        "quantity": project.quantity,
    }


def probability(pair: FoundPair) -> float | None:
    """The probability that the score stands for; None for copies, which have none."""
    if pair.points is None:
        return None
    return round(1 / (1 + math.exp(-pair.score)), 4)


def kind_label(kind: str, lang: str) -> str:
    """What a kind is called."""
    return str(_words()["kinds"][kind][lang])


def comparison_label(name: str, lang: str) -> str:
    """What a comparison is called."""
    return str(_words()["comparisons"][name]["label"][lang])


def _score(pair: FoundPair, reasons: Sequence[Json]) -> float:
    if pair.points is None:
        return round(pair.score, 1)
    return round(pair.base + added(float(reason["points"]) for reason in reasons), 3)


def _reasons(pair: FoundPair, currency: Currency) -> Iterator[Json]:
    if pair.points is not None:
        for name, points in pair.points.items():
            yield _reason(pair, name, currency) | {"points": round(points, 3)}
    elif pair.kind == COPIED_TEXT:
        for passage in passages_of(pair.one, pair.other)[:_MOST_PASSAGES]:
            shown = (
                passage if len(passage) <= _LONGEST_PASSAGE else f"{passage[:_LONGEST_PASSAGE]}…"
            )
            facts = {lang: {"passage": shown} for lang in LANGUAGES}
            text = _both(_words()["passage"]["text"], facts)
            yield {"comparison": "passage", "closeness": None, "text": text, "points": 0.0}
    elif pair.kind == COPIED_TARGETS:
        yield _reason(pair, "targets", currency) | {"points": 0.0}


def _reason(pair: FoundPair, name: str, currency: Currency) -> Json:
    closeness = pair.closeness.get(name)
    words = _words()["comparisons"][name]
    if closeness is None:
        labels = {lang: {"label": words["label"][lang]} for lang in LANGUAGES}
        return {
            "comparison": name, "closeness": None, "text": _both(_words()["unknown"], labels),
        }  # fmt: skip
    facts = {lang: _compared(pair, name, closeness, currency, lang) for lang in LANGUAGES}
    return {
        "comparison": name,
        "closeness": round(closeness, 4),
        "text": _both(words["text"], facts),
    }


def _compared(
    pair: FoundPair, name: str, closeness: float, currency: Currency, lang: str
) -> dict[str, str]:
    told = {"closeness": f"{closeness:.0%}"}
    if name in _NUMBERS:
        money = name in ("amount", "unit_price")
        for side, project in (("one", pair.one), ("other", pair.other)):
            value = getattr(project, name)
            told[side] = said_money(value, currency, lang) if money else f"{value:,.6g}"
    elif name in ("documents", "targets"):
        shared = sorted(getattr(pair.one, name) & getattr(pair.other, name))
        items = [item.replace("\t", " ") for item in shared[:_MOST_ITEMS]]
        more = "…" if len(shared) > len(items) else ""
        told |= {"count": str(len(shared)), "items": ("、" if lang == "zh" else ", ").join(items)}
        told["items"] = told["items"] + more or str(_words()["none"][lang])
    return told


def said_money(value: float, currency: Currency, lang: str) -> str:
    """An amount with its unit."""
    number = f"{value:,.2f}".rstrip("0").rstrip(".")
    return f"{number} {currency.unit}" if lang == "zh" else f"{number} {currency.unit_en}"


def _facts(pair: FoundPair, reasons: Sequence[Json], currency: Currency) -> dict[str, Any]:
    years = sorted({pair.one.year, pair.other.year})
    side = "same"
    if pair.one.place != pair.other.place:
        side = "level"
    elif pair.one.department != pair.other.department:
        side = "department"
    shared = len(pair.one.targets & pair.other.targets)
    count = len(reasons) if pair.kind == COPIED_TEXT else shared
    total = (pair.one.amount or 0) + (pair.other.amount or 0)
    return {
        lang: {
            "years": ("、" if lang == "zh" else " and ").join(map(str, years)),
            "sides": _words()["sides"][side][lang],
            "count": str(count),
            "total": said_money(total, currency, lang),
            "threshold": said_money(pair.threshold or 0, currency, lang),
        }
        for lang in LANGUAGES
    }


def _both(words: dict[str, str], facts: dict[str, dict[str, str]]) -> dict[str, str]:
    return {lang: words[lang].format(**facts[lang]) for lang in LANGUAGES}


@cache
def _words() -> Any:
    file = Path(__file__).parent / "words.yaml"
    return yaml.safe_load(file.read_text(encoding="utf-8"))
