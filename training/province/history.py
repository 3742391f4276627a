"""History and findings of a project, as its own earlier rounds left them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa

from training.province.life import FINDINGS_LISTED
from training.province.nested import date_texts, integers, list_of_records, numbers, pick, texts
from training.province.outcomes import FINDING_SOURCES, FINDING_TYPES
from training.province.randomness import stream
from training.province.rounds import Round
from training.province.rows import Rows

HISTORY_YEARS = 7  # as long as a series can be
EVALUATION_TYPES = np.array(["SELF", "DEPT", "FINANCE"])
_EVALUATION_SHARE = (0.45, 0.35, 0.20)
_FINDING_SHARE = (0.35, 0.20, 0.20, 0.05, 0.20)
_SOURCE_SHARE = (0.5, 0.4, 0.1)


class _Past:
    """The rounds before each row, oldest first: projects × rounds back."""

    def __init__(self, rows: Rows, years: int) -> None:
        back = rows.round[:, None] - np.arange(years, 0, -1)
        self._rows, self._round = rows, np.maximum(back, 0)
        self._exists = back >= 0
        self.year = rows.block.span.year(0) + back

    def where(self, values: Callable[[Round], np.ndarray]) -> np.ndarray:
        return self.of(values) & self._exists

    def of(self, values: Callable[[Round], np.ndarray]) -> np.ndarray:
        return self.drawn(self._rows.stacked(values))

    def drawn(self, stacked: np.ndarray) -> np.ndarray:
        drawn: np.ndarray = stacked[self._round, self._rows.series[:, None]]
        return drawn

    def rounds_since(self) -> np.ndarray:
        return self._rows.round[:, None] - self._round


def history_column(rows: Rows) -> pa.Array:
    """`history` of each project: budget, execution, evaluation of every funded earlier year."""
    past = _Past(rows, HISTORY_YEARS)
    funded = past.where(lambda r: r.funding.funded)
    shape = (len(rows.block.rounds), len(rows.block.series.number))
    rng = stream(rows.block.seed, rows.block.number, "evaluation types")
    kind = past.drawn(rng.choice(3, p=_EVALUATION_SHARE, size=shape))[funded]
    score = past.of(lambda r: r.funding.evaluation)[funded]
    fields = {
        "year": integers(past.year[funded]),
        "budget_amt": numbers(past.of(lambda r: r.funding.budget)[funded]),
        "adjusted_amt": numbers(past.of(lambda r: r.funding.adjusted)[funded]),
        "executed_amt": numbers(past.of(lambda r: r.funding.executed)[funded]),
        "eval_score": numbers(score),
        "eval_type": texts(EVALUATION_TYPES[kind], np.isnan(score)),
    }
    return list_of_records(funded.sum(axis=1), fields)


def findings_column(rows: Rows) -> pa.Array:
    """`findings` of each project about its execution in the last three rounds."""
    past = _Past(rows, FINDINGS_LISTED)
    found = past.where(lambda r: r.funding.found)
    shape = (len(rows.block.rounds), len(rows.block.series.number))
    rng = stream(rows.block.seed, rows.block.number, "findings")
    kind = past.drawn(rng.choice(len(FINDING_TYPES), p=_FINDING_SHARE, size=shape))[found]
    source = past.drawn(rng.choice(len(FINDING_SOURCES), p=_SOURCE_SHARE, size=shape))[found]
    share = past.drawn(rng.beta(1.2, 12, size=shape))[found]
    day = past.drawn(rng.integers(0, 336, size=shape))[found]
    still = past.of(lambda r: r.funding.open_for) >= past.rounds_since()
    amount = np.round(past.of(lambda r: r.funding.budget)[found] * share, 2)
    fields = {
        "source": pick(FINDING_SOURCES, source),
        "type": pick(FINDING_TYPES, kind),
        "date": date_texts(past.year[found], day),
        "amount": numbers(amount),
        "rectified": pa.array(~still[found]),
    }
    return list_of_records(found.sum(axis=1), fields)
