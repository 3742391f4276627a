"""The measures of the published results, on answers worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

from features.catalogue import load_catalogue
from features.derivation import origins
from features.field import Role
from features.indicator_table import IndicatorTable, Vocabulary
from models.release.binomial_band import binomial_band, simultaneous
from tests.rulers import catalogue_of, ruler
from training.evaluation import auc
from training.growing import TreeSettings
from training.objective import SQUARED_ERROR
from training.results.agreement import accuracy, graded, matching_cuts
from training.results.discrimination import auc_standard_error, auc_within
from training.results.japan_grade import CUTS
from training.results.japan_probability import HEADS, baseline_inputs
from training.results.province_figures import explained_share
from training.results.province_reasons import OTHER, fact_of, overlap
from training.results.side_trees import Grower
from training.results.text_alone import Letters
from training.weighted_kappa import weighted_kappa


def test_auc_within_groups_worked_by_hand() -> None:
    # a: one pair in order, AUC 1, 2 projects; b: no pair in order, AUC 0, 4 projects; c: no pair.
    groups = ["a", "a", "b", "b", "b", "b", "c"]
    outcome = np.array([0.0, 1, 0, 1, 1, 0, 1])
    value = np.array([0.1, 0.9, 0.8, 0.2, 0.1, 0.3, 0.5])
    assert auc_within(value, outcome, groups) == pytest.approx(2 / 6)
    # The control: the pooled AUC is another figure (6½ of 12 pairs in order, one is a tie).
    assert auc(value, outcome) == pytest.approx(6.5 / 12)


def test_knowing_the_group_only_does_not_help_within_groups() -> None:
    groups = ["a"] * 10 + ["b"] * 10
    outcome = np.array([0.0] * 9 + [1.0] + [1.0] * 9 + [0.0])
    value = np.array([0.1] * 10 + [0.9] * 10)
    assert auc_within(value, outcome, groups) == pytest.approx(0.5)
    assert auc(value, outcome) == pytest.approx(0.9)


def test_the_standard_error_shrinks_with_more_projects() -> None:
    random = np.random.default_rng(3)
    outcome = np.repeat([0.0, 1.0], 400)
    value = outcome + random.normal(0, 1.5, 800)
    few = np.r_[0:50, 400:450]
    many_error = auc_standard_error(value, outcome)
    # Hanley and McNeil (1982) give about 0.017 for 400 and 400 at this AUC; eight times fewer
    # projects err by √8 as much.
    assert many_error == pytest.approx(0.017, abs=0.004)
    few_error = auc_standard_error(value[few], outcome[few])
    assert few_error == pytest.approx(many_error * np.sqrt(8), rel=0.35)


def test_kappa_worked_by_hand() -> None:
    given, true = np.array([0, 1, 2, 2]), np.array([0, 1, 2, 0])
    # Seen: one pair two grades apart, 4. By chance: 26 ÷ 4 = 6.5.
    assert weighted_kappa(given, true, 3) == pytest.approx(1 - 4 / 6.5)
    assert accuracy(given, true) == pytest.approx(3 / 4)
    assert weighted_kappa(true, true, 3) == pytest.approx(1.0)
    # The control: the commonest grade for everybody is half right and yet agrees with nothing.
    assert weighted_kappa(np.zeros(4, dtype=np.int64), true, 3) == pytest.approx(0.0)
    assert accuracy(np.zeros(4, dtype=np.int64), true) == pytest.approx(2 / 4)


def test_grades_begin_at_their_cuts() -> None:
    shares = np.array([0.0, 59.9, 60.0, 89.9, 90.0, 99.4, 99.5, 100.0])
    assert graded(shares, CUTS).tolist() == [0, 0, 1, 1, 2, 2, 3, 3]


def test_matching_cuts_restore_the_shares_of_grades() -> None:
    value = np.arange(100.0)
    true = np.repeat([0, 1, 2, 3], [10, 20, 30, 40])
    found = graded(value, matching_cuts(value, true, 4))
    assert np.bincount(found).tolist() == [10, 20, 30, 40]
    # The control: squeezed together, as means are, the old cuts give no extreme grade.
    squeezed = 40 + value / 5
    assert np.bincount(graded(squeezed, matching_cuts(value, true, 4)), minlength=4)[0] == 0
    again = graded(squeezed, matching_cuts(squeezed, true, 4))
    assert np.bincount(again).tolist() == [10, 20, 30, 40]


def test_bands_for_all_at_once_are_wider() -> None:
    assert simultaneous(1) == pytest.approx(0.99)
    assert simultaneous(10) == pytest.approx(0.999)
    own, wide = binomial_band(200, 0.8), binomial_band(200, 0.8, simultaneous(19))
    assert wide[0] < own[0] < 0.8 < own[1] < wide[1]
    # By chance at most one in a hundred families of 19 leaves the wide band anywhere.
    low, high = (round(200 * end) for end in wide)
    inside = binom.cdf(high, 200, 0.8) - binom.cdf(low - 1, 200, 0.8)
    assert inside**19 >= 0.99
    # The control: with bands of their own they leave it more often.
    low, high = (round(200 * end) for end in own)
    assert (binom.cdf(high, 200, 0.8) - binom.cdf(low - 1, 200, 0.8)) ** 19 < 0.99


def test_explained_share_worked_by_hand() -> None:
    true = np.array([0.0, 2.0, 4.0])
    assert explained_share(true, true) == pytest.approx(1.0)
    assert explained_share(np.full(3, 2.0), true) == pytest.approx(0.0)
    # Mean square 1 ÷ 3, variance 8 ÷ 3.
    assert explained_share(np.array([0.0, 2.0, 3.0]), true) == pytest.approx(1 - 1 / 8)


def test_overlap_of_top_reasons_worked_by_hand() -> None:
    told = np.array([[5.0, -4.0, 3.0, 1.0], [0.0, 1.0, 2.0, 3.0]])
    true = np.array([[0.0, 1.0, -9.0, 8.0], [9.0, 0.0, 0.0, 1.0]])
    # Told first: {0, 1, 2} and {3, 2, 1}; true first: 2 and 0.
    assert overlap(told, true, 1) == pytest.approx(1 / 2)
    # True top three {2, 3, 1} and {0, 3, 1}: two of three each.
    assert overlap(told, true, 3) == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("indicator", "fact"),
    [
        ("policy_level_in_force", "policy basis"),
        ("statutory_duty", "statutory duty"),
        ("deadline_urgency", "deadline"),
        ("beneficiaries_per_driver", "people reached"),
        ("function_class", "function and type"),
        ("last_evaluation", "evaluation"),
        ("targets_quantified", "targets"),
        ("findings_open", "findings"),
        ("need_original", "argument"),
        ("plan_original", OTHER),
        ("history_years", OTHER),
        ("years_running", OTHER),
    ],
)
def test_the_fact_that_an_indicator_rests_on(indicator: str, fact: str) -> None:
    assert fact_of(indicator, load_catalogue("zero_base")) == fact


def test_the_sceptics_baselines_hold_what_their_names_say() -> None:
    catalogue = load_catalogue("japan_review")
    inputs = {head: baseline_inputs(catalogue, head) for head in HEADS}
    assert inputs["cut"] == ["request_next", "request_to_initial"]
    assert inputs["low_execution"] == ["exec_rate_ym1"]
    static = set(inputs["low_outcome"])
    assert {"name_length", "method_subsidy", "age", "n_outcome"} <= static
    assert not static & {"exec_rate_ym1", "outcome_rate_ym1", "request_next", "n_payees"}
    declarers = {i.name for i in catalogue.given if i.role is Role.DECLARER}
    for names in inputs.values():
        assert not any(origins(name, catalogue.by_name) & declarers for name in names)


def _grower(people: np.ndarray) -> Grower:
    catalogue = catalogue_of(ruler())
    columns = {"people": people, "area": np.zeros(len(people))}
    settings = TreeSettings(trees=5, least_rows_per_leaf=5, row_share=1.0)
    return Grower(catalogue, IndicatorTable(columns, len(people)), Vocabulary({}), settings)


def test_what_is_left_out_is_not_learned_from() -> None:
    people = np.arange(200.0)
    grower, learned = _grower(people), np.arange(200) < 150
    target = np.where(people % 2 == 0, people, people + 1)
    nonsense = np.where(learned, target, -1e6)

    def text(goal: np.ndarray, rows: np.ndarray) -> str:
        return grower.grown("axis", ["people"], goal, rows, SQUARED_ERROR).trees.text

    assert text(target, learned) == text(nonsense, learned)
    # The control: learned from all rows, the nonsense is seen.
    everything = np.ones(200, dtype=np.bool_)
    assert text(target, everything) != text(nonsense, everything)


def test_letters_tell_what_only_texts_tell() -> None:
    texts = ["調査研究の推進" if place % 2 else "施設整備の補助" for place in range(80)]
    event = np.array([float(place % 2) for place in range(80)])
    learned, asked = np.arange(80) < 60, np.arange(60, 80)
    said = Letters.of(texts, learned).probability(event, learned, asked)
    assert auc(said, event[asked]) == pytest.approx(1.0)
    # The control: texts that all agree tell nothing.
    same = Letters.of(["施設整備の補助"] * 80, learned).probability(event, learned, asked)
    assert auc(same, event[asked]) == pytest.approx(0.5)
