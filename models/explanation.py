"""An explained head: a prediction as shown, with reasons that add up to it exactly as shown."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from operator import itemgetter
from typing import Generic, NamedTuple, TypeVar

from features.head_declaration import HeadDeclaration, HeadKind
from models.comparison import Comparison, ShownValue
from models.head import HeadPrediction
from models.margin_map import probability
from models.model import Model, Prediction
from models.rounding import round_factors, round_significant, round_steps
from models.shown_row import ShownRow
from models.term_among_peers import TermsAmongPeers

POINT = Decimal("0.1")
PROBABILITY = Decimal("0.001")
LOG_ODDS = Decimal("0.01")
MULTIPLES = 10_000
"""The multiples of each unit that are kept as decimals, those last used."""
Part = TypeVar("Part", int, Decimal)


class Reason(NamedTuple):
    """How far one indicator moved one prediction from that of its peers, as shown.

    `contribution` is in points or in probability; for an amount it is a factor. `log_odds` is
    given for a probability. A joint reason pools indicators of one dimension that cannot be told
    alone, because their value is that of the peers or the movement would seem to contradict their
    direction: it arises from the combination with other facts. It names them in `joint` and has
    no value of its own.
    """

    indicator: str | None
    dimension: str
    contribution: Decimal
    log_odds: Decimal | None = None
    value: ShownValue = None
    compared: Comparison | None = None
    joint: tuple[str, ...] = ()


@dataclass(frozen=True)
class ExplainedHead:
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
    reasons: tuple[Reason, ...]
    dimensions: Mapping[str, Decimal]
    log_odds: tuple[Decimal, Decimal] | None = None


def explain_heads(model: Model, prediction: Prediction, row: int) -> dict[str, ExplainedHead]:
    """The explained answers of the heads for one project, without those that cannot say."""
    values = ShownRow(model.catalogue, prediction.table, row)
    found = {name: _explained(model, head, values) for name, head in prediction.heads.items()}
    return {name: head for name, head in found.items() if head is not None}


def explain_head(model: Model, prediction: Prediction, head: str, row: int) -> ExplainedHead | None:
    """The explained answer of one head for one project; None where the head cannot say."""
    values = ShownRow(model.catalogue, prediction.table, row)
    return _explained(model, prediction.heads[head], values)


def _explained(model: Model, found: HeadPrediction, values: ShownRow) -> ExplainedHead | None:
    row = values.row
    if math.isnan(found.value[row]):
        return None
    declaration = found.declaration
    peers = TermsAmongPeers.of(model, declaration, found.terms, found.peer.item(row))
    base, moves = found.base.item(row), found.contributions[row].tolist()
    low, high = found.low.item(row), found.high.item(row)
    range_ = None if math.isnan(low) or math.isnan(high) else (low, high)
    group = found.range_group.item(row)
    named = None if group < 0 else _peers_name(model, group)
    return _SHOWN[declaration.kind](_Row(declaration, peers, values, base, moves, range_, named))


def _peers_name(model: Model, group: int) -> str:
    peer = model.peers.groups[group]
    return f"{peer.indicator}={peer.code}" if peer.indicator else peer.code


@dataclass(frozen=True)
class _Scale(Generic[Part]):
    """How the parts of a prediction are put together, ordered and shown; nothing moves nothing."""

    nothing: Part
    together: Callable[[Sequence[Part]], Part]
    size: Callable[[Part], float]
    shown: Callable[[Part], Decimal]


def _multiples(unit: Decimal) -> _Scale[int]:
    """Parts that add up, counted in steps of a unit: whole numbers add up fast and exactly."""
    return _Scale(0, sum, abs, lru_cache(MULTIPLES)(unit.__mul__))


def _product(factors: Sequence[Decimal]) -> Decimal:
    return math.prod(factors, start=Decimal(1))


_POINTS = _multiples(POINT)
_PROBABILITIES = _multiples(PROBABILITY)
_ODDS = _multiples(LOG_ODDS)
_FACTORS = _Scale(Decimal(1), _product, lambda factor: abs(math.log(factor)), lambda factor: factor)


@dataclass(frozen=True)
class _Row:
    """One project's prediction by one head, with what its reasons need."""

    declaration: HeadDeclaration
    peers: TermsAmongPeers
    values: ShownRow
    base: float
    moves: Sequence[float]
    range: tuple[float, float] | None
    range_peers: str | None

    def shown_range(
        self, shown: Callable[[float], Decimal]
    ) -> tuple[Decimal, Decimal] | tuple[None, None]:
        """Both ends of the range as shown, or neither."""
        return (shown(self.range[0]), shown(self.range[1])) if self.range else (None, None)

    def reasons(
        self, parts: Sequence[Part], scale: _Scale[Part], log_odds: Sequence[int] | None = None
    ) -> tuple[Reason, ...]:
        """The terms that moved anything, greatest first; joint ones pooled by dimension.

        log_odds: in steps of `LOG_ODDS`; a term moves something if it moves these.
        """
        nothing, size, shown, shown_odds = scale.nothing, scale.size, scale.shown, _ODDS.shown
        found: list[tuple[float, float, str, Reason]] = []
        pooled: dict[str, list[int]] = {}
        for index, part in enumerate(parts):
            if part == nothing and not (log_odds and log_odds[index]):
                continue
            term, move = self.peers.terms[index], self.moves[index]
            raw, value = self.values[term.name]
            if term.tells_alone(raw, value, move):
                odds = shown_odds(log_odds[index]) if log_odds else None
                told = Reason(term.name, term.dimension, shown(part), odds, value, term.compared)
                found.append((-size(part), -abs(move), term.name, told))
            else:
                pooled.setdefault(term.dimension, []).append(index)
        for dimension, members in pooled.items():
            part = scale.together([parts[i] for i in members])
            steps = sum([log_odds[i] for i in members]) if log_odds else 0
            if part == nothing and not steps:
                continue  # they cancel out as shown
            odds = shown_odds(steps) if log_odds else None
            names = tuple([self.peers.terms[i].name for i in members])
            joint = Reason(None, dimension, shown(part), odds, joint=names)
            moved = abs(math.fsum([self.moves[i] for i in members]))
            found.append((-size(part), -moved, "~", joint))
        found.sort(key=itemgetter(0, 1, 2))
        return tuple([reason for _, _, _, reason in found])

    def by_dimension(self, parts: Sequence[Part], scale: _Scale[Part]) -> dict[str, Decimal]:
        """The parts of each dimension put together."""
        return {
            name: scale.shown(scale.together([parts[i] for i in members]))
            for name, members in self.peers.dimensions.items()
        }


