"""The comparison of a challenger with the model in service: what the gates of a release judge.

It is written once, by the run that trained the challenger, and read only if it is of this shape.
Its digest is that of its file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from features.form import Count, Digest, Form, Moment, Share
from features.head_declaration import HeadKind

FORMAT: Literal[1] = 1
FOLDER = "comparisons"
Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Indicator = Annotated[str, StringConstraints(min_length=1, max_length=500)]


class Better(StrEnum):
    """Which way a metric is better; `near` means nearest to its nominal level."""

    LOWER = "lower"
    HIGHER = "higher"
    NEAR = "near"


class ComparedMetric(Form):
    """One metric of both models on the same `n` projects.

    difference: challenger − champion, with the paired interval `low`…`high`. None where a number
    cannot be told, or where there is no champion. nominal: the level that `near` is near to.
    """

    challenger: float | None
    champion: float | None = None
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    n: Count
    better: Better
    nominal: Share | None = None

    @model_validator(mode="after")
    def _meant(self) -> ComparedMetric:
        if (self.better is Better.NEAR) != (self.nominal is not None):
            raise ValueError("a nominal level exactly where better is near")
        if (self.low is None) != (self.high is None):
            raise ValueError("both ends of the interval or neither")
        if self.low is not None and self.high is not None and self.low > self.high:
            raise ValueError("low at most high")
        return self


Metrics = dict[Name, ComparedMetric]


class ComparedHead(Form):
    """One head's metrics, over all and in each group, `<indicator>=<code>`."""

    kind: Annotated[HeadKind, Field(strict=False)]
    metrics: Metrics
    groups: dict[Annotated[str, StringConstraints(pattern=r"^[^=]+=.*$")], Metrics] = Field(
        default_factory=dict
    )

    def everywhere(self) -> Iterator[tuple[str, Metrics]]:
        """The metrics over all under "", then those of each group."""
        yield "", self.metrics
        yield from self.groups.items()


class ComparedModel(Form):
    """One of the two models: the version's number, its bundle's digest, its run."""

    version: Annotated[int, Field(ge=1)]
    digest: Digest
    run: str


class ComparedData(Form):
    """The later data on which both were measured."""

    digest: Annotated[str, StringConstraints(pattern=r"^sha256:")]
    rounds: tuple[int, ...]
    projects: Count
    simulated: bool


class Effects(Form):
    """What moves the challenger's heads that must not, on their additive scales: head → greatest
    change. `climb`: the mean gain of changing declared facts alone."""

    zero_base: dict[Name, float]
    identity: dict[Name, dict[Name, float]]
    climb: dict[Name, float]


class SameProjects(Form):
    """What changed for projects that both models answered; None where it cannot be told."""

    grade_flips: Share | None
    rank_correlation: Annotated[float, Field(ge=-1, le=1)] | None
    changed_top_reasons: Share | None
    projects: Count


class DataQuality(Form):
    """What was found in the outcomes that were learned from, each named in one line.

    duplicates: the same project and year twice. impossible: labels outside their range. changed:
    labels that differ from last time. lifted: departments or contributors whose past labels stand
    out.
    """

    duplicates: tuple[Indicator, ...] = ()
    impossible: tuple[Indicator, ...] = ()
    changed: tuple[Indicator, ...] = ()
    lifted: tuple[Indicator, ...] = ()

    def flagged(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Each kind of finding with what it found."""
        yield "duplicates", self.duplicates
        yield "impossible", self.impossible
        yield "changed", self.changed
        yield "lifted", self.lifted


class Comparison(Form):
    """A challenger compared with the model in service, or with none before the first release."""

    format: Literal[1]
    catalogue: Name
    made: Moment
    challenger: ComparedModel
    champion: ComparedModel | None
    data: ComparedData
    heads: dict[Name, ComparedHead]
    effects: Effects
    same_projects: SameProjects | None
    data_quality: DataQuality


def comparison_path(folder: Path, challenger: int, champion: int | None) -> Path:
    """Where the comparison of two versions is, under the registry's folder of a catalogue."""
    return folder / FOLDER / f"{challenger}-{champion if champion is not None else 'none'}.json"


def write_comparison(comparison: Comparison, folder: Path) -> Path:
    """The file that now holds a comparison, under the registry's folder of a catalogue."""
    champion = comparison.champion.version if comparison.champion else None
    path = comparison_path(folder, comparison.challenger.version, champion)
    path.parent.mkdir(parents=True, exist_ok=True)
    waiting = path.with_suffix(".new")
    waiting.write_bytes(comparison.to_bytes())
    waiting.replace(path)
    return path


def metrics_of(
    heads: Mapping[str, ComparedHead],
) -> Iterator[tuple[str, str, str, ComparedMetric]]:
    """Every metric with its head, its group ("" for all) and its name."""
    for head, compared in heads.items():
        for group, metrics in compared.everywhere():
            for name, metric in metrics.items():
                yield head, group, name, metric
