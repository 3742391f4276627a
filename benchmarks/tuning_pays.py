"""Whether a search for tree settings pays: the same model with and without it, on later rounds."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields

import numpy as np

from benchmarks.markdown import paragraph, table
from features.head_declaration import HeadKind
from features.operations import Numbers
from training.appraisal_data import AppraisalData
from training.evaluation import HeadEvaluation, evaluate
from training.growing import TreeSettings
from training.rolling_origins import ORIGINS
from training.split import TimeSplit
from training.train import TrainingSettings, train
from training.tuning import SPACE, Search, SearchBudget, tuned_settings

_SURE = 1.96
KEPT, BETTER, WORSE, EQUAL = "defaults kept", "better", "worse", "no difference beyond chance"
VERDICTS = (BETTER, WORSE, EQUAL, KEPT)
MEASURE = {
    HeadKind.SCORE: "mean squared error, points²",
    HeadKind.AMOUNT: "mean error of the logarithm",
    HeadKind.PROBABILITY: "Brier score",
}


@dataclass(frozen=True)
class HeadComparison:
    """One head with its default and its tuned settings, on the same later projects.

    default, tuned: (n,), each project's loss. search: what was found, on past rounds.
    """

    search: Search
    measure: str
    default: Numbers
    tuned: Numbers

    @property
    def gain(self) -> float:
        """By how much the mean loss fell, a share of the default's."""
        return 1 - float(self.tuned.mean() / self.default.mean())

    @property
    def uncertainty(self) -> float:
        """Half the width of the 95 % interval of `gain`, from the paired differences."""
        apart = self.default - self.tuned
        return _SURE * float(apart.std() / np.sqrt(len(apart)) / self.default.mean())

    @property
    def verdict(self) -> str:
        """What the test rounds say of the search, in a word."""
        if self.search.settings == self.search.given:
            return KEPT
        if abs(self.gain) <= self.uncertainty:
            return EQUAL
        return BETTER if self.gain > 0 else WORSE


@dataclass(frozen=True)
class Comparison:
    """One data set: its size, what the search cost, and each head's comparison."""

    name: str
    rows: int
    tested: int
    years: tuple[int, int]
    seconds: float
    heads: tuple[HeadComparison, ...]


def compare(
    name: str, data: AppraisalData, budget: SearchBudget, say: Callable[[str], None] = print
) -> Comparison:
    """The comparison on the last round of a data set, the ones before being learned from."""
    given = TrainingSettings.usual(TimeSplit.of(data.years), data.catalogue)
    found: dict[str, Search] = {}

    def ended(search: Search) -> None:
        found[search.head] = search
        say(f"{name}: {search.head}: {search.trials} settings tried")

    started = time.monotonic()
    tuned = tuned_settings(data, given, budget, ended)
    seconds = time.monotonic() - started
    test = data.where(given.split.test(data.years))
    before, after = (evaluate(train(data, settings), test) for settings in (given, tuned))
    heads = tuple(
        HeadComparison(found[head], MEASURE[e.declaration.kind], _losses(e), _losses(after[head]))
        for head, e in before.items()
    )
    years = (int(data.years.min()), int(data.years.max()))
    return Comparison(name, len(data.projects), len(test.projects), years, seconds, heads)


def _losses(found: HeadEvaluation) -> Numbers:
    if found.declaration.kind is HeadKind.AMOUNT:
        paid = found.outcome > 0
        apart = np.log(found.predicted[paid]) - np.log(found.outcome[paid])
        return np.asarray(np.abs(apart), dtype=np.float64)
    return np.asarray((found.predicted - found.outcome) ** 2, dtype=np.float64)


def page(comparisons: list[Comparison], budget: SearchBudget, machine: str) -> str:
    """The page that reports the comparisons, in Markdown."""
    return "\n".join(_page(comparisons, budget, machine)) + "\n"


