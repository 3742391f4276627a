"""Reasons written from pieces: the same text as the first time, whatever was written between."""

from __future__ import annotations

import gc
import json
import weakref
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from models.explanation import ExplainedHead, explain_heads
from models.reasons import Reason
from models.registry import Release
from serving.wording import head_writer as module
from serving.wording.envelope import encoded
from serving.wording.explained_score import explained_score
from serving.wording.head_writer import PIECES, HeadWriter, head_writer
from serving.wording.kept_pieces import KeptPieces
from serving.wording.phrasebook import phrasebook
from serving.wording.shown_number import number
from serving.wording.written import Written, read
from tests.rulers import catalogue_of, ruler
from tests.small_model import Trained, province, small


def _answers(trained: Trained, rows: range) -> list[bytes]:
    prediction = trained.model.predict(trained.newest[:40])
    return [encoded(explained_score(trained.release, prediction, row)) for row in rows]


def _as_objects(trained: Trained, name: str, reason: Reason) -> dict[str, Any]:
    """A reason as JSON, field by field."""
    catalogue = trained.model.catalogue
    part = "factor" if catalogue.head(name).kind == "amount" else "contribution"
    found: dict[str, Any] = {
        "indicator": reason.indicator or "joint_effect",
        "dimension": reason.dimension,
        part: number(reason.contribution),
        "text": phrasebook(catalogue).sentence(name, reason),
    }
    if reason.log_odds is not None:
        found["log_odds"] = number(reason.log_odds)
    if reason.indicator is None:
        return found | {"joint": list(reason.joint)}
    indicator, compared = catalogue.by_name[reason.indicator], reason.compared
    assert compared is not None
    return found | {
        "label": indicator.label.as_json(),
        "source": indicator.source.value,
        "value": reason.value,
        "value_text": phrasebook(catalogue).value(reason.indicator, reason.value),
        "compared": phrasebook(catalogue)
        .frame(reason.indicator, compared, reason.value == compared.typical)["en"]
        .compared,
        "comparison": {
            "typical": compared.typical,
            "share": round(compared.share, 3),
            "projects": compared.projects,
            "years": [compared.first_year, compared.last_year],
        },
    }


@pytest.mark.parametrize("model", [province, small])
def test_what_is_written_is_every_field_in_its_order(model: Any) -> None:
    trained = model()
    writer = HeadWriter(trained.model.catalogue)
    prediction = trained.model.predict(trained.newest[:40])
    for row in range(40):
        for name, head in explain_heads(trained.model, prediction, row).items():
            told = [_as_objects(trained, name, reason) for reason in head.reasons]
            assert json.dumps(writer.reasons(head).read()) == json.dumps(told)
            parts = [part for each in writer.dimensions(head) for part in list(each.values())[2:]]
            assert parts == [number(part) for part in head.dimensions.values()]


def test_an_answer_does_not_depend_on_those_before_it(monkeypatch: pytest.MonkeyPatch) -> None:
    trained = province()
    usual = _answers(trained, range(40))
    monkeypatch.setattr(module, "PIECES", 3)  # hardly anything is kept
    # and that not for long
    monkeypatch.setattr("serving.wording.explained_score.head_writer", HeadWriter)
    assert _answers(trained, range(39, -1, -1)) == usual[::-1]


def test_control_a_memory_that_took_one_value_for_another_is_noticed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    trained = province()
    usual = _answers(trained, range(40))
    careless = HeadWriter(trained.model.catalogue)
    right, seen = careless._written_fact, dict[str, Any]()
    careless._facts = KeptPieces(lambda of: seen.setdefault(of[0].name, right(of)), PIECES)
    monkeypatch.setattr("serving.wording.explained_score.head_writer", lambda catalogue: careless)
    assert _answers(trained, range(40)) != usual


def test_what_is_done_to_an_answer_does_not_reach_the_next() -> None:
    trained = small()
    prediction = trained.model.predict(trained.newest[:1])
    first = explained_score(trained.release, prediction, 0)
    before = encoded(first)
    _spoil(first)
    assert json.dumps(first, default=read) != json.dumps(json.loads(before))  # control
    assert encoded(explained_score(trained.release, prediction, 0)) == before


def _spoil(content: object) -> None:
    """Everything in a head's words and numbers is overwritten."""
    if isinstance(content, dict):
        for name, value in content.items():
            if not isinstance(value, dict | list | Written):
                content[name] = "spoilt"
            elif name not in ("thresholds", "no_range"):  # which are the model's own, as ever
                _spoil(value)
    elif isinstance(content, list | Written):
        for value in content:
            _spoil(value)


def test_four_threads_say_what_one_says() -> None:
    trained = province()
    release = Release(trained.release.version, trained.model)
    prediction = trained.model.predict(trained.newest[:40])
    usual = [encoded(explained_score(release, prediction, row)) for row in range(40)]
    with ThreadPoolExecutor(4) as threads:
        rows = [*range(40), *range(39, -1, -1)] * 2
        told = threads.map(lambda row: encoded(explained_score(release, prediction, row)), rows)
        assert list(told) == [usual[row] for row in rows]


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    trained = province()
    monkeypatch.setattr(module, "PIECES", 10)
    writer = HeadWriter(trained.model.catalogue)
    prediction = trained.model.predict(trained.newest[:5])
    heads: list[ExplainedHead] = [
        head for row in range(5) for head in explain_heads(trained.model, prediction, row).values()
    ]
    for head in heads:
        writer.reasons(head)
    assert len(writer._facts) == 10
    assert [len(kept) for kept in writer._effects.values()] == [10] * len(trained.model.heads)


def test_a_writer_goes_with_its_catalogue() -> None:
    catalogue = catalogue_of(ruler())
    gone = weakref.ref(catalogue)
    assert head_writer(catalogue) is head_writer(catalogue)
    del catalogue
    gc.collect()
    assert gone() is None
