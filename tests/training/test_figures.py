"""Figures are SVG whose words can be read, in both languages; what they mark is what is so."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from models.approval import Status, Verdict
from models.explanation import explain_head
from tests.small_model import small
from training import figures
from training.evaluation import evaluate
from training.plots import BAD, GOOD

TEXT = re.compile(r"<text[^>]*>([^<]*)</text>")


def words(svg: str) -> str:
    assert svg.lstrip().startswith("<?xml")
    assert "<script" not in svg
    return " ".join(TEXT.findall(svg))


def _reasons() -> str:
    trained = small()
    prediction = trained.model.predict(trained.newest[:1])
    explained = explain_head(trained.model, prediction, "axis", 0)
    assert explained is not None
    return figures.reasons_figure(explained, trained.model.catalogue)


@pytest.mark.parametrize(
    ("draw", "said"),
    [
        (lambda: figures.outcomes_figure(small().data, "axis"), "历年结果：axis（中）"),
        (lambda: figures.unknown_figure(small().data), "level（中） The level"),
        (lambda: figures.request_figure(small().data), "申报金额 requested"),
        (_reasons, "本项目 this one"),
    ],
)
def test_a_figure_says_what_it_shows_and_is_the_same_again(
    draw: Callable[[], str], said: str
) -> None:
    drawn = draw()
    assert said in words(drawn)
    assert draw() == drawn


def test_a_round_outside_its_band_is_marked() -> None:
    trained = small()
    test = trained.data.where(trained.split.test(trained.data.years))
    found = evaluate(trained.model, test)["axis"]
    inside = {**found.metrics, "in_band": 1.0, "coverage": 0.8}
    outside = {**inside, "in_band": 0.0, "coverage": 0.5}
    good = figures.coverage_figure({2024: replace(found, metrics=inside)})
    bad = figures.coverage_figure({2024: replace(found, metrics=outside)})
    assert GOOD in good
    assert BAD not in good
    assert BAD in bad
    assert "50%" in words(bad)
    assert "axis（中）" in words(figures.ranges_figure(found))
    risk = evaluate(trained.model, test)["risk"]
    assert "预测概率 predicted" in words(figures.calibration_figure({2024: risk}))


def test_failed_gates_are_counted_by_status() -> None:
    given = [
        Verdict(gate="coverage", status=status, reason="so")
        for status in (Status.PASS, Status.PASS, Status.FAIL)
    ]
    drawn = figures.verdicts_figure(given)
    assert "coverage" in words(drawn)
    assert TEXT.findall(drawn).count("2") == TEXT.findall(drawn).count("1") == 1