def _page(comparisons: list[Comparison], budget: SearchBudget, machine: str) -> Iterator[str]:
    yield "# Does tuning pay?"
    yield ""
    yield from paragraph(
        "`lingji train --tune N` tries N settings per head, the defaults first. A trial is judged "
        "by forecasts of past rounds, each from the rounds before it (rolling origins); the round "
        "kept for testing takes no part, and a test proves it. Kept are the cheapest to explain of "
        "the settings that forecast as well as the best, and never dearer ones than the defaults "
        "unless they are better beyond the noise. The same N on the same data finds the same "
        "settings. `--tune-seconds` bounds the search by time instead, or as well; what it finds "
        "then depends on the machine."
    )
    yield ""
    yield from paragraph(_conclusion(comparisons))
    yield ""
    yield from paragraph(
        "This page is written by `python -m benchmarks tuning`, the search having tried "
        f"{budget.trials} settings per head. Machine: {machine}."
    )
    yield ""
    yield "## What is searched"
    yield ""
    yield from table(
        ("setting", "defaults of the heads", "least", "greatest"),
        [(n, _defaults(comparisons, n), f"{a:g}", f"{b:g}") for n, (a, b) in SPACE.items()],
    )
    yield ""
    yield from paragraph(
        "All on a logarithmic scale, by a tree-structured Parzen estimator with a fixed seed. The "
        "criterion is the squared error for a score, the log loss for a probability, and for an "
        "amount the pinball loss of its logarithm over both ends and the middle of its range. "
        f"Up to {ORIGINS} rounds are forecast, from windows of the same length, so that with few "
        "rounds the windows are shorter than what the final model learns from (four learned "
        "rounds leave windows of one); settings chosen for less data are a little cautious."
    )
    yield ""
    yield from paragraph(
        "The price of an explanation is the number of splits, trees × (leaves − 1), which its time "
        "grows with (docs/performance.md shows how). Within the noise is what lies within one "
        "standard error, taken from the paired losses of the same projects (the one-standard-error "
        "rule of Breiman et al., 1984)."
    )
    for comparison in comparisons:
        yield ""
        yield from _section(comparison)


def _section(found: Comparison) -> Iterator[str]:
    yield f"## {found.name}"
    yield ""
    yield from paragraph(
        f"{found.rows:,} projects of {found.years[0]}–{found.years[1]}, tested on the "
        f"{found.tested:,} of the last round; the search took {found.seconds:,.0f} s. Gain: how "
        "much smaller the mean loss on the test round is, with its 95 % interval from the paired "
        "differences; a minus is a loss. The interval knows nothing of how rounds differ."
    )
    yield ""
    yield from table(
        (
            *("head", "measure on the test round", "default", "tuned", "gain", "verdict"),
            *("past gain", "best past gain", "price"),
        ),
        [
            (
                h.search.head,
                h.measure,
                f"{h.default.mean():.4g}",
                f"{h.tuned.mean():.4g}",
                f"{h.gain:+.1%} ± {h.uncertainty:.1%}",
                h.verdict,
                f"{1 - h.search.loss / h.search.default_loss:+.1%}",
                f"{1 - h.search.best_loss / h.search.default_loss:+.1%}",
                f"{h.search.default_price:,} → {h.search.price:,}",
            )
            for h in found.heads
        ],
    )
    yield ""
    yield from paragraph(
        "Past gain: what the criterion promised on past rounds; best: of the settings with the "
        "smallest loss, whatever their price. Price: splits, default → tuned. Settings found:"
    )
    yield ""
    yield from table(
        ("head", *SPACE),
        [(h.search.head, *_shown(h.search.settings)) for h in found.heads],
    )


def _defaults(comparisons: list[Comparison], name: str) -> str:
    """The values of a setting that the heads have without a search, each once."""
    given = (head.search.given for found in comparisons for head in found.heads)
    return ", ".join(dict.fromkeys(f"{getattr(each, name):g}" for each in given))


def _conclusion(comparisons: list[Comparison]) -> str:
    """What all the comparisons say together, in sentences that follow the figures."""
    verdicts = Counter(head.verdict for found in comparisons for head in found.heads)
    told = ", ".join(f"{verdicts[word]} {word}" for word in VERDICTS)
    pays = verdicts[BETTER] > verdicts[WORSE]
    advice = (
        "It may pay in accuracy: try it, and compare the candidate before promoting it."
        if pays
        else "At this budget it does not pay in accuracy: a gain on past rounds of a per cent or "
        "two is mostly the luck of the best of many trials."
    )
    before, after = (
        sum(getattr(head.search, price) for found in comparisons for head in found.heads)
        for price in ("default_price", "price")
    )
    cost = (
        f"All explanations together cost {after / before:.0%} of what the defaults' do, in splits."
    )
    return f"**Of {verdicts.total()} heads: {told}.** {advice} {cost}"


def _shown(settings: TreeSettings) -> list[str]:
    known = {field.name for field in fields(settings)}
    return [f"{getattr(settings, name):.3g}" for name in SPACE if name in known]
