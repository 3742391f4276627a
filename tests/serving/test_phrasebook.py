"""Phrases put into words once: the same words as the first time, whatever was said between."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Sequence
from decimal import Decimal

import pytest

from models.comparison import Comparison
from models.explanation import explain_heads
from models.reasons import Reason
from serving.wording import phrasebook as module
from serving.wording.phrasebook import Phrasebook, phrasebook
from serving.wording.words import LANGUAGES, said_effect, said_frame, said_together, said_value
from tests.rulers import catalogue_of, ruler
from tests.small_model import Trained, province

COMPARED = Comparison(100.0, 0.1234, 1312, 2020, 2024)


def test_a_sentence_is_a_value_in_its_frame_and_an_effect() -> None:
    catalogue = catalogue_of(ruler())
    reason = Reason("area", "facts", Decimal("8.7"), value=1200.0, compared=COMPARED)
    joint = Reason(None, "facts", Decimal("-1.0"), joint=("area", "people"))
    book = Phrasebook(catalogue)
    for language in LANGUAGES:
        frame = said_frame(catalogue, "area", COMPARED, False, language)
        value = said_value(catalogue, "area", 1200.0, language)
        effect = said_effect(catalogue.head("axis"), reason.contribution, language)
        said = frame.before + value + frame.after + effect
        assert book.sentence("axis", reason)[language] == said
        together = said_together(catalogue, joint.joint, language)
        assert book.sentence("axis", joint)[language].startswith(together)


def _sentences(book: Phrasebook, trained: Trained, rows: Sequence[int]) -> list[dict[str, str]]:
    prediction = trained.model.predict(trained.newest[:40])
    return [
        book.sentence(name, reason)
        for row in rows
        for name, head in explain_heads(trained.model, prediction, row).items()
        for reason in head.reasons
    ]


def test_a_sentence_does_not_depend_on_those_before_it(monkeypatch: pytest.MonkeyPatch) -> None:
    trained = province()
    usual = _sentences(Phrasebook(trained.model.catalogue), trained, range(40))
    for limit in ("VALUES", "FRAMES", "EFFECTS"):
        monkeypatch.setattr(module, limit, 3)  # hardly anything is remembered
    forgetful = Phrasebook(trained.model.catalogue)
    again = [_sentences(forgetful, trained, [row]) for row in range(39, -1, -1)]
    assert [said for row in reversed(again) for said in row] == usual


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "VALUES", 10)
    book = Phrasebook(RULER)
    for area in range(50):
        book.value("area", float(area))
    assert book.value.cache_info().currsize == 10
    assert book.value("area", 3.0) == {"zh": "3平方米", "en": "3 m²"}


RULER = catalogue_of(ruler())


def test_a_phrasebook_goes_with_its_catalogue() -> None:
    catalogue = catalogue_of(ruler())
    gone = weakref.ref(catalogue)
    assert phrasebook(catalogue) is phrasebook(catalogue)
    del catalogue
    gc.collect()
    assert gone() is None
