"""Where the time of the main path goes, stage by stage."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from models.model import Model
from models.trees import Trees
from serving import appraisal, explained_score

READING = "reading the JSON"
VALIDATION = "validation"
INDICATORS = "indicators"
PREDICTIONS = "LightGBM: predictions"
CONTRIBUTIONS = "LightGBM: contributions"
HEADS = "heads: matrices, ranges, peers' means"
REASONS = "reasons: rounding, comparisons"
WORDS = "words in two languages"
SIMILAR = "similar past projects"
ASSEMBLY = "the rest of the answer"

STAGES = (
    READING,
    VALIDATION,
    INDICATORS,
    PREDICTIONS,
    CONTRIBUTIONS,
    HEADS,
    REASONS,
    WORDS,
    SIMILAR,
    ASSEMBLY,
)

_WATCHED: tuple[tuple[Any, str, str], ...] = (
    (appraisal, "parse_project", VALIDATION),
    (Model, "predict", HEADS),
    (Trees, "predict", PREDICTIONS),
    (Trees, "contributions", CONTRIBUTIONS),
    (explained_score, "explain_head", REASONS),
    (explained_score, "_reason", WORDS),
    (explained_score, "_similar", SIMILAR),
)


class Stages:
    """Seconds spent in each stage itself, without the stages that it calls."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = dict.fromkeys(STAGES, 0.0)
        self._inside: list[str] = []
        self._since = 0.0

    @contextmanager
    def watched(self) -> Iterator[None]:
        """While inside, the functions of the main path are timed."""
        import models.model

        watched = (*_WATCHED, (models.model, "indicator_table", INDICATORS))
        with ExitStack() as undo:
            for owner, name, stage in watched:
                usual = getattr(owner, name)
                undo.callback(setattr, owner, name, usual)
                setattr(owner, name, self._timed(usual, stage))
            yield

    def spent(self, stage: str, task: Callable[[], Any]) -> Any:
        """What a task returns, its time booked on a stage."""
        return self._timed(task, stage)()

    def shares(self) -> dict[str, float]:
        """The share of each stage in the whole."""
        whole = sum(self.seconds.values())
        return {stage: self.seconds[stage] / whole for stage in STAGES}

    def _timed(self, usual: Callable[..., Any], stage: str) -> Callable[..., Any]:
        def timed(*given: Any, **named: Any) -> Any:
            self._turn()
            self._inside.append(stage)
            try:
                return usual(*given, **named)
            finally:
                self._turn()
                self._inside.pop()

        return timed

    def _turn(self) -> None:
        """Book the time since the last turn on the stage that was running."""
        now = time.perf_counter()
        if self._inside:
            self.seconds[self._inside[-1]] += now - self._since
        self._since = now
