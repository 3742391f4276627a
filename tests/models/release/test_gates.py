"""Every gate: what it passes, what it fails, and where it says that it cannot judge."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from features.errors import BundleError
from features.field import Role
from models.approval import Status, Verdict
from models.people import People, Person, PersonKey
from models.release.comparison import Comparison
from models.release.gates import Judged, verdicts
from models.release.release_policy import release_policy
from models.release.review import Conclusion, Review, Severity
from models.release.verdicts import Said, failed
from models.trial import Trial
from models.version import Version
from tests.releases import comparison_json, reviewed_cases
from tests.rulers import catalogue_of, ruler
from tests.small_model import small, small_data, small_settings
from training.climber import climb
from training.evaluation import evaluate
from training.swaps import swap_effects
from training.train import train

FIRST = Version(1, f"sha256:{'1' * 64}", "2025-01-01", "run-1", "trainer")
SECOND = Version(2, f"sha256:{'2' * 64}", "2025-02-01", "run-2", "trainer")
HEADS = ("axis", "second", "cost", "risk")
TRIAL = Trial(20, 2023, HEADS, ("axis", "second", "cost"))
NOW = "2025-11-10T00:00:00Z"
Change = Callable[[dict[str, Any]], None]


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return release_policy(None, tmp_path_factory.mktemp("empty"))


ZHAO = PersonKey.generate()
_PERSON = Person(name="Zhao", account="zhao", key=ZHAO.public, since="2020-01-01T00:00:00Z")
PEOPLE = People(people=(_PERSON,))


def review_of(comparison: Comparison, **changes: Any) -> Review:
    review = Review(
        format=2,
        catalogue="small",
        version=2,
        challenger=SECOND.digest,
        comparison=comparison.file_digest,
        reviewers=("Zhao",),
        conclusion=Conclusion.APPROVE,
        comment="sound",
        made="2025-11-04T00:00:00Z",
        cases=reviewed_cases(),
    )
    return review.model_copy(update=changes).signed_by([ZHAO], PEOPLE)


def case_of(shipped: Any, change: Change = lambda raw: None, champion: bool = True) -> Judged:
    raw = comparison_json(SECOND, FIRST if champion else None)
    change(raw)
    comparison = Comparison.parse(json.dumps(raw).encode(), "the test's")
    return Judged(
        "small",
        comparison,
        shipped,
        SECOND,
        FIRST if champion else None,
        HEADS if champion else (),
        TRIAL,
        review_of(comparison),
        NOW,
        PEOPLE,
    )


def failures(case: Judged) -> list[str]:
    return [v.name for v in verdicts(case) if v.status is Status.FAIL]


def found(case: Judged, name: str) -> Verdict:
    return next(v for v in verdicts(case) if v.name == name)


def test_a_sound_challenger_passes_every_gate(shipped: Any) -> None:
    said = verdicts(case_of(shipped))
    assert [v for v in said if v.status is Status.FAIL] == []
    assert {v.gate for v in said} == {
        *("challenger", "champion", "distinct", "bundle", "later_rounds", "complete"),
        *("no_worse", "coverage", "calibration", "too_good"),
        *("from_zero", "identity", "climber", "data_quality", "stability", "reviewed"),
    }
    assert all(v.reason for v in said if v.status is Status.NOT_APPLICABLE)
    assert all(bool(v.reason) == bool(v.reason_zh) for v in said)
    assert all(re.search("[\u4e00-\u9fff]", v.reason_zh) for v in said if v.reason_zh)


def test_a_verdict_signed_without_a_chinese_reason_keeps_its_bytes() -> None:
    signed = b'{"gate":"bundle","reason":"so","status":"fail"}'
    before = Verdict.model_validate_json(signed)
    assert b"reason_zh" not in before.to_bytes()
    told = failed("bundle", Said("如此", "so"))
    assert "如此".encode() in told.to_bytes()  # the control: one that has it is signed with it


def test_verdict_names_are_unique(shipped: Any) -> None:
    names = [v.name for v in verdicts(case_of(shipped))]
    assert len(names) == len(set(names))


def _set(*path: str) -> Callable[[Any], Change]:
    def to(value: Any) -> Change:
        def change(raw: dict[str, Any]) -> None:
            inside: Any = raw
            for step in path[:-1]:
                inside = inside[step]
            inside[path[-1]] = value

        return change

    return to


def _metric(head: str, name: str, group: str | None = None, **values: Any) -> Change:
    def change(raw: dict[str, Any]) -> None:
        # The test's groups share their metrics: each gets one of its own before it is changed.
        raw["heads"] = json.loads(json.dumps(raw["heads"]))
        compared = raw["heads"][head]
        metrics = compared["metrics"] if group is None else compared["groups"][group]
        metrics[name] |= values

    return change


ROAD = "type=road"
PLANTED: list[tuple[Change, list[str]]] = [
    # A metric file of another model, or compared with one that no longer serves.
    (_set("challenger", "digest")(f"sha256:{'9' * 64}"), ["challenger"]),
    (_set("challenger", "version")(3), ["challenger"]),
    (_set("catalogue")("other@1"), ["challenger"]),
    (_set("champion", "digest")(f"sha256:{'9' * 64}"), ["champion"]),
    (_set("champion", "digest")(SECOND.digest), ["champion", "distinct"]),
    (_set("champion")(None), ["champion"]),
    # Measured on rounds that it learned from.
    (_set("data", "rounds")([2023, 2024]), ["later_rounds"]),
    (_set("data", "rounds")([]), ["later_rounds"]),
    # Worse for certain, over all or in one group alone.
    (_metric("axis", "mae", low=0.01, high=0.4), ["no_worse/axis/mae"]),
    (_metric("axis", "r2", low=-0.4, high=-0.01), ["no_worse/axis/r2"]),
    (_metric("axis", "mae", ROAD, low=0.2, high=0.4), ["no_worse/axis/type=road/mae"]),
    (
        _metric("cost", "mean_abs_log_error", challenger=None),
        ["complete/cost", "no_worse/cost/mean_abs_log_error"],
    ),
    # Ranges that do not mean their level.
    (_metric("cost", "coverage", challenger=0.70), ["coverage/cost/coverage"]),
    (_metric("cost", "coverage", ROAD, challenger=0.70), ["coverage/cost/type=road/coverage"]),
    (_metric("cost", "coverage", challenger=0.99), ["coverage/cost/coverage"]),
    (_metric("risk", "calibration_error", challenger=0.06), ["calibration/risk/calibration_error"]),
    (
        _metric("risk", "calibration_error", ROAD, challenger=0.11),
        ["calibration/risk/type=road/calibration_error"],
    ),
    (_metric("axis", "bias", challenger=-3.7), ["calibration/axis/bias"]),
    # Outcomes among the inputs.
    (_metric("axis", "r2", challenger=0.995), ["too_good/axis/r2"]),
    (_metric("risk", "auc", challenger=0.999), ["too_good/risk/auc"]),
    # What must not move a head.
    (_set("effects", "zero_base")({"axis": 1e-9, "second": 0.0, "cost": 0.0}), ["from_zero/axis"]),
    (_set("effects", "zero_base")({"axis": 0.0, "second": 0.0}), ["from_zero/cost"]),
    (
        _set("effects", "identity")({"declarer": dict.fromkeys(HEADS, 0.0) | {"risk": 1e-9}}),
        ["identity/risk/declarer"],
    ),
    (_set("effects", "identity")({}), [f"identity/{head}" for head in HEADS]),
    (_set("effects", "climb")(dict.fromkeys(HEADS, 0.0) | {"cost": 0.3}), ["climber/cost"]),
    # Outcomes that somebody should look at first.
    (_set("data_quality", "duplicates")(["P1 2024"]), ["data_quality/duplicates"]),
    (_set("data_quality", "lifted")(["department D3"]), ["data_quality/lifted"]),
    # The same projects, judged otherwise.
    (_set("same_projects", "grade_flips")(0.2), ["stability/grade_flips"]),
    (_set("same_projects", "rank_correlation")(0.8), ["stability/rank_correlation"]),
    (_set("same_projects", "changed_top_reasons")(0.6), ["stability/changed_top_reasons"]),
    # A head that was not measured at all.
    (lambda raw: raw["heads"].pop("risk"), ["complete/risk", "climber/risk"]),
]


@pytest.mark.parametrize(("change", "failed"), PLANTED)
def test_what_is_planted_fails_at_its_gate_and_nowhere_else(
    shipped: Any, change: Change, failed: list[str]
) -> None:
    assert failures(case_of(shipped, change)) == failed


HARMLESS: list[Change] = [
    _metric("axis", "mae", low=-0.4, high=0.3),  # perhaps worse, not for certain
    _metric("axis", "mae", ROAD, low=0.05, high=0.3),  # worse by less than a group may be
    _metric("cost", "coverage", challenger=0.77),  # chance explains it
    _metric("cost", "coverage", challenger=0.88),  # somewhat too wide
    _metric("axis", "mae", ROAD, low=0.2, high=0.4, n=99),  # too few to tell
    _metric("axis", "bias", challenger=-3.6),  # 3 allowed, and 2.58 · 4 · 1.253 / √400 by chance
    _set("effects", "zero_base")({"axis": 0.0, "second": 0.0, "cost": 0.0, "risk": 2.0}),
]


@pytest.mark.parametrize("change", HARMLESS)
def test_what_chance_explains_or_is_allowed_passes(shipped: Any, change: Change) -> None:
    assert failures(case_of(shipped, change)) == []


def test_a_small_group_is_not_judged_and_says_so(shipped: Any) -> None:
    case = case_of(shipped, _metric("axis", "mae", ROAD, low=0.2, high=0.4, n=99))
    verdict = found(case, "no_worse/axis/type=road/mae")
    assert verdict.status is Status.NOT_APPLICABLE
    assert verdict.reason == "too few projects: 99, of 100 needed"


def test_an_average_does_not_excuse_a_failing_group(shipped: Any) -> None:
    """Over all it is better for certain; for roads it is worse, and that is what counts."""

    def change(raw: dict[str, Any]) -> None:
        _metric("axis", "mae", low=-1.0, high=-0.5)(raw)
        _metric("axis", "mae", ROAD, low=0.2, high=0.4)(raw)

    assert failures(case_of(shipped, change)) == ["no_worse/axis/type=road/mae"]


def test_a_head_that_serves_and_is_gone_is_named(shipped: Any) -> None:
    case = case_of(shipped)
    gone = replace(case, serving_heads=(*HEADS, "low_execution"))
    assert failures(gone) == ["complete/low_execution"]


def test_one_set_of_metrics_shown_for_both_models_is_refused(shipped: Any) -> None:
    def change(raw: dict[str, Any]) -> None:
        raw["heads"] = json.loads(json.dumps(raw["heads"]))
        for compared in raw["heads"].values():
            for metrics in (compared["metrics"], *compared["groups"].values()):
                for metric in metrics.values():
                    metric["champion"] = metric["challenger"]

    assert failures(case_of(shipped, change)) == ["distinct"]


def test_without_a_champion_what_needs_one_is_not_applicable(shipped: Any) -> None:
    case = case_of(shipped, champion=False)
    assert failures(case) == []
    said = {v.gate for v in verdicts(case) if v.status is Status.NOT_APPLICABLE}
    assert said == {"distinct", "no_worse", "stability", "from_zero"}


def test_a_bundle_that_fails_its_trial_fails_by_name(shipped: Any) -> None:
    case = case_of(shipped)
    broken = replace(case, trial=BundleError("expected golden row 1 of axis as it was"))
    assert failures(broken) == ["bundle"]
    assert found(broken, "bundle").reason == "expected golden row 1 of axis as it was"
    assert found(broken, "from_zero").status is Status.NOT_APPLICABLE
    assert failures(replace(case, trial=replace(TRIAL, golden=0))) == ["bundle"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"made": "2025-10-01T00:00:00Z"}, "is older than 30 days"),
        ({"made": "2025-12-01T00:00:00Z"}, "says that it was made later than now"),
        ({"conclusion": Conclusion.REJECT}, "Zhao rejected it: sound"),
        ({"challenger": FIRST.digest}, "the review is of another model"),
    ],
)
def test_a_review_that_does_not_count(shipped: Any, changes: dict[str, Any], said: str) -> None:
    case = case_of(shipped)
    assert case.review is not None
    other = replace(case, review=case.review.model_copy(update=changes))
    assert failures(other) == ["reviewed"]
    assert said in found(other, "reviewed").reason
    assert failures(replace(case, review=None)) == ["reviewed"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"cases": 19}, "19 cases were judged, fewer than the policy asks for"),
        ({"experts": 1}, "1 experts judged, fewer than the policy asks for"),
        ({"open_findings": {Severity.MAJOR: 1}}, "findings are open: major"),
    ],
)
def test_a_review_that_rests_on_too_little(
    shipped: Any, changes: dict[str, Any], said: str
) -> None:
    case = case_of(shipped)
    other = replace(case, review=review_of(case.comparison, cases=reviewed_cases(**changes)))
    assert failures(other) == ["reviewed"]
    assert said in found(other, "reviewed").reason


def test_a_minor_finding_may_be_open(shipped: Any) -> None:
    case = case_of(shipped)
    cases = reviewed_cases(open_findings={Severity.MINOR: 2})
    assert failures(replace(case, review=review_of(case.comparison, cases=cases))) == []


def test_a_review_without_cases_counts_where_the_policy_says_so(shipped: Any) -> None:
    """So does one of an earlier version, which nobody signed; the verdict says so."""
    case = case_of(shipped)
    assert case.review is not None
    old = case.review.model_copy(update={"format": 1, "cases": None, "signatures": ()})
    without = review_of(case.comparison, cases=None)
    rule = shipped.review.model_copy(update={"without_cases": True})
    for review in (old, without):
        refused = replace(case, review=review)
        assert "rests on no judged cases" in found(refused, "reviewed").reason
        assert failures(refused) == ["reviewed"]
        policy = shipped.model_copy(update={"review": rule})
        allowed = replace(case, review=review, policy=policy)
        assert failures(allowed) == []
        assert "without judged cases" in found(allowed, "reviewed").reason


def test_a_review_is_signed_by_its_reviewer_who_did_not_train(shipped: Any) -> None:
    case = case_of(shipped)
    assert case.review is not None
    for changes, said in (
        ({"signatures": ()}, "expected the signatures of Zhao under the review"),
        ({"comment": "other words"}, "got one that does not hold: the review was altered"),
        ({"cases": reviewed_cases(cases=99)}, "the review was altered"),
    ):
        other = replace(case, review=case.review.model_copy(update=changes))
        assert failures(other) == ["reviewed"]
        assert said in found(other, "reviewed").reason
    assert "whose key is not listed" in found(replace(case, people=People()), "reviewed").reason
    own = PEOPLE.people[0].model_copy(update={"account": "trainer"})
    trained = replace(case, people=People(people=(own,)))
    assert "trained it and reviewed it" in found(trained, "reviewed").reason


def test_the_figure_and_the_threshold_are_told(shipped: Any) -> None:
    verdict = found(
        case_of(shipped, _set("same_projects", "grade_flips")(0.2)), "stability/grade_flips"
    )
    assert (verdict.figure, verdict.threshold) == (0.2, 0.15)
    assert verdict.reason == "above the policy's limit"


# Planted in a real training: what is measured of the model is what fails.


def _judged_really(shipped: Any, model: Any, data: Any, settings: Any) -> Judged:
    """The case of a model that was really trained, by figures that were really measured."""
    test = data.where(settings.split.test(data.years))
    evaluated = evaluate(model, test)
    raw = comparison_json(SECOND, FIRST)
    for name, compared in raw["heads"].items():
        compared["groups"] = {}
        for metric in compared["metrics"].keys() & evaluated[name].metrics.keys():
            compared["metrics"] = json.loads(json.dumps(compared["metrics"]))
            compared["metrics"][metric]["challenger"] = evaluated[name].metrics[metric]
    projects = test.projects[:100]
    raw["effects"] = {
        "zero_base": _greatest(model, projects, Role.REQUESTED_AMOUNT, Role.LAST_BUDGET),
        "identity": {"declarer": _greatest(model, projects, Role.DECLARER)},
        "climb": climb(model, projects),
    }
    comparison = Comparison.parse(json.dumps(raw).encode(), "measured")
    zero_based = tuple(n for n in model.heads if small().model.catalogue.head(n).zero_based)
    trial = Trial(20, model.facts.years[1], tuple(model.heads), zero_based)
    return Judged(
        "small",
        comparison,
        shipped,
        SECOND,
        FIRST,
        HEADS,
        trial,
        review_of(comparison),
        NOW,
        PEOPLE,
    )


def _greatest(model: Any, projects: Any, *roles: Role) -> dict[str, float]:
    effects = [swap_effects(model, projects, role) for role in roles]
    return {head: max(effect[head] for effect in effects) for head in model.heads}


def _effects(case: Judged) -> list[str]:
    gates = ("from_zero", "identity", "too_good", "later_rounds")
    return [name for name in failures(case) if name.startswith(gates)]


def test_an_honest_model_really_moves_with_nothing_it_must_not(shipped: Any) -> None:
    data = small_data(catalogue_of(ruler()))
    case = _judged_really(shipped, small().model, data, small_settings(data))
    assert _effects(case) == []  # control of the two tests below


def test_a_model_that_hugs_last_years_base_fails_from_zero(shipped: Any) -> None:
    """The ruler lets the axis read last year's amount, and the panels have followed it."""
    raw = ruler()
    for head in raw["heads"]:
        head["zero_based"] = False  # the catalogue itself would refuse it
    for indicator in raw["indicators"]:
        if indicator["name"] == "last":
            indicator["use"] = {"axis": "+"}
    data = small_data(catalogue_of(raw))
    base = np.array([float(p.values["last"] or 0.0) for p in data.projects])  # type: ignore[arg-type]
    outcomes = {**data.outcomes, "outcome_axis": 40 + 8 * np.log10(base + 1)}
    hugging = replace(data, outcomes=outcomes)
    settings = small_settings(hugging)
    case = _judged_really(shipped, train(hugging, settings), hugging, settings)
    assert "from_zero/axis" in _effects(case)


def test_a_model_that_reads_the_outcome_is_too_good(shipped: Any) -> None:
    """The number of people was written down after the evaluation, from its result."""
    data = small_data(catalogue_of(ruler()))
    late = data.outcomes["outcome_risk"]
    projects = tuple(
        replace(project, values={**project.values, "people": float(400 * (1 - each))})
        for project, each in zip(data.projects, late, strict=True)
    )
    leaking = replace(data, projects=projects)
    settings = small_settings(leaking)
    case = _judged_really(shipped, train(leaking, settings), leaking, settings)
    assert _effects(case) == ["too_good/risk/auc"]
