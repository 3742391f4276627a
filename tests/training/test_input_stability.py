"""Every input of a model is looked at, and how far it has moved."""

from __future__ import annotations

from models.monitoring.shift import Verdict
from tests.small_model import small
from training.input_stability import input_shifts


def test_every_input_of_a_model_is_looked_at() -> None:
    trained = small()
    learned = trained.data.where(~trained.split.test(trained.data.years)).projects
    found = input_shifts(trained.model, learned, trained.newest)
    read = {n for head in trained.model.heads.values() for n in head.central.features}
    assert {each.indicator for each in found} == read
    assert all(each.verdict is Verdict.STABLE for each in found)
    assert [each.effect for each in found] == sorted((e.effect for e in found), reverse=True)
