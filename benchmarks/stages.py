"""Where the time of the main path goes, stage by stage."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import reduce
from importlib import import_module
from typing import Any

READING = "reading the JSON"
VALIDATION = "validation"
INDICATORS = "indicators"
TREES = "trees: as far as they are waited for"
HEADS = "heads: matrices, ranges, peers' means"
REASONS = "reasons: rounding, comparisons"
WORDS = "words in two languages"
SIMILAR = "similar past projects"
ASSEMBLY = "the rest of the answer"

STAGES = (
    READING,
    VALIDATION,
    INDICATORS,
    TREES,
    HEADS,
    REASONS,
    WORDS,
    SIMILAR,
    ASSEMBLY,
)

WATCHED: tuple[tuple[str, str, str], ...] = (
    (VALIDATION, "serving.appraisal", "parse_project"),
    (INDICATORS, "models.model", "indicator_table"),
    (HEADS, "models.model", "Model.predict"),
    (HEADS, "models.heads_together", "HeadsTogether._said"),
    (TREES, "models.walks", "Walks._finished"),
    (REASONS, "serving.wording.explained_score", "appraised_project"),
    (REASONS, "serving.appraisal", "appraised_project"),
    (WORDS, "serving.wording.explained_score", "_head"),
    (SIMILAR, "serving.wording.explained_score", "_similar"),
)
"""The stage that a function's time is booked on, and the function: a module and a name in it.

A stage may have several; those that are not there are passed over.
"""


class Stages:
    """Seconds spent in each stage itself, without the stages that it calls."""

    def __init__(self) -> None:
        self.gone: list[str] = []
        self.seconds: dict[str, float] = dict.fromkeys(STAGES, 0.0)
        self._inside: list[str] = []
        self._since = 0.0

    @contextmanager
    def watched(self, names: tuple[tuple[str, str, str], ...] = WATCHED) -> Iterator[None]:
        """While inside, the functions of the main path are timed.

        `gone` then names the stages none of whose functions was found.
        """
        found: set[str] = set()
        with ExitStack() as undo:
            for stage, module, name in names:
                *path, last = name.split(".")
                try:
                    owner: Any = reduce(getattr, path, import_module(module))
                    usual = getattr(owner, last)
                except (ImportError, AttributeError):
                    continue
                found.add(stage)
                undo.callback(setattr, owner, last, usual)
                setattr(owner, last, self._timed(usual, stage))
            self.gone = sorted({stage for stage, _, _ in names} - found)
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
