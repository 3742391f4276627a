"""The stages of the budget process, to which what is predicted belongs."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from features.field import Label


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
