"""Where the time goes from JSON text to explained score: the share of each stage."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from benchmarks.sample import Sample
from benchmarks.sizes import Sizes
from benchmarks.stages import ASSEMBLY, READING, STAGES, Stages
from benchmarks.subject import Subject
from features.strict_json import read_json
from serving.appraisal import appraise, appraise_batch

ONE, BATCH = "one project", "batch"
_IN_BATCH = 500
_SINGLES = 50


@dataclass(frozen=True)
class TimeSpent:
    """By "one project" and "batch", the share of each stage. batch: how many projects.

    gone: stages whose functions are not there any more, so that their time is booked on whatever
    calls them.
    """

    batch: int
    shares: Mapping[str, Mapping[str, Sample]]
    gone: tuple[str, ...]


def measure(measured: Subject, sizes: Sizes) -> TimeSpent:
    """The shares of one project and of a batch, each stage without those inside it."""
    many = measured.documents[: min(_IN_BATCH, 10 * sizes.batch)]
    one, gone = _shares(measured, [measured.example], min(_SINGLES, sizes.singles))
    batch, _ = _shares(measured, many, sizes.repeats)
    return TimeSpent(len(many), {ONE: one, BATCH: batch}, tuple(gone))


def _shares(
    measured: Subject, documents: list[Any], repeats: int
) -> tuple[dict[str, Sample], list[str]]:
    texts = [json.dumps(document, ensure_ascii=False) for document in documents]
    found: dict[str, list[float]] = {stage: [] for stage in STAGES}
    for _ in range(repeats):
        stages = Stages()
        with stages.watched():
            read = stages.spent(READING, lambda: [read_json(text).value for text in texts])
            stages.spent(ASSEMBLY, partial(_answered, measured, read))
        for stage, share in stages.shares().items():
            found[stage].append(share)
    return {stage: Sample(tuple(shares)) for stage, shares in found.items()}, stages.gone


def _answered(measured: Subject, documents: list[Any]) -> None:
    if len(documents) == 1:
        appraise(documents[0], measured.release)
    else:
        appraise_batch(documents, measured.release)
