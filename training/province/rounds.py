"""What is recorded of project series, round by round."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from training.province.axes import Terms
from training.province.policies import Citations
from training.province.series import BLOCK, Series
from training.province.span import Span
from training.province.targets import SLOTS, RoundTargets, TargetFacts, TargetHabits
from training.province.text_habits import TextHabits


@dataclass(frozen=True)
class Situation:
    """The facts of one round that nobody chooses, one entry per series."""

    active: np.ndarray  # declared in this round; the rest is meaningless where it is not
    quantity: np.ndarray
    beneficiaries: np.ndarray
    usual_beneficiaries: np.ndarray  # of a project of this type and quantity
    beneficiaries_known: np.ndarray
    price_index: np.ndarray
    strategic: np.ndarray
    urgency: np.ndarray
    open_findings: np.ndarray
    new: np.ndarray  # never funded before


@dataclass(frozen=True)
class Request:
    """What is asked for, in yuan, beside what it truly costs."""

    cost: np.ndarray
    amount: np.ndarray
    padding: np.ndarray  # log(amount ÷ cost)
    last_budget: np.ndarray


@dataclass(frozen=True)
class Merit:
    """The axes: terms and truth, and what the panels gave."""

    necessity_terms: Terms
    importance_terms: Terms
    necessity_explainable: np.ndarray
    importance_explainable: np.ndarray
    necessity_true: np.ndarray
    importance_true: np.ndarray
    expert_necessity: np.ndarray
    expert_importance: np.ndarray


@dataclass(frozen=True)
class Risk:
    """Probabilities, were the project carried out."""

    low_execution: np.ndarray
    poor_performance: np.ndarray


@dataclass(frozen=True)
class Funding:
    """Amounts in yuan; NaN where not appraised, not funded, not evaluated."""

    approved: np.ndarray
    funded: np.ndarray
    budget: np.ndarray
    adjusted: np.ndarray
    executed: np.ndarray
    evaluation: np.ndarray
    found: np.ndarray  # something was found about this round's execution
    open_for: np.ndarray  # rounds for which a finding stays open


@dataclass(frozen=True)
class Round:
    """One round of all series of a block."""

    situation: Situation
    targets: RoundTargets
    aims: TargetFacts
    request: Request
    merit: Merit
    risk: Risk
    funding: Funding


@dataclass
class State:
    """What a round leaves to the next, one entry per series."""

    alive: np.ndarray = field(default_factory=lambda: np.ones(BLOCK, dtype=bool))
    funded_years: np.ndarray = field(default_factory=lambda: np.zeros(BLOCK, dtype=int))
    rate: np.ndarray = field(default_factory=lambda: np.full(BLOCK, np.nan))
    evaluation: np.ndarray = field(default_factory=lambda: np.full(BLOCK, np.nan))
    last_budget: np.ndarray = field(default_factory=lambda: np.zeros(BLOCK))
    targets: RoundTargets | None = None
    achieved: np.ndarray = field(default_factory=lambda: np.full((BLOCK, SLOTS), np.nan))


@dataclass(frozen=True)
class Block:
    """All that happened to the series of one block."""

    seed: int
    number: int
    span: Span
    series: Series
    citations: Citations
    habits: TargetHabits
    texts: TextHabits
    rounds: list[Round]
