"""A version of the standards, one standard, and a comparison with one, as JSON."""

from __future__ import annotations

from features.catalogue import Catalogue
from features.standards.learned_standard import LearnedStandard
from features.standards.library import Library
from features.standards.naming import region_label, standard_label, type_label
from features.standards.over_standard import Compared
from features.standards.set_standard import SetStandard
from serving.standards.naming import band_label
from serving.wording.envelope import Json
from serving.wording.line_standards import beside_told
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
    """One item beside its standard, and the library that says so."""
    told = beside_told(found, library, catalogue)
    return told | {"library": {"version": library.version, "digest": library.digest}}
