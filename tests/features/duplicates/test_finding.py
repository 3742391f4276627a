"""What pairs are found to be, and what is not found although it looks alike."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from features.duplicates.compared_fields import compared_in
from features.duplicates.copies import LEAST_LETTERS, least_letters
from features.duplicates.finding import found_pairs
from features.duplicates.found_pair import FoundPair
from features.duplicates.kinds import (
    CONTINUED,
    COPIED_TARGETS,
    COPIED_TEXT,
    OTHER_YEAR,
    SAME_YEAR,
    SPLIT,
)
from features.duplicates.points import CALIBRATED_AMONG, lowered_by
from features.duplicates.traits import Traits
from tests.features.duplicates.projects import ABOUT_LIGHTS, LIGHTS, other_project, others, project

COMPARED = compared_in("zero_base")
TWIN = project(
    2,
    name="路灯照明节能改造工程",
    department="213001",
    texts=(
        ABOUT_LIGHTS[0].replace("城市管理局", "住建局").replace("更换", "换装"),
        ABOUT_LIGHTS[1].replace("城市管理局", "住建局").replace("经摸排发现，", ""),
        "", "", "",
    ),
    amount=1_910_000.0,
)  # fmt: skip


def found(*projects: Traits) -> list[FoundPair]:
    assert COMPARED is not None
    return found_pairs([*projects, *others()], COMPARED)


def kinds(*projects: Traits) -> list[str]:
    return [pair.kind for pair in found(*projects)]


def test_unrelated_projects_are_no_pairs() -> None:
    assert kinds() == []


def test_a_project_of_two_departments_is_declared_twice() -> None:
    (pair,) = found(project(1), TWIN)
    assert pair.kind == SAME_YEAR
    assert {pair.one.project_id, pair.other.project_id} == {"P1", "P2"}
    assert pair.points is not None
    assert pair.score == pytest.approx(pair.base + sum(pair.points.values()))


def test_a_higher_level_declares_the_same_project() -> None:
    assert kinds(project(1, place="990203"), replace(TWIN, department="212002")) == [SAME_YEAR]


def test_the_same_in_another_county_is_another_project() -> None:
    assert kinds(project(1, place="990203"), replace(TWIN, place="990304")) in (
        [],
        [COPIED_TARGETS],
        [COPIED_TEXT],
    )
    assert SAME_YEAR not in kinds(project(1, place="990203"), replace(TWIN, place="990304"))


def test_another_size_with_other_targets_and_documents_is_another_project() -> None:
    other = replace(
        TWIN, department="212002", amount=420_000.0, quantity=310.0, people=8_000.0,
        documents=frozenset({"青财预〔2025〕3号"}), targets=frozenset({"设施完好率\t91"}),
    )  # fmt: skip
    assert SAME_YEAR not in kinds(project(1), other)


def test_a_one_off_project_that_calls_itself_new_in_the_next_year_is_declared_again() -> None:
    assert kinds(project(1), replace(TWIN, year=2026, department="212002")) == [OTHER_YEAR]


@pytest.mark.parametrize("said", [{"declared_new": False}, {"one_off": False}, {"one_off": None}])
def test_a_project_that_goes_on_is_continued(said: dict[str, bool | None]) -> None:
    later = replace(TWIN, year=2026, department="212002", **said)  # type: ignore[arg-type]
    assert kinds(replace(project(1), **said), later) == [CONTINUED]  # type: ignore[arg-type]


def test_rounds_further_apart_are_not_compared() -> None:
    assert kinds(project(1), replace(TWIN, year=2028)) in ([], [COPIED_TARGETS], [COPIED_TEXT])


def test_the_same_code_in_another_round_is_the_same_project_and_not_told() -> None:
    assert kinds(project(1), project(1, year=2026)) == []


def _parts() -> tuple[Traits, Traits]:
    return (
        project(1, name=f"{LIGHTS}（一期）", amount=1_180_000.0, quantity=790.0),
        project(2, name=f"{LIGHTS}（二期）", amount=1_090_000.0, quantity=725.0),
    )


def test_parts_below_a_threshold_that_they_exceed_together_are_split() -> None:
    (pair,) = found(*_parts())
    assert (pair.kind, pair.threshold) == (SPLIT, 2_000_000.0)


def test_parts_of_a_whole_below_the_threshold_are_not_split() -> None:
    one, other = _parts()
    small = replace(one, amount=240_000.0), replace(other, amount=220_000.0)
    assert SPLIT not in kinds(*small)
    large = replace(one, amount=2_400_000.0), replace(other, amount=2_200_000.0)
    assert SPLIT not in kinds(*large)


def test_parts_of_different_departments_are_not_split() -> None:
    one, other = _parts()
    assert SPLIT not in kinds(one, replace(other, department="213001"))


def test_a_text_of_another_department_is_copied() -> None:
    taker = replace(other_project(500), project_id="P9", texts=("", ABOUT_LIGHTS[1], "", "", ""))
    (pair,) = found(project(1), taker)
    assert pair.kind == COPIED_TEXT
    assert pair.score >= LEAST_LETTERS


def test_what_many_projects_say_is_not_copied() -> None:
    usual = "本项目按照有关规定组织实施，资金管理制度健全，项目负责人已经明确，具备实施的各项条件。"
    many = [replace(one, texts=(one.texts[0], usual, "", "", "")) for one in others(40)]
    assert COMPARED is not None
    assert found_pairs(many, COMPARED) == []
    two = [*many[:2], *others(40)[2:]]
    assert [pair.kind for pair in found_pairs(two, COMPARED)] == [COPIED_TEXT]  # the control


def test_targets_with_their_figures_are_copied() -> None:
    aims = frozenset({f"指标{n}\t{71 + n}" for n in range(7)})
    one, other = other_project(500), other_project(501)
    pairs = found(
        replace(one, targets=aims, project_id="A"), replace(other, targets=aims, project_id="B")
    )
    assert [pair.kind for pair in pairs] == [COPIED_TARGETS]
    few = frozenset(sorted(aims)[:1])
    assert (
        found(
            replace(one, targets=few, project_id="A"), replace(other, targets=few, project_id="B")
        )
        == []
    )


def test_targets_in_words_are_not_copied_however_many() -> None:
    """Nobody else has these words for these indicators, and yet everybody has such words."""
    words = ("显著提升", "纳入年度考核", "建立台账", "较好", "明显增强", "不断提高", "有效提升")
    aims = frozenset(f"指标{number}\t{word}" for number, word in enumerate(words))
    one, other = other_project(1), other_project(2)
    assert found(
        replace(one, targets=aims, project_id="A"), replace(other, targets=aims, project_id="B")
    ) == []  # fmt: skip
    in_figures = frozenset(f"{aim}{number + 61}" for number, aim in enumerate(sorted(aims)))
    (pair,) = found(
        replace(one, targets=in_figures, project_id="A"),
        replace(other, targets=in_figures, project_id="B"),
    )
    assert pair.kind == COPIED_TARGETS  # control


def test_the_order_of_projects_changes_nothing_but_the_rows() -> None:
    projects = [project(1), TWIN, *_parts(), *others()]
    assert COMPARED is not None
    told = [
        {pair.kind, pair.one.project_id, pair.other.project_id}
        for pair in found_pairs(projects, COMPARED)
    ]
    turned = [
        {pair.kind, pair.one.project_id, pair.other.project_id}
        for pair in found_pairs(projects[::-1], COMPARED)
    ]
    assert sorted(map(sorted, told)) == sorted(map(sorted, turned))


def test_only_the_pairs_of_the_asked_projects_are_told() -> None:
    projects = [TWIN, *others(), project(1)]
    assert COMPARED is not None
    (pair,) = found_pairs(projects, COMPARED, np.array([0]))
    assert pair.kind == SAME_YEAR
    assert found_pairs(projects, COMPARED, np.array([5])) == []
    assert len(found_pairs(projects, COMPARED, np.array([len(projects) - 1]))) == 1


def test_the_base_is_lowered_among_more_projects_than_it_was_calibrated_among() -> None:
    assert lowered_by(0) == lowered_by(CALIBRATED_AMONG) == 0.0
    assert lowered_by(10 * CALIBRATED_AMONG) == pytest.approx(2.303)
    assert least_letters(CALIBRATED_AMONG) == LEAST_LETTERS
    assert least_letters(10 * CALIBRATED_AMONG) == LEAST_LETTERS + 11
