"""Why two scores of a project differ: one part after the other is really replaced.

The order is fixed: what was declared or verified (data), whom the project is compared with (group),
the published rules and thresholds (rules), the definitions of the indicators (standards), and the
model itself (model). Each step is computed, from the state before it; so what the steps move adds
up to the whole difference, in the numbers as shown. Another order would give other parts.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from features.declared_project import DeclaredProject, parse_project
from features.errors import LingjiError
from features.head_declaration import HeadKind
from models.explanation import ExplainedHead, explain_heads
from models.model import Model, Prediction
from models.part_scale import POINT, PROBABILITY
from models.priority import Standing, standing_of
from serving.wording.explained_score import Json
from serving.wording.shown_number import number

STEPS = ("data", "group", "rules", "standards", "model")
_UNITS: Mapping[HeadKind, Decimal] = {
    HeadKind.SCORE: POINT,
    HeadKind.AMOUNT: Decimal("0.0001"),  # of the logarithm
    HeadKind.PROBABILITY: PROBABILITY,
}


class NotComparable(LingjiError):
    """Two scores of which one cannot be led to the other step by step."""


@dataclass(frozen=True)
class Side:
    """One of two scores: the project's document, and the model that answered."""

    document: Mapping[str, Any]
    model: Model


@dataclass(frozen=True)
class State:
    """A score on the way from one side to the other. model: with whatever was replaced in it."""

    model: Model
    prediction: Prediction
    heads: Mapping[str, ExplainedHead]

    @classmethod
    def of(cls, model: Model, project: DeclaredProject, like: Prediction | None = None) -> State:
        """What a model says of a project, compared with its own peers or as another one was."""
        prediction = model.predict([project], compared_as=like)
        return cls(model, prediction, explain_heads(model, prediction, 0))

    @property
    def standing(self) -> Standing | None:
        """Grade and rank score, where both axes can be told."""
        policy, project = self.model.catalogue.priority, self.prediction.projects[0]
        if policy is None or not {policy.necessity, policy.importance} <= self.heads.keys():
            return None
        axes = (self.heads[policy.necessity].value, self.heads[policy.importance].value)
        return standing_of(project.project_id, *axes, policy)


@dataclass(frozen=True)
class Moved:
    """What one step moved of one head, as shown, and which indicators moved it.

    For an amount `factor` is after / before; else `change` is after − before.
    """

    head: str
    before: ExplainedHead
    after: ExplainedHead
    indicators: Mapping[str, Decimal]

    @property
    def kind(self) -> HeadKind:
        """What the head predicts."""
        return self.before.declaration.kind

    @property
    def change(self) -> Decimal:
        """How far the value moved, in the unit shown."""
        return self.after.value - self.before.value

    @property
    def factor(self) -> Fraction:
        """By what the value was multiplied."""
        return Fraction(self.after.value) / Fraction(self.before.value)

    def as_json(self) -> Json:
        """The part for machines."""
        told: Json = {"before": number(self.before.value), "after": number(self.after.value)}
        if self.kind is HeadKind.AMOUNT:
            told["factor"] = float(self.factor)
        else:
            told["change"] = number(self.change)
        if self.before.log_odds and self.after.log_odds:
            told["log_odds"] = number(self.after.log_odds[1] - self.before.log_odds[1])
        told["base"] = [number(self.before.base), number(self.after.base)]
        told["range"] = [_range(self.before), _range(self.after)]
        told["indicators"] = [
            {"indicator": name, _NAMES[self.kind]: _shown_part(self.kind, part)}
            for name, part in self.indicators.items()
        ]
        return told


_NAMES: Mapping[HeadKind, str] = {
    HeadKind.SCORE: "contribution",
    HeadKind.AMOUNT: "factor",
    HeadKind.PROBABILITY: "contribution",
}


def _shown_part(kind: HeadKind, part: Decimal) -> float:
    return round(math.exp(part), 4) if kind is HeadKind.AMOUNT else float(part)


def _range(head: ExplainedHead) -> list[float] | None:
    if head.low is None or head.high is None:
        return None
    return [number(head.low), number(head.high)]


@dataclass(frozen=True)
class Step:
    """What replacing one part moved. changed: the indicators with another value than before."""

    name: str
    heads: Mapping[str, Moved]
    changed: Mapping[str, tuple[Any, Any]]
    standing: tuple[Standing | None, Standing | None]

    @property
    def nothing(self) -> bool:
        """Whether the step moved nothing that is shown."""
        moved = any(
            (m.before.value, m.before.base, m.before.low, m.before.high)
            != (m.after.value, m.after.base, m.after.low, m.after.high)
            for m in self.heads.values()
        )
        return not moved and not self.changed and self.standing[0] == self.standing[1]

    def as_json(self) -> Json:
        """The step for machines."""
        standings = self.standing
        return {
            "step": self.name,
            "changed": [
                {"indicator": name, "before": before, "after": after}
                for name, (before, after) in self.changed.items()
            ],
            "grade": [s and s.grade for s in standings],
            "rank_score": [s and number(s.ranked.rank_score) for s in standings],
            "heads": {name: moved.as_json() for name, moved in self.heads.items()},
        }


