"""The life of project series: declared, judged, funded, carried out, evaluated, declared again."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from training.province import outcomes
from training.province.axes import AxisFacts, Terms, importance_terms, necessity_terms, total
from training.province.costs import CostFacts, approved_amount, price_index, rounded, true_cost
from training.province.departments import departments
from training.province.functions import priority
from training.province.policies import PolicyFacts, draw_citations, policy_facts
from training.province.project_types import TYPES, type_values
from training.province.randomness import stream
from training.province.regions import regions
from training.province.risks import (
    RiskFacts,
    low_execution_terms,
    poor_performance_terms,
    probability,
)
from training.province.rounds import Block, Funding, Merit, Request, Risk, Round, Situation, State
from training.province.series import BLOCK, Series, draw_series
from training.province.span import Span
from training.province.targets import (
    SLOTS,
    TargetFacts,
    draw_targets,
    set_targets,
    target_facts,
)
from training.province.text_habits import draw_text_habits

BENEFICIARIES_KNOWN = 0.88  # share of projects for which statistics give the number
RECTIFIED = 0.55  # share of open findings that are settled within a year
FINDINGS_LISTED = 3  # years for which a finding stays in the declaration
CONTINUES_UNFUNDED, CONTINUES_POOR = 0.45, 0.85


def live(seed: int, number: int, span: Span) -> Block:
    """One block of series, from its burn-in to the last round."""
    series = draw_series(seed, number, span)
    citations = draw_citations(seed, number, series, span)
    habits = draw_targets(seed, number, series)
    texts = draw_text_habits(seed, number, series)
    block = Block(seed, number, span, series, citations, habits, texts, [])
    state = State()
    for index in range(span.rounds):
        block.rounds.append(_round(block, state, index))
        _carry_over(block, state, index)
    return block


def _round(block: Block, state: State, index: int) -> Round:
    year = block.span.year(index)
    rng = stream(block.seed, block.number, f"round {year}")
    situation = _situation(block, state, index)
    targets = set_targets(block.habits, block.series, year, state.targets, state.achieved)
    aims = target_facts(block.habits, targets)
    policy = policy_facts(block.citations, year)
    request = _request(block, situation, state, year)
    merit = _merit(rng, block, state, situation, aims, policy, year)
    risk = _risk(block, state, situation, request, aims, policy, index)
    funding = _funding(rng, block, situation, request, merit, risk)
    return Round(situation, targets, aims, request, merit, risk, funding)


def _situation(block: Block, state: State, index: int) -> Situation:
    series, year = block.series, block.span.year(index)
    rng = stream(block.seed, block.number, f"situation {year}")
    age = index - series.start
    active = (age >= 0) & (age < series.length) & state.alive
    quantity = _quantity(series, series.quantity * np.exp(series.growth * age))
    left = np.maximum(series.deadline - index, 0)
    served = np.maximum(np.rint(quantity * series.per_unit), 1)
    usual = np.maximum(np.rint(quantity * type_values("served")[series.kind]), 1)
    return Situation(
        active=active,
        quantity=quantity,
        beneficiaries=served,
        usual_beneficiaries=usual,
        beneficiaries_known=rng.random(BLOCK) < BENEFICIARIES_KNOWN,
        price_index=price_index(series.kind, regions().price[series.region], year),
        strategic=np.clip(priority(year)[series.function] + series.strategic_shift, 0, 3),
        urgency=np.nan_to_num(1 / (1 + left)),
        open_findings=_open_findings(block, index),
        new=state.funded_years == 0,
    )


def _quantity(series: Series, quantity: np.ndarray) -> np.ndarray:
    """Lengths to a tenth of a kilometre, everything else whole."""
    step = np.where(type_values("unit")[series.kind] == "公里", 0.1, 1.0)
    return np.round(np.maximum(np.rint(quantity / step), 1) * step, 1)


def _open_findings(block: Block, index: int) -> np.ndarray:
    count = np.zeros(BLOCK, dtype=int)
    for earlier in range(max(index - FINDINGS_LISTED, 0), index):
        funding = block.rounds[earlier].funding
        count += funding.found & (earlier + funding.open_for >= index)
    return count


def _request(block: Block, situation: Situation, state: State, year: int) -> Request:
    series = block.series
    facts = CostFacts(
        kind=series.kind,
        quantity=situation.quantity,
        price_index=situation.price_index,
        region_level=regions().level[series.region],
        asset=series.asset,
        one_off=~series.recurring,
        procured=series.procured,
        bought=series.bought,
    )
    cost = true_cost(facts)
    rng = stream(block.seed, block.number, f"request {year}")
    spread = departments().padding_spread[series.department]
    requested = rounded(cost * np.exp(series.padding + spread * rng.normal(size=BLOCK)))
    return Request(cost, requested, np.log(requested / cost), state.last_budget.copy())


def _merit(
    rng: np.random.Generator,
    block: Block,
    state: State,
    situation: Situation,
    aims: TargetFacts,
    policy: PolicyFacts,
    year: int,
) -> Merit:
    real = _axis_facts(block, state, situation, aims, policy, year)
    known = np.where(
        situation.beneficiaries_known, situation.beneficiaries, situation.usual_beneficiaries
    )
    visible = replace(real, beneficiaries=known)
    true = (
        _points(necessity_terms(real), block.series.hidden_necessity),
        _points(importance_terms(real), block.series.hidden_importance),
    )
    terms = necessity_terms(visible), importance_terms(visible)
    explainable = _points(terms[0]), _points(terms[1])
    return Merit(*terms, *explainable, *true, *outcomes.panel_scores(rng, *true))


def _points(terms: Terms, hidden: np.ndarray | float = 0.0) -> np.ndarray:
    return np.clip(total(terms) + hidden, 0, 100)


def _axis_facts(
    block: Block,
    state: State,
    situation: Situation,
    aims: TargetFacts,
    policy: PolicyFacts,
    year: int,
) -> AxisFacts:
    series = block.series
    return AxisFacts(
        year=year,
        policy_level=policy.level,
        valid_level=policy.valid_level,
        mandatory=policy.mandatory,
        statutory=series.statutory,
        urgency=situation.urgency,
        function=series.function,
        kind=series.kind,
        region_level=regions().level[series.region],
        strategic=situation.strategic,
        beneficiaries=situation.beneficiaries,
        evaluation=state.evaluation,
        share_quantified=aims.share_quantified,
        open_findings=situation.open_findings,
        funded_years=state.funded_years,
        sentences=block.texts.sentences,
    )


def _risk(
    block: Block,
    state: State,
    situation: Situation,
    request: Request,
    aims: TargetFacts,
    policy: PolicyFacts,
    index: int,
) -> Risk:
    series, last = block.series, request.last_budget
    growth = np.log(np.divide(request.amount, last, where=last > 0, out=np.full(BLOCK, np.nan)))
    facts = RiskFacts(
        kind=series.kind,
        new=situation.new,
        rate=state.rate,
        evaluation=state.evaluation,
        growth=growth,
        padding=request.padding,
        first_of_many=(index == series.start) & (series.length > 1),
        procured=series.procured,
        plan_missing=block.texts.plan_sentences == 0,
        open_findings=situation.open_findings,
        valid_policy=policy.valid_level > 0,
        share_quantified=aims.share_quantified,
        share_vague=aims.share_vague,
        share_own=aims.share_own,
        share_weaker=aims.share_weaker,
        complete=aims.complete,
        copied=block.texts.copied,
    )
    return Risk(probability(low_execution_terms(facts)), probability(poor_performance_terms(facts)))


def _funding(
    rng: np.random.Generator,
    block: Block,
    situation: Situation,
    request: Request,
    merit: Merit,
    risk: Risk,
) -> Funding:
    series, strength = block.series, regions().strength[block.series.region]
    tier = stream(block.seed, block.number, "tier").normal(size=BLOCK)
    approved = approved_amount(request.cost, series.kind, tier, rng.normal(size=BLOCK))
    funded = situation.active & outcomes.is_funded(
        rng, merit.expert_necessity, merit.expert_importance, strength, series.statutory
    )
    appraised = funded | (rng.random(BLOCK) < outcomes.APPRAISED_UNFUNDED)
    budget = outcomes.budget_amount(rng, request.amount, approved, strength)
    adjusted = outcomes.adjusted_amount(rng, budget)
    rate = outcomes.execution_rate(rng, rng.random(BLOCK) < risk.low_execution)
    score = outcomes.evaluation_score(rng, rng.random(BLOCK) < risk.poor_performance)
    evaluated = funded & outcomes.is_evaluated(rng, budget)
    travel = np.array([kind.topic == "three_public" for kind in TYPES])[series.kind]
    found = funded & outcomes.has_finding(rng, series.sloppy, request.padding, travel)
    return Funding(
        approved=np.where(appraised, approved, np.nan),
        funded=funded,
        budget=np.where(funded, budget, np.nan),
        adjusted=np.where(funded, adjusted, np.nan),
        executed=np.where(funded, np.round(adjusted * rate, 2), np.nan),
        evaluation=np.where(evaluated, score, np.nan),
        found=found,
        open_for=rng.geometric(RECTIFIED, BLOCK),
    )


def _carry_over(block: Block, state: State, index: int) -> None:
    """Move what this round leaves behind into `state`."""
    this = block.rounds[index]
    funding, active = this.funding, this.situation.active
    rng = stream(block.seed, block.number, f"carry over {block.span.year(index)}")
    state.funded_years = state.funded_years + funding.funded
    rate = funding.executed / funding.adjusted
    state.rate = np.where(funding.funded, rate, state.rate)
    known = ~np.isnan(funding.evaluation)
    state.evaluation = np.where(known, funding.evaluation, state.evaluation)
    state.last_budget = np.where(funding.funded, funding.budget, 0.0)
    declared = np.where(active[:, None], this.targets.value, np.nan)
    state.targets = replace(this.targets, value=declared)
    state.achieved = _achieved(rng, block, this)
    odds = np.where(funding.funded, 1.0, CONTINUES_UNFUNDED)
    odds = np.where(funding.evaluation < outcomes.POOR, CONTINUES_POOR, odds)
    state.alive = state.alive & (~active | (rng.random(BLOCK) < odds))


def _achieved(rng: np.random.Generator, block: Block, this: Round) -> np.ndarray:
    """Actual ÷ target of each performance target; NaN where the project was not carried out."""
    poor = np.where(np.isnan(this.funding.evaluation), False, this.funding.evaluation < 80)
    # Who sets targets low overshoots them.
    usual = np.where(block.habits.sandbagging, 1.15, 1.0)
    level = np.where(poor, 0.85, usual)[:, None]
    share = level + rng.normal(0, 0.04, (BLOCK, SLOTS))
    return np.where(this.funding.funded[:, None], share, np.nan)
