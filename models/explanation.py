"""An explained head: a prediction as shown, with reasons that add up to it exactly as shown."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from features.head_declaration import HeadDeclaration, HeadKind
from models.head import HeadPrediction
from models.margin_map import probability
from models.model import Model, Prediction
from models.part_scale import (
    FACTORS,
    LOG_ODDS,
    POINT,
    POINTS,
    PROBABILITIES,
    PROBABILITY,
    Part,
    PartScale,
)
from models.peers_compared import PeersCompared
from models.reasons import Reasons
from models.rounding import round_factors, round_significant, round_steps
from models.shown_row import ShownRow
from models.terms_among_peers import TermsAmongPeers

_POINT, _PROBABILITY, _LOG_ODDS = float(POINT), float(PROBABILITY), float(LOG_ODDS)


class ExplainedHead(NamedTuple):
    """One head's answer for one project, in the unit shown.

    base + Σ contributions = value, or base × Π factors = value rounded to three significant
    digits, for `reasons` and for `dimensions` alike.
    """

    declaration: HeadDeclaration
    value: Decimal
    base: Decimal
    low: Decimal | None
    high: Decimal | None
    range_peers: str | None
    reasons: Reasons[Any]
    log_odds: tuple[Decimal, Decimal] | None = None

    @property
    def dimensions(self) -> dict[str, Decimal]:
        """What each dimension contributes: its reasons put together."""
        return self.reasons.by_dimension()


def explain_heads(model: Model, prediction: Prediction, row: int) -> dict[str, ExplainedHead]:
    """The explained answers of the heads for one project, without those that cannot say."""
    peers, values = _compared(model, prediction, row)
    found = (
        (name, _shown(model, head, peers.heads[name], values, row))
        for name, head in prediction.heads.items()
    )
    return {name: head for name, head in found if head is not None}


def explain_head(model: Model, prediction: Prediction, head: str, row: int) -> ExplainedHead | None:
    """The explained answer of one head for one project; None where the head cannot say."""
    peers, values = _compared(model, prediction, row)
    return _shown(model, prediction.heads[head], peers.heads[head], values, row)


def _compared(model: Model, prediction: Prediction, row: int) -> tuple[PeersCompared, ShownRow]:
    """What a project is compared with, and its values; needs nothing of what the heads say."""
    peers = PeersCompared.of(model, prediction.peer.item(row))
    return peers, ShownRow.of(peers.indicators, prediction.table, row)


def _shown(
    model: Model, found: HeadPrediction, peers: TermsAmongPeers, values: ShownRow, row: int
) -> ExplainedHead | None:
    if math.isnan(found.value.item(row)):
        return None
    declaration = found.declaration
    base, moves = found.base.item(row), found.contributions[row].tolist()
    low, high = found.low.item(row), found.high.item(row)
    range_ = None if math.isnan(low) or math.isnan(high) else (low, high)
    group = found.range_group.item(row)
    named = None if group < 0 else _peers_name(model, group)
    return _SHOWN[declaration.kind](_Row(declaration, peers, values, base, moves, range_, named))


def _peers_name(model: Model, group: int) -> str:
    peer = model.peers.groups[group]
    return f"{peer.indicator}={peer.code}" if peer.indicator else peer.code


class _Row(NamedTuple):
    """One project's prediction by one head, with what its reasons need."""

    declaration: HeadDeclaration
    peers: TermsAmongPeers
    values: ShownRow
    base: float
    moves: list[float]
    range: tuple[float, float] | None
    range_peers: str | None

    def shown_range(
        self, shown: Callable[[float], Decimal]
    ) -> tuple[Decimal, Decimal] | tuple[None, None]:
        """Both ends of the range as shown, or neither."""
        return (shown(self.range[0]), shown(self.range[1])) if self.range else (None, None)

    def reasons(
        self, parts: list[Part], scale: PartScale[Part], log_odds: list[int] | None = None
    ) -> Reasons[Part]:
        """The reasons of these parts, each a term's."""
        return Reasons(self.peers, self.values, self.moves, parts, scale, log_odds)


def _show_score(row: _Row) -> ExplainedHead:
    parts = [row.base, *row.moves]
    limits = row.declaration.outcome.clip
    total = math.fsum(parts)
    if limits is not None and not limits[0] <= total <= limits[1]:
        # The scale ends here: the base gives way, so that every reason keeps its own size.
        parts[0] += min(max(total, limits[0]), limits[1]) - total
    base, *steps = round_steps(parts, _POINT)

    def point(value: float) -> Decimal:
        if limits is not None:
            value = min(max(value, limits[0]), limits[1])
        return round(value / _POINT) * POINT

    value = (base + sum(steps)) * POINT
    low, high = row.shown_range(point)
    return ExplainedHead(
        row.declaration,
        value,
        base * POINT,
        None if low is None else min(low, value),
        None if high is None else max(high, value),
        row.range_peers,
        row.reasons(steps, POINTS),
    )


def _show_amount(row: _Row) -> ExplainedHead:
    base, factors, mid = round_factors(math.exp(row.base), row.moves)
    low, high = row.shown_range(lambda log: round_significant(math.exp(log)))
    return ExplainedHead(
        row.declaration,
        mid,
        base,
        low,
        high,
        row.range_peers,
        row.reasons(factors, FACTORS),
    )


def _show_probability(row: _Row) -> ExplainedHead:
    """Percentage points share out the change of probability in proportion to the log-odds."""
    base_odds, *log_odds = round_steps([row.base, *row.moves], _LOG_ODDS)
    start, total = row.base, math.fsum(row.moves)
    before, after = _probability(start), _probability(start + total)
    slope = (after - before) / total if abs(total) > 1e-9 else before * (1 - before)
    base, *steps = round_steps([before, *[move * slope for move in row.moves]], _PROBABILITY)
    return ExplainedHead(
        row.declaration,
        (base + sum(steps)) * PROBABILITY,
        base * PROBABILITY,
        None,
        None,
        None,
        row.reasons(steps, PROBABILITIES, log_odds),
        (base_odds * LOG_ODDS, (base_odds + sum(log_odds)) * LOG_ODDS),
    )


def _probability(margin: float) -> float:
    return float(probability(margin))  # type: ignore[arg-type]


_SHOWN: Mapping[HeadKind, Callable[[_Row], ExplainedHead]] = {
    HeadKind.SCORE: _show_score,
    HeadKind.AMOUNT: _show_amount,
    HeadKind.PROBABILITY: _show_probability,
}