@dataclass(frozen=True)
class ScoreDifference:
    """The steps from one score to another, and the heads that both sides can tell."""

    first: State
    last: State
    steps: tuple[Step, ...]
    heads: tuple[str, ...]

    def as_json(self) -> Json:
        """The difference for machines."""
        whole = {
            name: _moved(name, self.first, self.last, False).as_json() | {"indicators": []}
            for name in self.heads
        }
        return {"difference": whole, "steps": [step.as_json() for step in self.steps]}


def score_difference(first: Side, second: Side) -> ScoreDifference:
    """The steps that lead from one score to the other.

    Raises:
        NotComparable: when a document does not meet the other side's catalogue.
    """
    states = [*_states(first, second)]
    known = [state.heads.keys() for state in states]
    heads = tuple(name for name in states[0].heads if all(name in each for each in known))
    steps = tuple(
        _step(name, before, after, heads)
        for name, before, after in zip(STEPS, states[:-1], states[1:], strict=True)
    )
    return ScoreDifference(states[0], states[-1], steps, heads)


def _states(first: Side, second: Side) -> Iterable[State]:
    old, new = first.model, second.model
    start = State.of(old, _project(first.document, old))
    yield start
    changed = _project(second.document, old)
    yield State.of(old, changed, start.prediction)
    yield State.of(old, changed)
    ruled = replace(
        old,
        catalogue=old.catalogue.model_copy(
            update={"priority": new.catalogue.priority, "checks": new.catalogue.checks}
        ),
    )
    yield State.of(ruled, changed)
    defined = replace(old, catalogue=new.catalogue)
    try:
        yield State.of(defined, _project(second.document, defined))
    except KeyError as error:
        raise NotComparable(
            f"expected a catalogue that has every indicator of the older model; got none named "
            f"{error.args[0]}: the two versions share too little to be compared step by step"
        ) from error
    yield State.of(new, _project(second.document, new))


def _project(document: Mapping[str, Any], model: Model) -> DeclaredProject:
    try:
        return parse_project(dict(document), model.catalogue)
    except LingjiError as error:
        identity = model.catalogue.identity
        raise NotComparable(f"expected a project of {identity} on both sides; {error}") from error


def _step(name: str, before: State, after: State, heads: Sequence[str]) -> Step:
    same_terms = name in STEPS[:3]
    return Step(
        name,
        {head: _moved(head, before, after, same_terms) for head in heads},
        _changed(before, after),
        (before.standing, after.standing),
    )


def _changed(before: State, after: State) -> dict[str, tuple[Any, Any]]:
    """The indicators that both sides have, and that have other values."""
    old, new = before.prediction.table.columns, after.prediction.table.columns
    found = {}
    for name in old:
        if name in new:
            values = (_value(old[name]), _value(new[name]))
            if values[0] != values[1]:
                found[name] = values
    return found


def _value(column: Any) -> Any:
    value = column[0].item() if hasattr(column[0], "item") else column[0]
    return None if isinstance(value, float) and math.isnan(value) else value


def _moved(name: str, before: State, after: State, same_terms: bool) -> Moved:
    old, new = before.heads[name], after.heads[name]
    moved = Moved(name, old, new, {})
    if not same_terms or old.value == new.value:
        return moved
    first, second = before.prediction.heads[name], after.prediction.heads[name]
    moves = dict(
        zip(first.terms, (second.contributions[0] - first.contributions[0]).tolist(), strict=True)
    )
    return replace(moved, indicators=_shared(moved, moves))


def _shared(moved: Moved, moves: Mapping[str, float]) -> dict[str, Decimal]:
    """What the indicators moved, in units as shown, adding up to the shown change exactly."""
    unit, total = _UNITS[moved.kind], math.fsum(moves.values())
    if moved.kind is HeadKind.AMOUNT:
        whole = round(math.log(moved.factor) / float(unit))
    else:
        whole = int(moved.change / unit)
    scale = (
        1.0
        if moved.kind is not HeadKind.PROBABILITY or not total
        else (float(moved.change) / total)
    )
    steps = shared_out([move * scale / float(unit) for move in moves.values()], whole)
    found = {name: each * unit for name, each in zip(moves, steps, strict=True) if each}
    return dict(sorted(found.items(), key=lambda item: (-abs(item[1]), item[0])))


def shared_out(parts: Sequence[float], whole: int) -> list[int]:
    """Whole numbers near the parts that add up to `whole`: those furthest off give way.

    >>> shared_out([0.4, 0.4, 0.4], 1)
    [1, 0, 0]
    """
    steps = [round(part) for part in parts]
    while steps and (rest := whole - sum(steps)):
        sign = 1 if rest > 0 else -1
        off = sorted(range(len(steps)), key=lambda n: (-sign * (parts[n] - steps[n]), n))
        for place in off[: abs(rest)]:
            steps[place] += sign
    return steps
