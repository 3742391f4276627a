"""Who is better on a head, and whether it is more than chance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

import numpy as np

from benchmarks.model_comparison.answers import Answers
from benchmarks.model_comparison.measures import measures
from features.head_declaration import HeadDeclaration
from features.operations import Numbers
from models.release.comparison import Better
from training.clusters import Clusters
from training.paired_metrics import Metric

ByOrigin = Mapping[str, Sequence[Answers]]


class Verdict(StrEnum):
    """What the interval of a difference says of a contestant beside the project's recipe."""

    BETTER = "better"
    WORSE = "worse"
    LEVEL = "level"


@dataclass(frozen=True)
class Standing:
    """One measure of one contestant, averaged over origins and seeds.

    apart: for the main measure by how large a share the contestant's is larger, for others the
    difference. interval: of `apart`, at 95 %; None where clusters are too few. luck: the standard
    deviation between seeds, of the average over origins; NaN of one seed.
    """

    value: float
    apart: float
    interval: tuple[float, float] | None
    luck: float


@dataclass(frozen=True)
class Contest:
    """One head: each contestant's standing by measure, the main one first.

    seconds: of one fit, on average. tested: how many projects were forecast, over all origins.
    clusters: of how many departments.
    """

    declaration: HeadDeclaration
    measures: tuple[Metric, ...]
    standings: Mapping[str, Mapping[str, Standing]]
    seconds: Mapping[str, float]
    origins: tuple[str, ...]
    tested: int
    clusters: int

    @property
    def main(self) -> Metric:
        """By which a contestant is called better."""
        return self.measures[0]

    def verdict(self, contestant: str) -> Verdict:
        """Whether a contestant is better than the reference beyond chance, by the main measure."""
        found = self.standings[contestant][self.main.name]
        if found.interval is None or found.interval[0] <= 0 <= found.interval[1]:
            return Verdict.LEVEL
        lower = self.main.better is Better.LOWER
        return Verdict.BETTER if (found.apart < 0) == lower else Verdict.WORSE

    @property
    def best(self) -> str:
        """The contestant with the best main measure."""
        values = {name: each[self.main.name].value for name, each in self.standings.items()}
        choose = min if self.main.better is Better.LOWER else max
        return choose(values, key=lambda name: values[name])


def contest(declaration: HeadDeclaration, found: Mapping[str, ByOrigin], reference: str) -> Contest:
    """The standings of one head, each contestant beside the reference on the same resamplings.

    Whole departments are drawn, the same for every contestant, origin and seed.
    """
    origins = tuple(found[reference])
    names = np.concatenate([found[reference][origin][0].clusters for origin in origins])
    every = Clusters.of(names.tolist())
    edges = np.cumsum([0, *(len(found[reference][o][0].clusters) for o in origins)])
    parts = [Clusters(every.member[a:b], every.count) for a, b in pairwise(edges)]
    drawn = np.concatenate([every.once, every.resampled()])
    chosen = tuple(measures(declaration))
    standings: dict[str, dict[str, Standing]] = {name: {} for name in found}
    for place, metric in enumerate(chosen):
        told = {
            name: _told(declaration, metric, [by[origin] for origin in origins], parts, drawn)
            for name, by in found.items()
        }
        for name, values in told.items():
            standings[name][metric.name] = _standing(values, told[reference], every, place == 0)
    seconds = {
        name: float(np.mean([told.seconds for origin in origins for told in by[origin]]))
        for name, by in found.items()
    }
    return Contest(declaration, chosen, standings, seconds, origins, len(names), every.count)


def _told(
    declaration: HeadDeclaration,
    metric: Metric,
    answers: Sequence[Sequence[Answers]],
    parts: Sequence[Clusters],
    drawn: Numbers,
) -> Numbers:
    """The measure by seed and drawing, averaged over the origins: (seeds, drawings)."""
    found = [
        [metric.of(declaration, told.side, part)(drawn) for told in by_seed]
        for by_seed, part in zip(answers, parts, strict=True)
    ]
    return np.asarray(np.mean(found, axis=0), dtype=np.float64)


def _standing(values: Numbers, reference: Numbers, every: Clusters, relative: bool) -> Standing:
    own, other = values.mean(axis=0), reference.mean(axis=0)
    apart = own / other - 1 if relative else own - other
    interval = None
    if np.isfinite(apart[0]):
        interval = every.interval(float(apart[0]), apart[1:])
    luck = float(values[:, 0].std(ddof=1)) if len(values) > 1 else float("nan")
    return Standing(float(own[0]), float(apart[0]), interval, luck)
