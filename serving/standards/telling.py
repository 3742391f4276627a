"""A version of the standards, one standard, and a comparison with one, as JSON."""

from __future__ import annotations

from features.catalogue import Catalogue
from features.standards.learned_standard import LearnedStandard
from features.standards.library import Library
from features.standards.naming import region_label, standard_label, type_label
from features.standards.over_standard import Compared
from features.standards.set_standard import SetStandard
from serving.page.words import page_words
from serving.standards.naming import band_label, price_text
from serving.wording.envelope import Json
from serving.wording.words import LANGUAGES

Standard = LearnedStandard | SetStandard
_SHARED = ("catalogue", "version", "made", "made_by", "start", "end", "digest")


def told_version(library: Library) -> Json:
    """What a version is and rests on."""
    return {
        **{name: getattr(library, name) for name in _SHARED},
        "learned": len(library.learned),
        "set": len(library.set),
        "learning": library.learning.model_dump(mode="json"),
        "regions": library.regions.model_dump(mode="json")["groups"],
    }


def told_standard(standard: Standard, library: Library, catalogue: Catalogue) -> Json:
    """Everything that is known of one standard."""
    name = {lang: standard_label(standard, catalogue).of(lang) for lang in LANGUAGES}
    if isinstance(standard, SetStandard):
        return {"kind": "set", **standard.model_dump(mode="json"), "name": name}
    measured = standard.measured
    return {
        "kind": "learned",
        "name": name,
        **standard.model_dump(mode="json"),
        "project_type_label": {
            lang: type_label(standard.project_type, catalogue).of(lang) for lang in LANGUAGES
        },
        "region_label": {
            lang: region_label(standard.region_group, library).of(lang) for lang in LANGUAGES
        },
        "band_label": {lang: band_label(standard, lang) for lang in LANGUAGES},
        "coverage": measured.coverage,
        "coverage_in_band": measured.in_band,
    }


def told_comparison(found: Compared, library: Library, catalogue: Catalogue) -> Json:
    """One item beside its standard, with the sentence that says it."""
    item, standard = found.item, found.standard
    return {
        "place": item.place,
        "task": item.task,
        "economic_code": item.subject.economic_code,
        "unit": item.subject.unit,
        "quantity": item.quantity,
        "price": item.price,
        "amount": item.amount,
        "standard": standard.code,
        "kind": "set" if isinstance(standard, SetStandard) else "learned",
        "actual": found.actual,
        "threshold": found.threshold,
        "excess": round(found.excess, 2),
        "position": found.position.value,
        "low": found.low,
        "mid": found.mid,
        "high": found.high,
        "text": {lang: said_comparison(found, library, catalogue, lang) for lang in LANGUAGES},
        "library": {"version": library.version, "digest": library.digest},
    }


def said_comparison(found: Compared, library: Library, catalogue: Catalogue, lang: str) -> str:
    """An item beside its standard, in a sentence."""
    words, standard, item = page_words(lang), found.standard, found.item
    currency = catalogue.currency
    yuan = currency.unit if lang == "zh" else currency.unit_en
    if isinstance(standard, SetStandard):
        form = standard.form.value
        actual, threshold = (_figure(value, form) for value in (found.actual, found.threshold))
        return words[f"standards_says_{form}"].format(
            actual=actual,
            threshold=threshold,
            unit=f"{yuan}/{item.subject.unit}",
            yuan=yuan,
            name=standard.name.of(lang),
            document=standard.document_number,
        )
    return words["standards_says_learned"].format(
        actual=price_text(found.actual),
        unit=f"{yuan}/{item.subject.unit}",
        low=price_text(found.low or 0),
        high=price_text(found.high or 0),
        ceiling=price_text(found.threshold),
        region=region_label(standard.region_group, library).of(lang),
        n=f"{standard.n:,}",
    )


def _figure(value: float, form: str) -> str:
    return f"{value:.1%}" if form == "ratio" else price_text(value)
