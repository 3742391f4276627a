"""The promises on the Japanese reviews, each with what was measured."""

from __future__ import annotations

from collections.abc import Iterator

from training.results.japan_amount import AmountResult
from training.results.japan_floors import COVERAGE, FLOORS, PINBALL_FLOOR, Verdict
from training.results.japan_probability import ProbabilityResult
from training.results.japan_results import JapanResults
from training.results.markdown import figure, percent


def verdicts(results: JapanResults) -> list[Verdict]:
    """Every promise, in the order of the page."""
    found = [v for one in results.probabilities for v in _of_probability(one)]
    return [*found, *_of_amount(results.amount)]


def _of_probability(one: ProbabilityResult) -> Iterator[Verdict]:
    floor, model = FLOORS[one.head], one.model
    for name, measured, least in (
        ("AUC", model.total, floor.total),
        ("AUC within ministry", model.within, floor.within),
    ):
        promise = f"{one.head}: {name}"
        yield Verdict(promise, figure(measured), figure(least), measured >= least)
    yield Verdict(
        f"{one.head}: AUC, programmes not seen before",
        f"{figure(model.unseen)} ± {figure(one.unseen_error)}",
        figure(floor.unseen),
        model.unseen >= floor.unseen,
    )
    brier = f"{one.head}: Brier score"
    yield Verdict(brier, figure(model.brier, 4), figure(floor.brier, 4), model.brier <= floor.brier)


def _of_amount(amount: AmountResult) -> Iterator[Verdict]:
    names = ("low end", "middle", "high end")
    for name, measured, most in zip(names, amount.pinball_shown, PINBALL_FLOOR, strict=True):
        promise = f"executed_amount: pinball loss of the {name}"
        yield Verdict(promise, figure(measured), figure(most), measured <= most)
    low, high = COVERAGE
    coverage = amount.shown.coverage
    yield Verdict(
        "executed_amount: coverage of the 80 % range",
        percent(coverage),
        f"{100 * low:.0f}–{100 * high:.0f} %",
        low <= coverage <= high,
    )
    for name, outside in (
        ("its own 99 % band", [one.group for one in amount.groups if one.outside]),
        ("the band for all at once", [one.group for one in amount.groups if one.far_outside]),
    ):
        yield Verdict(
            f"executed_amount: every group of 100 or more inside {name}",
            f"outside: {', '.join(outside) or 'none'}",
            "none outside",
            not outside,
        )
