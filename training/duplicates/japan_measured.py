"""How well real programmes are found again in another year, and which pairs were sampled."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from features.duplicates.compared_fields import Compared
from features.duplicates.corpus import Corpus
from features.duplicates.neighbours import near_pairs
from features.duplicates.traits import Traits
from training.duplicates.japan_calibration import TESTED_ON, programme_of, sheets_of

STRATA = ((0.0, 1.5), (1.5, 3.0), (3.0, 6.0), (6.0, np.inf), (-1.5, 0.0))
"""Ranges of the score above the limit, from which pairs are sampled; the last is not found."""
SAMPLED = 25
"""Pairs of each range; of pairs of different names where there are enough, since these are hard."""
_SEED = 20


@dataclass(frozen=True)
class SampledPair:
    """A pair for people to judge. score: above the limit from which pairs are shown."""

    one: Traits
    other: Traits
    score: float
    stratum: int


@dataclass(frozen=True)
class JapanMeasured:
    """Counts of pairs of sheets of two years, and the sample."""

    years: tuple[int, int]
    programmes: int
    found: int
    same_name: int
    not_found: int
    sample: tuple[SampledPair, ...]

    @property
    def recall(self) -> float:
        """Share of the programmes with a sheet in both years that were found."""
        return self.same_name / self.programmes


def measured_on_reviews(file: Path, compared: Compared) -> JapanMeasured:
    """What is found among the sheets of the years that nothing was calibrated on."""
    sheets = sheets_of(file, compared, TESTED_ON)
    corpus = Corpus(sheets)
    pairs = near_pairs(sheets, corpus.marks)
    years = np.array([sheet.year for sheet in sheets])
    pairs = pairs[years[pairs[:, 0]] != years[pairs[:, 1]]]
    points = compared.points["same"]
    score = points.total(corpus.closeness(pairs)) - points.limit
    same = np.array(
        [programme_of(sheets[one]) == programme_of(sheets[other]) for one, other in pairs]
    )
    of_year = [{programme_of(s) for s in sheets if s.year == year} for year in TESTED_ON]
    return JapanMeasured(
        TESTED_ON,
        len(of_year[0] & of_year[1]),
        int((score >= 0).sum()),
        int(((score >= 0) & same).sum()),
        int((score < 0).sum()),
        tuple(_sample(sheets, pairs, score, same)),
    )


def _sample(
    sheets: list[Traits], pairs: np.ndarray, score: np.ndarray, same: np.ndarray
) -> list[SampledPair]:
    rng = np.random.default_rng(_SEED)
    sampled = []
    for place, (low, high) in enumerate(STRATA):
        within = (score >= low) & (score < high)
        rows = rng.permutation(np.flatnonzero(within & ~same))[:SAMPLED]
        if len(rows) < SAMPLED:
            more = rng.permutation(np.flatnonzero(within & same))
            rows = np.concatenate([rows, more[: SAMPLED - len(rows)]])
        sampled += [
            SampledPair(sheets[pairs[r, 0]], sheets[pairs[r, 1]], float(score[r]), place)
            for r in rows
        ]
    return sampled
