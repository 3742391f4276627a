"""An explained head: a prediction as shown, with reasons that add up to it exactly as shown."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from features.field import Direction, Kind
from features.head_declaration import HeadDeclaration, HeadKind
from models.comparison import Comparison, ShownValue, shown_value
from models.head import HeadPrediction
from models.margin_map import probability
from models.model import Model, Prediction
from models.past_projects import compared_by_share
from models.rounding import round_factors, round_parts, round_significant

POINT = Decimal("0.1")
PROBABILITY = Decimal("0.001")
LOG_ODDS = Decimal("0.01")
NEARLY_ALL = 0.8
SHOWN_PRECISION = 5e-4


@dataclass(frozen=True)
class Reason:
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


def explain_head(model: Model, prediction: Prediction, head: str, row: int) -> ExplainedHead | None:
    """The explained answer of one head for one project; None where the head cannot say."""
    found = prediction.heads[head]
    if math.isnan(found.value[row]):
        return None
    return _SHOWN[found.declaration.kind](_Row(model, prediction, found, row))


@dataclass(frozen=True)
class _Row:
    """One project's prediction by one head, with what its reasons need."""

    model: Model
    prediction: Prediction
    found: HeadPrediction
    row: int

    @property
    def base(self) -> float:
        return float(self.found.base[self.row])

    @cached_property
    def moves(self) -> list[float]:
        return [float(move) for move in self.found.contributions[self.row]]

    def range(self, shown: Callable[[float], Decimal]) -> tuple[Decimal | None, Decimal | None]:
        low, high = float(self.found.low[self.row]), float(self.found.high[self.row])
        if math.isnan(low) or math.isnan(high):
            return None, None
        return shown(low), shown(high)

    def range_peers(self) -> str | None:
        group = int(self.found.range_group[self.row])
        if group < 0:
            return None
        peer = self.model.peers.groups[group]
        return f"{peer.indicator}={peer.code}" if peer.indicator else peer.code

    def dimension(self, term: str) -> str:
        return self.model.catalogue.by_name[term].dimension

    def value_of(self, term: str) -> ShownValue:
        indicator = self.model.catalogue.by_name[term]
        return shown_value(indicator, self.prediction.table[term][self.row])

    def comparison(self, term: str) -> Comparison:
        return self.model.comparison(term, int(self.found.peer[self.row]))

    def tells_alone(self, term: str, move: float) -> bool:
        """Whether a movement can be told beside its comparison.

        It cannot where the value is the peers' median, or nearly all of them have it, or where it
        would deny the declared direction: then it comes from the combination with other facts.
        """
        compared = self.comparison(term)
        by_share = compared_by_share(self.model.catalogue.by_name[term])
        same = _alike(self.value_of(term), compared.typical)
        if same and not (by_share and compared.share < NEARLY_ALL):
            return False
        use = self.model.catalogue.by_name[term].use
        direction: Direction = use.get(self.found.declaration.name, "free")
        apart = float("nan") if direction == "free" else self.apart(term)
        expected = 1 if direction == "+" else -1
        return math.isnan(apart) or (apart > 0) != (move * expected < 0)

    def apart(self, term: str) -> float:
        """How far a numeric value lies above the peers' median, or a flag above their mean."""
        summary, group = self.model.summary, int(self.found.peer[self.row])
        middle = float(summary.typical[group, summary.position[term]])
        if self.model.catalogue.by_name[term].kind is Kind.FLAG:
            share = float(summary.share[group, summary.position[term]])
            middle = share if middle >= 1 else 1 - share
        return float(self.prediction.table[term][self.row]) - middle

    def reasons(
        self, shown: Sequence[Decimal], nothing: Decimal, log_odds: Sequence[Decimal] | None = None
    ) -> tuple[Reason, ...]:
        """The terms that moved anything, greatest first; joint ones pooled by dimension."""
        alone: list[tuple[float, float, Reason]] = []
        pooled: dict[str, list[int]] = {}
        for index, (term, move) in enumerate(zip(self.found.terms, self.moves, strict=True)):
            if shown[index] == nothing and not (log_odds and log_odds[index]):
                continue
            if not self.tells_alone(term, move):
                pooled.setdefault(self.dimension(term), []).append(index)
                continue
            reason = Reason(
                term,
                self.dimension(term),
                shown[index],
                log_odds[index] if log_odds else None,
                self.value_of(term),
                self.comparison(term),
            )
            alone.append((_size(reason, nothing), abs(move), reason))
        for dimension, members in pooled.items():
            parts = [shown[i] for i in members]
            together = math.prod(parts, start=Decimal(1)) if nothing else sum(parts, Decimal(0))
            odds = sum((log_odds[i] for i in members), Decimal(0)) if log_odds else None
            if together == nothing and not odds:
                continue  # they cancel out as shown
            names = tuple(self.found.terms[i] for i in members)
            joint = Reason(None, dimension, together, odds, joint=names)
            moved = abs(math.fsum(self.moves[i] for i in members))
            alone.append((_size(joint, nothing), moved, joint))
        alone.sort(key=lambda found: (-found[0], -found[1], found[2].indicator or "~"))
        return tuple(reason for _, _, reason in alone)

    def by_dimension(self, shown: Sequence[Decimal], multiply: bool) -> dict[str, Decimal]:
        """The reasons' contributions per dimension: sums, or products of factors."""
        result: dict[str, Decimal] = {}
        for term, part in zip(self.found.terms, shown, strict=True):
            name = self.dimension(term)
            if multiply:
                result[name] = result.get(name, Decimal(1)) * part
            else:
                result[name] = result.get(name, Decimal(0)) + part
        return result