def _show_score(row: _Row) -> ExplainedHead:
    parts = [row.base, *row.moves]
    limits = row.declaration.outcome.clip
    total = math.fsum(parts)
    if limits is not None and not limits[0] <= total <= limits[1]:
        # The scale ends here: the base gives way, so that every reason keeps its own size.
        parts[0] += min(max(total, limits[0]), limits[1]) - total
    base, *steps = round_steps(parts, POINT)

    def point(value: float) -> Decimal:
        if limits is not None:
            value = min(max(value, limits[0]), limits[1])
        return round(value / float(POINT)) * POINT

    value = (base + sum(steps)) * POINT
    low, high = row.shown_range(point)
    return ExplainedHead(
        row.declaration,
        value,
        base * POINT,
        None if low is None else min(low, value),
        None if high is None else max(high, value),
        row.range_peers,
        row.reasons(steps, _POINTS),
        row.by_dimension(steps, _POINTS),
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
        row.reasons(factors, _FACTORS),
        row.by_dimension(factors, _FACTORS),
    )


def _show_probability(row: _Row) -> ExplainedHead:
    """Percentage points share out the change of probability in proportion to the log-odds."""
    base_odds, *log_odds = round_steps([row.base, *row.moves], LOG_ODDS)
    start, total = row.base, math.fsum(row.moves)
    before, after = _probability(start), _probability(start + total)
    slope = (after - before) / total if abs(total) > 1e-9 else before * (1 - before)
    base, *steps = round_steps([before, *(move * slope for move in row.moves)], PROBABILITY)
    return ExplainedHead(
        row.declaration,
        (base + sum(steps)) * PROBABILITY,
        base * PROBABILITY,
        None,
        None,
        None,
        row.reasons(steps, _PROBABILITIES, log_odds),
        row.by_dimension(steps, _PROBABILITIES),
        (base_odds * LOG_ODDS, (base_odds + sum(log_odds)) * LOG_ODDS),
    )


def _probability(margin: float) -> float:
    return float(probability(margin))  # type: ignore[arg-type]


_SHOWN: Mapping[HeadKind, Callable[[_Row], ExplainedHead]] = {
    HeadKind.SCORE: _show_score,
    HeadKind.AMOUNT: _show_amount,
    HeadKind.PROBABILITY: _show_probability,
}
