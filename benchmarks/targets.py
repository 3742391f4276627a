"""What must be reached, and whether this run reached it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from benchmarks.answering import Answering
from benchmarks.explainers import CONTRIB, OURS, PREDICT
from benchmarks.explaining import OWN, REFERENCE, Explaining
from benchmarks.files import Files
from benchmarks.sample import Ratio
from benchmarks.services import SCORE
from benchmarks.single import NUMBERS, SHAP_NUMPY, Single

REACHED, NOT_REACHED, NOT_MEASURED = "reached", "**not reached**", "not measured"


@dataclass(frozen=True)
class Target:
    """A ratio that must be at most, or at least, a limit; measured: None where it was not."""

    what: str
    limit: float
    at_most: bool
    measured: Ratio | float | None

    @property
    def verdict(self) -> str:
        """Whether the median is on the right side of the limit."""
        if self.measured is None:
            return NOT_MEASURED
        value = self.measured.median if isinstance(self.measured, Ratio) else self.measured
        return (
            REACHED
            if (value <= self.limit if self.at_most else value >= self.limit)
            else (NOT_REACHED)
        )

    @property
    def must_be(self) -> str:
        """The limit in words."""
        return f"{'≤' if self.at_most else '≥'} {self.limit:g}"


def targets(found: Mapping[str, Any]) -> list[Target]:
    """The targets, judged by the results of the sections, by the sections' names."""
    return [
        *_explaining(found.get("explaining")),
        *_single(found.get("single")),
        *_answering(found.get("answering")),
        _files(found.get("files")),
    ]


def _explaining(found: Explaining | None) -> list[Target]:
    def ratio(models: str, over: str, under: str) -> Ratio | None:
        return found.of(models).ratio(over, under) if found else None

    batch = "A batch explained, one thread"
    faster = f"A batch: {CONTRIB} ÷ ours, one thread"
    return [
        Target(f"{batch} ÷ {PREDICT}: {REFERENCE}", 1.5, True, ratio(REFERENCE, OURS, PREDICT)),
        Target(f"{batch} ÷ {PREDICT}: {OWN}", 1.0, True, ratio(OWN, OURS, PREDICT)),
        Target(f"{faster}: {REFERENCE}", 50, False, ratio(REFERENCE, CONTRIB, OURS)),
        Target(f"{faster}: {OWN}", 50, False, ratio(OWN, CONTRIB, OURS)),
    ]


def _single(found: Single | None) -> list[Target]:
    what = f"One project, all heads, in process, again and again: {SHAP_NUMPY} ÷ ours"
    rows = (found.reference, found.own) if found else (None, None)
    return [
        Target(f"{what}: {models}", 12, False, row.ratio(SHAP_NUMPY, NUMBERS) if row else None)
        for models, row in zip((REFERENCE, OWN), rows, strict=True)
    ]


def _answering(found: Answering | None) -> list[Target]:
    usual, ours = "plain BentoML (DataFrame with categories)", "our whole answer, not yet recorded"
    counts = [load.connections for load in found.loads] if found else []
    few, many = (min(counts), max(counts)) if counts else (1, 32)
    p50 = found.p50_ratio(SCORE, few) if found else None
    rate = found.rate_ratio(SCORE, many) if found else None
    return [
        Target(
            f"`POST {SCORE}`, p50: {usual} ÷ {ours}, at {few} connection",
            *(15, False, p50),
        ),
        Target(
            f"`POST {SCORE}`, answers per second: {ours} ÷ {usual}, at {many} connections",
            *(15, False, rate),
        ),
        Target("Wrong answers of ours under load", 0, True, found.errors if found else None),
    ]


def _files(found: Files | None) -> Target:
    ratio = found.memory_ratio if found else None
    what = "File to file: peak memory of the largest ÷ of the smallest file"
    return Target(what, 1.2, True, ratio)
