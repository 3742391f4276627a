"""The process behind the invented province: what it depends on, how strong it is, what it hides."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pandas as pd
import pytest

from training.province import life, outcomes, simulate_province
from training.province.axes import (
    AxisFacts,
    importance_terms,
    necessity_terms,
    policy_points,
    total,
)
from training.province.costs import CostFacts, price_index, true_cost
from training.province.functions import CLASSES
from training.province.project_types import TYPE_INDEX
from training.province.regions import LEVELS
from training.province.risks import RiskFacts
from training.province.rounds import Round, State
from training.province.span import Span

ROWS = 6_000
# Two-sided bounds so wide that chance breaks one in about sixteen thousand.
STANDARD_ERRORS = 4.0


@pytest.fixture(scope="module")
def province(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    """Projects, outcomes and truth side by side."""
    files = simulate_province(tmp_path_factory.mktemp("province"), projects=ROWS)
    columns = ["pro_code", "fiscal_year", "project_type", "strategic_match", "apply_amt"]
    key = ["pro_code", "fiscal_year"]
    frame = pd.read_parquet(files.projects, columns=columns)
    for path in (files.outcomes, files.truth):
        frame = frame.merge(pd.read_parquet(path), on=key, validate="one_to_one")
    return frame


def _facts(**changes: object) -> AxisFacts:
    """One education project of a county in 2022 with nothing in its favour."""
    one = {
        "policy_level": 0, "valid_level": 0, "mandatory": False, "statutory": False, "urgency": 0.0,
        "function": CLASSES.index("205"), "kind": TYPE_INDEX["education_subsidy"],
        "region_level": LEVELS.index("county"), "strategic": 0, "beneficiaries": 10.0,
        "evaluation": np.nan, "share_quantified": 0.5, "open_findings": 0, "funded_years": 0,
        "sentences": 3,
    }  # fmt: skip
    year = changes.pop("year", 2022)
    return AxisFacts(year=year, **{k: np.array([v]) for k, v in (one | changes).items()})  # type: ignore[arg-type]


def _necessity(**changes: object) -> float:
    return float(total(necessity_terms(_facts(**changes)))[0])


def _importance(**changes: object) -> float:
    return float(total(importance_terms(_facts(**changes)))[0])


def _auc(labels: np.ndarray, scores: np.ndarray) -> float:
    """Share of pairs in the right order: Mann and Whitney's statistic."""
    ranks = pd.Series(scores).rank().to_numpy()
    positive = int(labels.sum())
    above = ranks[labels].sum() - positive * (positive + 1) / 2
    return float(above / (positive * (len(labels) - positive)))


def test_necessity_worked_by_hand() -> None:
    # 26 base + 4 livelihood + 2 education; nobody beyond ten is reached.
    assert _necessity() == pytest.approx(32.0)
    # A central document in force: 20 points; expired: 30 % of them.
    assert _necessity(policy_level=5, valid_level=5) == pytest.approx(52.0)
    assert _necessity(policy_level=5) == pytest.approx(38.0)
    # The duty is worth 14 without documents, 14 − 5 beside a central one.
    assert _necessity(statutory=True) == pytest.approx(46.0)
    assert _necessity(statutory=True, policy_level=5, valid_level=5) == pytest.approx(61.0)
    # A thousand people: reach 0.4, 9 points × 0.4 × 1.2 for livelihood.
    assert _necessity(beneficiaries=1_000.0) == pytest.approx(32.0 + 4.32)
    # Due now 11, last evaluation 92: 0.3 × 10, one open finding −3.5.
    assert _necessity(urgency=1.0, evaluation=92.0, open_findings=1) == pytest.approx(42.5)
    # Three funded years without a document in force: −5.
    assert _necessity(funded_years=3) == pytest.approx(27.0)
    assert _necessity(sentences=0) == pytest.approx(29.5)