def _alike(value: ShownValue, typical: ShownValue) -> bool:
    """Whether two values are the same as far as people are shown them."""
    if isinstance(value, float) and isinstance(typical, float):
        return math.isclose(value, typical, rel_tol=SHOWN_PRECISION)
    return value == typical


def _size(reason: Reason, nothing: Decimal) -> float:
    """How far a reason moves the answer as shown: a factor by its logarithm."""
    if nothing:
        return abs(math.log(reason.contribution))
    return abs(float(reason.contribution))


def _show_score(row: _Row) -> ExplainedHead:
    parts = [row.base, *row.moves]
    limits = row.found.declaration.outcome.clip
    total = math.fsum(parts)
    if limits is not None and not limits[0] <= total <= limits[1]:
        # The scale ends here: the base gives way, so that every reason keeps its own size.
        parts[0] += min(max(total, limits[0]), limits[1]) - total
    base, *shown = round_parts(parts, POINT)

    def point(value: float) -> Decimal:
        if limits is not None:
            value = min(max(value, limits[0]), limits[1])
        return Decimal(round(value / float(POINT))) * POINT

    value = base + sum(shown, Decimal(0))
    low, high = row.range(point)
    return ExplainedHead(
        row.found.declaration,
        value,
        base,
        None if low is None else min(low, value),
        None if high is None else max(high, value),
        row.range_peers(),
        row.reasons(shown, Decimal(0)),
        row.by_dimension(shown, multiply=False),
    )


def _show_amount(row: _Row) -> ExplainedHead:
    base, factors, mid = round_factors(math.exp(row.base), row.moves)
    low, high = row.range(lambda log: round_significant(math.exp(log)))
    return ExplainedHead(
        row.found.declaration,
        mid,
        base,
        low,
        high,
        row.range_peers(),
        row.reasons(factors, Decimal(1)),
        row.by_dimension(factors, multiply=True),
    )


def _show_probability(row: _Row) -> ExplainedHead:
    """Percentage points share out the change of probability in proportion to the log-odds."""
    log_odds = round_parts([row.base, *row.moves], LOG_ODDS)
    start, total = row.base, math.fsum(row.moves)
    before, after = _probability(start), _probability(start + total)
    slope = (after - before) / total if abs(total) > 1e-9 else before * (1 - before)
    base, *shown = round_parts([before, *(move * slope for move in row.moves)], PROBABILITY)
    return ExplainedHead(
        row.found.declaration,
        base + sum(shown, Decimal(0)),
        base,
        None,
        None,
        None,
        row.reasons(shown, Decimal(0), log_odds[1:]),
        row.by_dimension(shown, multiply=False),
        (log_odds[0], sum(log_odds, Decimal(0))),
    )


def _probability(margin: float) -> float:
    return float(probability(margin))  # type: ignore[arg-type]


_SHOWN: Mapping[HeadKind, Callable[[_Row], ExplainedHead]] = {
    HeadKind.SCORE: _show_score,
    HeadKind.AMOUNT: _show_amount,
    HeadKind.PROBABILITY: _show_probability,
}
