"""Phrases put into words once: the same words as the first time, whatever was said between."""

from __future__ import annotations

import gc
import json
import weakref
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest

from features.catalogue import Catalogue
from models.comparison import Comparison
from models.reasons import Reason
from models.registry import Release
from serving import phrasebook as module
from serving.explained_score import explained_score
from serving.phrasebook import Phrasebook, phrasebook
from serving.words import LANGUAGES, said_effect, said_fact, said_together
from tests.rulers import catalogue_of, ruler
from tests.small_model import Trained, province, small

COMPARED = Comparison(100.0, 0.1234, 1312, 2020, 2024)


def test_a_sentence_is_its_beginning_and_its_effect() -> None:
    catalogue = catalogue_of(ruler())
    reason = Reason("area", "facts", Decimal("8.7"), value=1200.0, compared=COMPARED)
    joint = Reason(None, "facts", Decimal("-1.0"), joint=("area", "people"))
    book = Phrasebook(catalogue)
    for language in LANGUAGES:
        opening = said_fact(catalogue, "area", 1200.0, COMPARED, language).opening
        effect = said_effect(catalogue.head("axis"), reason.contribution, language)
        assert book.sentence("axis", reason)[language] == opening + effect
        together = said_together(catalogue, joint.joint, language)
        assert book.sentence("axis", joint)[language].startswith(together)


def _answers(trained: Trained, rows: range) -> list[str]:
    prediction = trained.model.predict(trained.newest[:40])
    return [json.dumps(explained_score(trained.release, prediction, row)) for row in rows]


def test_an_answer_does_not_depend_on_those_before_it(monkeypatch: pytest.MonkeyPatch) -> None:
    trained = province()
    usual = _answers(trained, range(40))
    for limit in ("FACTS", "EFFECTS"):
        monkeypatch.setattr(module, limit, 3)  # hardly anything is remembered
    monkeypatch.setattr("serving.explained_score.phrasebook", Phrasebook)  # and that not for long
    assert _answers(trained, range(39, -1, -1)) == usual[::-1]


def test_control_a_memory_that_took_one_value_for_another_is_noticed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    trained = province()
    usual = _answers(trained, range(40))

    class Careless(Phrasebook):
        def __init__(self, catalogue: Catalogue) -> None:
            super().__init__(catalogue)
            seen: dict[str, module.PhrasedFact] = {}
            right = self.fact
            careless = lambda name, *more: seen.setdefault(name, right(name, *more))  # noqa: E731
            monkeypatch.setattr(self, "fact", careless)

    careless = Careless(trained.model.catalogue)
    monkeypatch.setattr("serving.explained_score.phrasebook", lambda catalogue: careless)
    assert _answers(trained, range(40)) != usual


def test_what_is_done_to_an_answer_does_not_reach_the_next() -> None:
    trained = small()
    prediction = trained.model.predict(trained.newest[:1])
    first = explained_score(trained.release, prediction, 0)
    before = json.dumps(first)
    _spoil(first)
    assert json.dumps(first) != before  # control
    assert json.dumps(explained_score(trained.release, prediction, 0)) == before


def _spoil(content: object) -> None:
    """Everything in a head's words and numbers is overwritten."""
    if isinstance(content, dict):
        for name, value in content.items():
            if isinstance(value, dict | list):
                if name not in ("thresholds", "no_range"):  # which are the model's own, as ever
                    _spoil(value)
            else:
                content[name] = "spoilt"
    elif isinstance(content, list):
        for value in content:
            _spoil(value)
        content.append("spoilt")


def test_four_threads_say_what_one_says() -> None:
    trained = province()
    release = Release(trained.release.version, trained.model)
    prediction = trained.model.predict(trained.newest[:40])
    usual = [json.dumps(explained_score(release, prediction, row)) for row in range(40)]
    with ThreadPoolExecutor(4) as threads:
        rows = [*range(40), *range(39, -1, -1)] * 2
        told = threads.map(lambda row: json.dumps(explained_score(release, prediction, row)), rows)
        assert list(told) == [usual[row] for row in rows]


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FACTS", 10)
    book = Phrasebook(RULER)
    for area in range(50):
        book.fact("area", float(area), COMPARED)
    assert book.fact.cache_info().currsize == 10
    assert book.fact("area", 3.0, COMPARED).value == {"zh": "3平方米", "en": "3 m²"}


RULER = catalogue_of(ruler())


def test_a_phrasebook_goes_with_its_catalogue() -> None:
    catalogue = catalogue_of(ruler())
    gone = weakref.ref(catalogue)
    assert phrasebook(catalogue) is phrasebook(catalogue)
    del catalogue
    gc.collect()
    assert gone() is None
