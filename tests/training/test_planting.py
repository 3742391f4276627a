"""Faults planted into the invented province: told apart in the truth, and by nothing else."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from features.catalogue import load_catalogue
from features.checks.checks import Checks
from features.checks.dimensions.ruler_files import ruler_in_force
from features.checks.rule_files import read_rule_book, rule_texts
from features.declared_project import parse_project
from features.indicator_table import indicator_table
from training.province import simulate_province
from training.province.departments import departments
from training.province.planting import KINDS
from training.province.planting.amounts import adds_up
from training.province.planting.pairs import THRESHOLDS
from training.province.planting.planted import DUPLICATES, SPLIT, VIOLATIONS
from training.province.planting.unit import department_of, other_department
from training.province.project_types import TYPE_INDEX

ROWS = 3_500
Row = dict[str, Any]


@dataclass(frozen=True)
class Simulated:
    folder: Path
    projects: dict[tuple[str, int], Row]
    order: list[tuple[str, int]]
    planted: list[Row]


def _simulated(folder: Path, **options: Any) -> Simulated:
    files = simulate_province(folder, projects=ROWS, **options)
    rows = pq.read_table(files.projects).to_pylist()
    keyed = {(row["pro_code"], row["fiscal_year"]): row for row in rows}
    planted = pq.read_table(files.planted).to_pylist() if files.planted else []
    return Simulated(folder, keyed, list(keyed), planted)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Simulated:
    return _simulated(tmp_path_factory.mktemp("plain"))


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Simulated:
    return _simulated(tmp_path_factory.mktemp("planted"), planting=True)


def _key(fault: Row) -> tuple[str, int]:
    return fault["project_id"], fault["fiscal_year"]


def _partner(fault: Row) -> tuple[str, int]:
    return fault["partner"], fault["partner_year"]


def _named(planted: list[Row]) -> set[tuple[str, int]]:
    return {_key(fault) for fault in planted} | {_partner(fault) for fault in planted}


def test_every_kind_is_planted(planted: Simulated) -> None:
    counts = Counter(fault["kind"] for fault in planted.planted)
    assert set(counts) == set(KINDS)
    assert min(counts.values()) >= 5


def test_projects_that_the_truth_does_not_name_are_untouched(
    plain: Simulated, planted: Simulated
) -> None:
    named = _named(planted.planted)
    others = [key for key in plain.projects if key not in named]
    assert all(plain.projects[key] == planted.projects[key] for key in others)
    touched = [key for key in plain.projects if key in named]
    assert any(plain.projects[key] != planted.projects[key] for key in touched)  # the control
    assert set(planted.projects) - set(plain.projects) <= named


def test_without_planting_nothing_is_told_of_it(plain: Simulated, planted: Simulated) -> None:
    assert plain.planted == []
    assert not (plain.folder / "truth" / "planted.parquet").exists()
    assert "planted" not in (plain.folder / "README.md").read_text(encoding="utf-8")
    assert "planted.parquet" in (planted.folder / "README.md").read_text(encoding="utf-8")


def test_a_simulation_without_planting_leaves_no_older_truth_behind(tmp_path: Path) -> None:
    simulate_province(tmp_path, projects=50, planting=True)
    assert (tmp_path / "truth" / "planted.parquet").exists()
    simulate_province(tmp_path, projects=50)
    assert not (tmp_path / "truth" / "planted.parquet").exists()


def test_the_same_seed_plants_the_same(planted: Simulated, tmp_path: Path) -> None:
    again = _simulated(tmp_path / "again", planting=True)
    assert again == Simulated(again.folder, planted.projects, planted.order, planted.planted)
    other = _simulated(tmp_path / "other", planting=True, seed=8)
    assert other.planted != planted.planted


def test_every_project_is_a_declared_project_of_the_catalogue(planted: Simulated) -> None:
    ruler = load_catalogue("zero_base")
    for key in _named(planted.planted) - {(None, None)}:
        assert parse_project(planted.projects[key], ruler).project_id == key[0]


def test_outcomes_and_truth_have_the_projects_in_their_order(planted: Simulated) -> None:
    for name in ("outcomes.parquet", "truth/truth.parquet"):
        table = pq.read_table(planted.folder / name, columns=["pro_code", "fiscal_year"])
        assert [tuple(row.values()) for row in table.to_pylist()] == planted.order


def test_nothing_but_the_truth_tells_added_projects(plain: Simulated, planted: Simulated) -> None:
    added = [key for key in planted.order if key not in plain.projects]
    places = [planted.order.index(key) / len(planted.order) for key in added]
    assert 0.35 < sum(places) / len(places) < 0.65  # anywhere among the others
    numbers = sorted(int(code.rsplit("-", 1)[1]) for code, _ in plain.order)
    assert all(numbers[0] <= int(code.rsplit("-", 1)[1]) <= numbers[-1] + 1024 for code, _ in added)
    codes = Counter(code.rsplit("-", 1)[1] for code in {code for code, _ in planted.order})
    assert set(codes.values()) == {1}  # a number is one series'


def test_duplicates_ask_for_nearly_the_same_in_other_words(planted: Simulated) -> None:
    pairs = [f for f in planted.planted if f["kind"] in DUPLICATES]
    reworded = 0
    for fault in pairs:
        one, other = planted.projects[_key(fault)], planted.projects[_partner(fault)]
        assert 0.7 < one["apply_amt"] / other["apply_amt"] < 1.4
        assert one["pro_code"] != other["pro_code"]
        assert one["project_type"] == other["project_type"]
        assert adds_up(one)
        reworded += one["pro_desc"] != other["pro_desc"]
    assert reworded > 0.6 * len(pairs)
    kinds = {f["kind"]: (planted.projects[_key(f)], planted.projects[_partner(f)]) for f in pairs}
    one, other = kinds["duplicate_department"]
    assert one["dept_code"] != other["dept_code"]
    one, other = kinds["duplicate_level"]
    assert one["region_level"] != other["region_level"]
    one, other = kinds["duplicate_year"]
    assert one["fiscal_year"] == other["fiscal_year"] + 1
    assert one["exist_status"] == "001"


def test_parts_of_a_split_stay_below_the_threshold_and_their_sum_does_not(
    plain: Simulated, planted: Simulated
) -> None:
    parts = [f for f in planted.planted if f["kind"] == SPLIT]
    whole: Counter[tuple[str, int]] = Counter()
    for fault in parts:
        project, threshold = planted.projects[_key(fault)], float(fault["detail"])
        assert threshold in THRESHOLDS
        assert project["apply_amt"] < threshold
        whole[_partner(fault) if fault["partner"] else _key(fault)] += project["apply_amt"]
    for key, amount in whole.items():
        assert amount == pytest.approx(plain.projects[key]["apply_amt"], rel=0.02)
    assert min(whole.values()) > min(THRESHOLDS)


def test_padded_prices_are_where_the_truth_says(plain: Simulated, planted: Simulated) -> None:
    padded = [f for f in planted.planted if f["kind"] == "padded_price"]
    for fault in padded:
        place = int(fault["item"].removeprefix("cost_lines[").removesuffix("]")) - 1
        before = plain.projects[_key(fault)]["cost_lines"]
        after = planted.projects[_key(fault)]["cost_lines"]
        factor = after[place]["price"] / before[place]["price"]
        assert factor == pytest.approx(float(fault["detail"]), rel=0.01)
        assert adds_up(planted.projects[_key(fault)])
        others = [i for i in range(len(after) - 1) if i != place]
        assert all(after[i] == before[i] for i in others)


@pytest.mark.parametrize(
    ("kind", "broken"),
    [
        ("missing_document", lambda p: all(a["doctype"] != "政策依据" for a in p["attachments"])),
        (
            "expired_policy",
            lambda p: all(
                policy["issue_date"] < (policy["valid_to"] or "9999") < f"{p['fiscal_year']}-01-01"
                for policy in p["policy_basis"]
            ),
        ),
        ("sums_wrong", lambda p: not adds_up(p)),
        ("vague_targets", lambda p: sum(t["target"].isdigit() for t in p["kpi"]) < len(p["kpi"])),
    ],
)  # fmt: skip
def test_violations_break_their_rule(
    kind: str, broken: Any, plain: Simulated, planted: Simulated
) -> None:
    keys = [_key(f) for f in planted.planted if f["kind"] == kind]
    assert all(broken(planted.projects[key]) for key in keys)
    if kind != "vague_targets":  # some have a vague target by themselves
        assert not any(broken(plain.projects[key]) for key in keys)


def test_a_wrong_economic_code_is_a_code_and_the_truth_has_the_right_one(
    plain: Simulated, planted: Simulated
) -> None:
    for fault in (f for f in planted.planted if f["kind"] == "wrong_economic_code"):
        place = int(fault["item"].split("[")[1].split("]")[0]) - 1
        before = plain.projects[_key(fault)]["cost_lines"][place]["dep_bgt_eco_code"]
        after = planted.projects[_key(fault)]["cost_lines"][place]["dep_bgt_eco_code"]
        assert fault["detail"] == before != after
        assert len(after) == 5


def test_copies_are_of_the_project_that_the_truth_names(planted: Simulated) -> None:
    for fault in planted.planted:
        if fault["kind"] not in ("copied_text", "copied_targets"):
            continue
        one, other = planted.projects[_key(fault)], planted.projects[_partner(fault)]
        if fault["kind"] == "copied_text":
            assert one["pro_necessary"][-60:] == other["pro_necessary"][-60:]
            assert one["dept_code"] != other["dept_code"]
        else:
            same = [(t["name"], t["target"]) for t in one["kpi"]]
            assert same == [(t["name"], t["target"]) for t in other["kpi"]]


def test_a_type_of_a_single_department_can_be_declared_by_another(planted: Simulated) -> None:
    project = next(
        p for p in planted.projects.values() if p["project_type"] == "agriculture_support"
    )
    own, rng = department_of(project), np.random.default_rng(1)
    assert departments().type_weight[:, TYPE_INDEX["agriculture_support"]].astype(bool).sum() == 1
    assert all(other_department(rng, project) != own for _ in range(20))


DIMENSION_OF = {
    "missing_document": "normativity",
    "expired_policy": "normativity",
    "sums_wrong": "normativity",
    "wrong_economic_code": "normativity",
    "vague_targets": "performance",
}


def test_a_planted_violation_lowers_the_score_of_its_dimension_and_of_no_other(
    plain: Simulated, planted: Simulated
) -> None:
    catalogue = load_catalogue("zero_base")
    book = read_rule_book(rule_texts("zero_base"), catalogue, examples=False)
    checks = Checks(book, catalogue, ruler=ruler_in_force(plain.folder, "zero_base"))

    def scores(row: Row) -> dict[str, Any]:
        project = parse_project(row, catalogue)
        table = indicator_table([project], catalogue)
        assert checks.rating is not None
        rated = checks.rating.rated(
            checks.checked(project), None, lambda name: float(table[name][0])
        )
        return {each.ruled.name: each.score for each in rated.dimensions if each.score is not None}

    lowered: Counter[str] = Counter()
    faults = [fault for fault in planted.planted if fault["kind"] in DIMENSION_OF]
    assert {fault["kind"] for fault in faults} == set(VIOLATIONS)
    for fault in faults:
        before = scores(plain.projects[_key(fault)])
        after = scores(planted.projects[_key(fault)])
        # A fault may hide another: a reception that is left out, or stands under a wrong class.
        lower = {name for name in before if after.get(name, 0) < before[name]}
        assert lower <= {DIMENSION_OF[fault["kind"]]}, fault
        lowered[fault["kind"]] += bool(lower)
    counts = Counter(fault["kind"] for fault in faults)
    # The words of some lines tell no class, and a section has no more points than it has.
    for kind in VIOLATIONS:
        assert lowered[kind] >= 0.8 * counts[kind], kind