def test_importance_worked_by_hand() -> None:
    # 24 base + 4 livelihood + 3 education + 5 topic.
    assert _importance() == pytest.approx(36.0)
    assert _importance(strategic=3) == pytest.approx(63.0)
    # Both a priority and due: 6 more; due alone: nothing.
    assert _importance(strategic=3, urgency=1.0) == pytest.approx(69.0)
    assert _importance(urgency=1.0) == pytest.approx(36.0)


def test_policy_changes_in_2023() -> None:
    # Strategic match weighs 15 % more (27 → 31.05), livelihood 1.5 points.
    before, after = (_importance(strategic=3, year=year) for year in (2022, 2023))
    assert after - before == pytest.approx(4.05 + 1.5)
    assert _importance(strategic=3, year=2025) == after
    assert _importance(strategic=3, year=2020) == before


def test_true_cost_worked_by_hand() -> None:
    def cost(quantity: float, **changes: object) -> float:
        one: dict[str, object] = {
            "kind": TYPE_INDEX["property_service"], "quantity": quantity, "price_index": 1.1,
            "region_level": LEVELS.index("county"), "asset": False, "one_off": False,
            "procured": False, "bought": False,
        }  # fmt: skip
        return float(
            true_cost(CostFacts(**{k: np.array([v]) for k, v in (one | changes).items()}))[0]
        )

    assert cost(9_000) == pytest.approx(9_000 * 62 * 1.1)
    # Ten times the floor area costs 10 ** 0.92 times as much.
    assert cost(90_000) == pytest.approx(9_000 * 62 * 1.1 * 10**0.92)
    assert cost(9_000, asset=True, procured=True) == pytest.approx(9_000 * 62 * 1.1 * np.exp(0.02))


def test_price_index_rises_by_year_and_differs_by_region() -> None:
    kind = np.array([TYPE_INDEX["temporary_staff"], TYPE_INDEX["road_maintenance"]])
    base, later, dear = (
        price_index(kind, np.array([region, region]), year)
        for region, year in ((1.0, 2020), (1.0, 2021), (1.1, 2020))
    )
    assert base.tolist() == [1.0, 1.0]
    assert later.tolist() == [1.035, round(1.03 * 1.05, 3)]
    assert dear.tolist() == [1.1, 1.1]


def test_grades_are_half_open() -> None:
    scores = np.array([100, 90, 89.9, 80, 79.9, 60, 59.9, 0])
    assert outcomes.grade(scores).tolist() == ["优", "优", "良", "良", "中", "中", "差", "差"]


def test_axes_and_cost_have_no_field_for_amounts_or_declarers() -> None:
    forbidden = ("amount", "budget", "request", "depart", "agency", "padding", "growth")

    def named(facts: type) -> list[str]:
        return [f.name for f in fields(facts) if any(word in f.name for word in forbidden)]

    assert named(AxisFacts) == named(CostFacts) == []
    assert named(RiskFacts) == ["growth", "padding"]  # risks may know what is asked for


def _first_round(departments_rolled: int) -> Round:
    block = life.live(3, 0, Span(1))
    moved = np.roll(block.series.department, departments_rolled)
    block = replace(block, series=replace(block.series, department=moved), rounds=[])
    return life._round(block, State(), 0)


def test_swapping_departments_moves_neither_axes_nor_cost() -> None:
    before, after = _first_round(0), _first_round(1)
    for name in ("necessity_true", "importance_true", "expert_necessity", "expert_importance"):
        assert np.array_equal(getattr(before.merit, name), getattr(after.merit, name))
    assert np.array_equal(before.request.cost, after.request.cost)
    both = ~np.isnan(before.funding.approved) & ~np.isnan(after.funding.approved)
    assert np.array_equal(before.funding.approved[both], after.funding.approved[both])
    # The control: what a department asks for does depend on its habits.
    assert not np.array_equal(before.request.amount, after.request.amount)


def test_terms_add_up_to_the_explainable_axis(province: pd.DataFrame) -> None:
    for axis in ("necessity", "importance"):
        terms = pd.DataFrame(province[f"{axis}_terms"].tolist())
        inside = terms.sum(axis=1).clip(0, 100)
        assert np.allclose(inside, province[f"{axis}_explainable"])
        less = terms.drop(columns="function").sum(axis=1).clip(0, 100)
        assert not np.allclose(less, province[f"{axis}_explainable"])


