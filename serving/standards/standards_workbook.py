"""A version of the standards as an Excel workbook."""

from __future__ import annotations

from collections.abc import Sequence

from features.catalogue import Catalogue
from features.standards.learned_standard import LearnedStandard
from features.standards.library import Library
from features.standards.naming import region_label, standard_label, type_label
from features.standards.set_standard import SetStandard
from models.standards.shelf import Status
from serving.page.words import page_words
from serving.records.record import rfc3339, utc_now
from serving.standards.naming import band_label
from serving.standards.telling import Standard
from serving.workbook import Sheet, Table, Workbook, workbook

_LEARNED = (
    "code", "name", "economic_code", "project_type", "region", "scale", "unit", "low", "mid",
    "high", "ceiling", "index", "n", "own", "coverage", "cases",
)  # fmt: skip
_SET = (
    "code", "name", "standing", "form", "value", "unit", "economic_code", "document", "start",
    "end",
)  # fmt: skip


def standards_workbook(
    found: Sequence[Standard], library: Library, status: Status, catalogue: Catalogue, lang: str
) -> Workbook:
    """The standards in two sheets, learned and set, and what the version rests on."""
    words, made = page_words(lang), rfc3339(utc_now())
    learned = [each for each in found if isinstance(each, LearnedStandard)]
    set_ = [each for each in found if isinstance(each, SetStandard)]
    heading = [words[f"standards_{name}"] for name in _LEARNED]
    set_heading = [words[f"standards_{name}"] for name in _SET]
    about = _about(library, status, lang)
    return workbook(
        (
            Sheet(words["standards_learned"], heading, _learned(learned, library, catalogue, lang)),
            Sheet(words["standards_set"], set_heading, _set(set_, lang)),
            Sheet(words["sheet_about"], (words["about_item"], words["about_says"]), about),
        ),
        f"standards-{library.version}",
        made,
    )


def _learned(
    found: Sequence[LearnedStandard], library: Library, catalogue: Catalogue, lang: str
) -> Table:
    for each in found:
        yield [
            *(each.code, standard_label(each, catalogue).of(lang), each.economic_code),
            type_label(each.project_type, catalogue).of(lang),
            region_label(each.region_group, library).of(lang),
            *(band_label(each, lang), each.unit),
            *(each.low, each.mid, each.high, each.ceiling, each.reference_index),
            *(each.n, each.own, each.measured.coverage, each.measured.cases),
        ]


def _set(found: Sequence[SetStandard], lang: str) -> Table:
    words = page_words(lang)
    for each in found:
        yield [
            *(each.code, each.name.of(lang), words[f"standards_{each.standing.value}"]),
            *(words[f"standards_{each.form.value}"], each.value, each.unit or None),
            *("、".join(each.economic_codes), each.document_number, each.start, each.end),
        ]


def _about(library: Library, status: Status, lang: str) -> Table:
    words, learning = page_words(lang), library.learning
    yield words["advisory"], words["advisory_more"]
    if learning.simulated:
        yield words["simulated_short"], words["simulated"]
    yield words["version"], library.version
    yield words["standards_status"], words[f"standards_{status.value}"]
    yield words["standards_digest"], library.digest
    yield words["standards_data"], learning.data
    yield words["standards_rounds"], f"{learning.rounds[0]}–{learning.rounds[1]}"
    yield words["standards_measured_on"], learning.measured
    yield words["standards_level"], learning.level
    yield words["standards_method"], words["standards_method_text"]
