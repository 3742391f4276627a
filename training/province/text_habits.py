"""How much each project says, and where it says nothing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from training.province.randomness import stream
from training.province.series import BLOCK, Series

MOST_SENTENCES, MOST_SUMMARY = 5, 3


@dataclass(frozen=True)
class TextHabits:
    """One entry per series: texts change little while a project continues."""

    sentences: np.ndarray  # of the necessity text; 0 = missing
    summary_sentences: np.ndarray  # of the summary, 1–3
    plan_sentences: np.ndarray  # of the plan; 0 = missing
    feasibility: np.ndarray  # whether given
    measure: np.ndarray  # whether the cost derivation is given
    copied: np.ndarray  # the necessity repeats the summary


def draw_text_habits(seed: int, block: int, series: Series) -> TextHabits:
    """The habits of the series of one block."""
    rng = stream(seed, block, "text habits")
    said = 1 + np.floor(series.wordiness * MOST_SENTENCES).astype(int)
    missing = rng.random(BLOCK) < np.where(series.sloppy, 0.25, 0.06)
    no_plan = rng.random(BLOCK) < np.where(series.sloppy, 0.35, 0.10)
    summary = np.clip(said + rng.integers(-1, 1, BLOCK), 1, MOST_SUMMARY)
    own = np.where(series.copied, summary, np.minimum(said, MOST_SENTENCES))
    return TextHabits(
        sentences=np.where(missing, 0, own),
        summary_sentences=summary,
        plan_sentences=np.where(no_plan, 0, np.clip(said - 1, 1, 3)),
        feasibility=rng.random(BLOCK) < 0.55,
        measure=rng.random(BLOCK) < np.where(series.sloppy, 0.5, 0.85),
        copied=series.copied & ~missing,
    )