def _coverage_is_80_percent(frame: pd.DataFrame, widen: float = 1.0) -> bool:
    log = np.log(frame["approved_amt"] / frame["cost_true"])
    half = np.log(frame["cost_q90"] / frame["cost_true"]) * widen
    inside = (log.abs() <= half).mean()
    return bool(abs(inside - 0.8) <= STANDARD_ERRORS * np.sqrt(0.8 * 0.2 / len(frame)))


def test_the_oracle_range_holds_80_percent(province: pd.DataFrame) -> None:
    approved = province[province["approved_amt"].notna()]
    assert _coverage_is_80_percent(approved)
    assert not _coverage_is_80_percent(approved, widen=0.85)
    for _, part in approved.groupby("project_type"):
        # Half of the noise stays with a series: as if there were only half as many.
        assert len(part) < 100 or _coverage_is_80_percent(part.iloc[::2])


def test_the_approved_amount_ignores_the_request(province: pd.DataFrame) -> None:
    approved = province[province["approved_amt"].notna()]
    noise = np.log(approved["approved_amt"] / approved["cost_true"])
    padding = np.log(approved["padding"])
    bound = STANDARD_ERRORS / np.sqrt(len(approved) / 2)
    assert abs(np.corrcoef(noise, padding)[0, 1]) < bound
    # The control: a centre that gives in by a tenth of the padding.
    assert abs(np.corrcoef(noise + 0.1 * padding, padding)[0, 1]) > bound


def test_experts_see_mostly_what_can_be_explained(province: pd.DataFrame) -> None:
    for axis in ("necessity", "importance"):
        score = province[f"expert_{axis}"]
        shares = [
            1 - np.var(score - province[f"{axis}_{part}"]) / np.var(score)
            for part in ("explainable", "true")
        ]
        assert 0.80 <= shares[0] <= 0.90
        assert shares[1] > shares[0] + 0.02
        assert score.between(0, 100).all()
        assert np.allclose(score, score.round(1))


@pytest.mark.parametrize("risk", ["low_execution", "poor_performance"])
def test_risks_are_calibrated_and_can_be_foreseen_in_part(
    province: pd.DataFrame, risk: str
) -> None:
    funded = province[province["budget_amt"].notna()]
    if risk == "low_execution":
        label = funded["executed_amt"] / funded["adjusted_amt"] < 0.8
    else:
        funded = funded[funded["eval_score"].notna()]
        label = funded["eval_score"] < 80
    likely = funded[f"p_{risk}"]
    assert 0.75 <= _auc(label.to_numpy(), likely.to_numpy()) <= 0.85
    assert _is_calibrated(label, likely)
    assert not _is_calibrated(label, likely.clip(0.15, 0.25))


def _is_calibrated(label: pd.Series, likely: pd.Series) -> bool:
    thirds = pd.qcut(likely, 3, duplicates="drop")
    for _, part in label.groupby(thirds, observed=True):
        expected = likely[part.index].mean()
        error = np.sqrt(expected * (1 - expected) / len(part))
        if abs(part.mean() - expected) > STANDARD_ERRORS * error:
            return False
    return True


def test_a_few_departments_pad_their_requests(province: pd.DataFrame) -> None:
    department = province["pro_code"].str.split("-").str[2]
    median = province.groupby(department)["padding"].median()
    padders = median[median > 1.2]
    assert 5 <= len(padders) <= 10
    assert padders.max() < 1.6
    assert median.drop(padders.index).between(0.97, 1.2).all()


def test_expired_documents_count_a_little() -> None:
    levels = [(5, 5), (5, 3), (5, 0), (0, 0)]
    points = [float(policy_points(_facts(policy_level=a, valid_level=v))[0]) for a, v in levels]
    assert points == pytest.approx([20.0, 13.0, 6.0, 0.0])
