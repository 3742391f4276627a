"""The stages of the budget process, to which what is predicted belongs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import TypeVar

from features.field import Label

T = TypeVar("T")


class Stage(StrEnum):
    """A stage of the budget process, in its order."""

    BUDGETING = "budgeting"
    APPRAISAL = "appraisal"
    EXECUTION = "execution"
    EVALUATION = "evaluation"


STAGES: Mapping[Stage, Label] = {
    Stage.BUDGETING: Label(zh="预算编制", en="Budget preparation"),
    Stage.APPRAISAL: Label(zh="项目审核", en="Project appraisal"),
    Stage.EXECUTION: Label(zh="预算执行", en="Budget execution"),
    Stage.EVALUATION: Label(zh="绩效评价", en="Performance evaluation"),
}
"""The words of each stage, in the order of the process."""


def in_order(staged: Iterable[tuple[Stage | None, T]]) -> Iterator[tuple[Stage | None, T]]:
    """The same in the order of the process; what has no stage comes last, else as it came."""
    order = {stage: place for place, stage in enumerate(STAGES)}
    told = list(staged)
    told.sort(key=lambda each: len(order) if each[0] is None else order[each[0]])
    return iter(told)
