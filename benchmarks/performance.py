"""What training and explained scores cost beside bare LightGBM, and where the time goes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np

from benchmarks import bare
from benchmarks.page import table
from benchmarks.stages import ASSEMBLY, CONTRIBUTIONS, PREDICTIONS, READING, STAGES, Stages
from benchmarks.subject import Subject, subject
from benchmarks.timing import Timing, taken_in_turn
from features.declared_project import parse_project
from features.strict_json import read_json
from serving.appraisal import appraise, appraise_batch
from training.fit_head import fit_head
from training.growing import TreeSettings
from training.train import train

OURS, BARE, CONTRIB = "Lingji", "predict", "pred_contrib"
LIGHTGBM = (PREDICTIONS, CONTRIBUTIONS)


@dataclass(frozen=True)
class Sizes:
    """How much is measured, and how often."""

    projects: int = 6_000
    batch: int = 1_000
    trainings: int = 3
    singles: int = 100
    batches: int = 3
    trees: TreeSettings = field(default_factory=TreeSettings)

    def repeated(self, times: int) -> Sizes:
        """The same sizes with `times` as many repeats."""
        return replace(
            self,
            trainings=self.trainings * times,
            singles=self.singles * times,
            batches=self.batches * times,
        )


@dataclass(frozen=True)
class Figures:
    """What was measured.

    training: head (and "all") → ours and bare. single, batch: ours, `predict` and `pred_contrib`
    of the same heads. shares: where → stage → the share of each repeat, shape (repeats,).
    trees: of all heads. regrown: whether a head is also grown once per past round.
    """

    sizes: Sizes
    trees: int
    regrown: bool
    training: Mapping[str, Mapping[str, Timing]]
    single: Mapping[str, Timing]
    batch: Mapping[str, Timing]
    shares: Mapping[str, Mapping[str, np.ndarray]]


def measure(sizes: Sizes, say: Callable[[str], None] = print) -> Figures:
    """The figures of one run on one bundle."""
    say(f"simulating {sizes.projects:,} projects and training on them")
    with subject(sizes.projects, sizes.batch, sizes.trees) as measured:
        say("training, beside bare LightGBM")
        training = _training(measured, sizes.trainings)
        say("one explained score, beside bare LightGBM")
        release, example, documents = measured.release, measured.example, measured.documents
        single = _scoring(measured, [example], lambda: appraise(example, release), sizes.singles)
        say(f"a batch of {len(documents):,} explained scores, beside bare LightGBM")
        batch = _scoring(
            measured, documents, lambda: appraise_batch(documents, release), sizes.batches
        )
        say("where the time goes")
        shares = {
            "one": _shares(measured, [example], sizes.singles),
            "batch": _shares(measured, documents, sizes.batches),
        }
        heads = release.model.heads.values()
        regrown = any(h.declaration.new_round_confidence is not None for h in heads)
        trees = sum(t.count for h in heads for t in (h.central, *(h.bounds or ())))
    return Figures(sizes, trees, regrown, training, single, batch, shares)


def _training(measured: Subject, repeats: int) -> dict[str, dict[str, Timing]]:
    found: dict[str, dict[str, Timing]] = {}
    every = [bare.training(measured, head) for head in measured.release.model.heads]
    for head in measured.release.model.heads:
        declaration = measured.data.catalogue.head(head)

        def ours(head: str = head, declaration: object = declaration) -> object:
            settings, target = measured.settings.of(head), measured.targets[head]
            return fit_head(declaration, target, measured.rows, settings)  # type: ignore[arg-type]

        tasks = {OURS: ours, BARE: bare.training(measured, head)}
        found[head] = taken_in_turn(tasks, repeats, warmed=False)
    whole = {
        OURS: lambda: train(measured.data, measured.settings),
        BARE: lambda: [task() for task in every],
    }
    found["all heads"] = taken_in_turn(whole, repeats, warmed=False)
    return found


def _scoring(
    measured: Subject, documents: list[Any], ours: Callable[[], object], repeats: int
) -> dict[str, Timing]:
    catalogue = measured.release.model.catalogue
    projects = [parse_project(document, catalogue) for document in documents]
    tasks = {
        OURS: ours,
        BARE: bare.predictions(measured, projects),
        CONTRIB: bare.contributions(measured, projects),
    }
    return taken_in_turn(tasks, repeats)


def _shares(measured: Subject, documents: list[Any], repeats: int) -> dict[str, np.ndarray]:
    texts = [json.dumps(document, ensure_ascii=False) for document in documents]
    found: dict[str, list[float]] = {stage: [] for stage in STAGES}
    for _ in range(repeats):
        stages = Stages()
        with stages.watched():
            read = stages.spent(READING, lambda: [read_json(text).value for text in texts])
            stages.spent(ASSEMBLY, partial(_answered, measured, read))
        for stage, share in stages.shares().items():
            found[stage].append(share)
    return {stage: np.array(shares) for stage, shares in found.items()}


def _answered(measured: Subject, documents: list[Any]) -> None:
    if len(documents) == 1:
        appraise(documents[0], measured.release)
    else:
        appraise_batch(documents, measured.release)


def page(found: Figures, machine: str) -> str:
    """The page that reports the figures, in Markdown."""
    return "\n".join(_page(found, machine)) + "\n"


def _page(found: Figures, machine: str) -> Iterator[str]:
    sizes, rows = found.sizes, found.sizes.batch
    yield "# What it costs"
    yield ""
    yield "Ratios to LightGBM's own bare calls, measured in turn in the same run on the same"
    yield "bundle, so that they mean more than the milliseconds do. Each cell: median, and in"
    yield "brackets the interquartile range. One thread throughout. This page is written by"
    yield "`make bench`; no test has a time limit."
    yield ""
    yield f"Machine: {machine}."
    yield f"Bundle: `zero_base` on {sizes.projects:,} simulated projects with the default settings,"
    yield f"{len(found.training) - 1} heads, {found.trees:,} trees."
    yield ""
    yield "## Explained scores"
    yield ""
    yield "Lingji: a declared project in, the whole explained score out, with ranges, reasons in"
    yield "two languages and similar past projects. LightGBM: the same trees on matrices that are"
    yield "ready; `predict` of every tree, `pred_contrib` of those that are explained."
    yield ""
    yield from table(
        (
            "what",
            "× `predict`",
            "× `pred_contrib`",
            "Lingji, ms",
            "`predict`, ms",
            "`pred_contrib`, ms",
        ),
        [
            _scored("one project", found.single, 1),
            _scored(f"a batch of {rows:,}, per project", found.batch, rows),
        ],
    )
    yield ""
    both = found.batch[BARE].median + found.batch[CONTRIB].median
    yield "An explanation needs both calls. Beside both together the batch takes"
    yield f"{found.batch[OURS].median / both:.1f} times as long: that is the price of everything"
    yield "that is not LightGBM's. The first ratio is large because a bare prediction is cheap, not"
    yield "because anything is predicted twice."
    yield ""
    yield "## Where the time goes"
    yield ""
    yield "Share of the path from JSON text to explained score, each stage without those inside it."
    yield ""
    yield from table(
        ("stage", "one project", f"batch of {rows:,}"),
        [(stage, *(_share(found.shares[w][stage]) for w in ("one", "batch"))) for stage in STAGES],
    )
    yield ""
    yield from _reading_of(found)
    yield "The longer a batch, the more Python's garbage collector has to look through: its time"
    yield "falls on whatever makes the most small objects, which is the words."
    yield ""
    yield "## Training"
    yield ""
    yield "Lingji: a head from its target to its finished state: matrix, trees, calibration, each"
    yield "peer group's mean contributions. LightGBM: `train` alone on the matrix that is ready;"
    yield "for the amount three models with LightGBM's own quantile loss."
    yield ""
    yield from table(
        ("head", "× `train`", "Lingji, ms", "`train`, ms"),
        [
            (head, t[OURS].ratio_to(t[BARE]), t[OURS].milliseconds(), t[BARE].milliseconds())
            for head, t in found.training.items()
        ],
    )
    yield ""
    yield "`all heads` is the whole training, with the indicators of every project, peer groups and"
    yield "past projects. Most of the time of a score or a probability does not go into growing"
    yield "trees but into explaining up to 200 past projects of each peer group, for the mean"
    yield "contributions that later reasons are measured against. The amount costs most beside"
    yield "LightGBM: its quantiles are grown from the mean with a smoothed loss of our own that"
    yield "keeps declared directions, four sets of trees whose derivatives are computed in Python;"
    yield "LightGBM's own loss has no directions."
    if found.regrown:
        yield "A head that asks for ranges that hold in a new round is also grown once per past"
        yield "round that it forecasts."


def _scored(what: str, found: Mapping[str, Timing], per: int) -> tuple[str, ...]:
    ours = found[OURS]
    return (
        what,
        ours.ratio_to(found[BARE]),
        ours.ratio_to(found[CONTRIB]),
        *(found[name].milliseconds(per) for name in (OURS, BARE, CONTRIB)),
    )


def _share(shares: np.ndarray) -> str:
    low, middle, high = np.quantile(shares, [0.25, 0.5, 0.75])
    return f"{middle:.1%} ({low:.1%}–{high:.1%})"


def _reading_of(found: Figures) -> Iterator[str]:
    """What the shares say, in sentences that follow the figures."""
    for where, told in (("one", "One project"), ("batch", "In a batch")):
        middle = {stage: float(np.median(found.shares[where][stage])) for stage in STAGES}
        own = sorted((s for s in STAGES if s not in LIGHTGBM), key=lambda s: -middle[s])
        inside = sum(middle[stage] for stage in LIGHTGBM)
        yield f"{told}: {inside:.0%} is LightGBM itself; the project's own code costs most in"
        yield f"“{own[0]}” ({middle[own[0]]:.0%}) and “{own[1]}” ({middle[own[1]]:.0%})."
