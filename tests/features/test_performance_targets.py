"""How well performance targets are set."""

from __future__ import annotations

import pytest

from features import performance_targets as targets

POSITIVE, NEGATIVE, QUALITATIVE = 1.0, 2.0, 3.0
AT_LEAST, EQUAL, AT_MOST = 2.0, 3.0, 5.0


@pytest.mark.parametrize(
    ("target", "figure"),
    [
        ("≥95%", 95),
        ("1,200", 1200),
        ("不低于９０．５％", 90.5),
        ("-2", -2),
        ("较好", None),
        (None, None),
    ],
)
def test_the_figure_of_a_target(target: str | None, figure: float | None) -> None:
    assert targets.figure(target) == figure


def test_quantified_targets_name_a_figure_and_are_not_qualitative() -> None:
    values, natures = ["95", "显著提升", "95", None], [POSITIVE, POSITIVE, QUALITATIVE, POSITIVE]
    assert targets.share_quantified(values, natures) == 0.25
    assert targets.share_quantified([], []) == 0


def test_vague_words_in_name_or_value() -> None:
    names, values = ["完好率", "水平不断提高", "满意度"], ["98", "1", "较好"]
    assert targets.share_concrete(names, values, words=["不断", "较好"]) == 1 / 3


def test_repeated_or_copied_targets_are_not_own() -> None:
    names = ["平台建设", "平台建设", "设备完好率", "综合平台项目"]
    assert targets.share_own(names, "综合平台项目", None) == 0.25
    assert targets.share_own(names, "别的项目", None) == 0.5  # control: not copied from the name


def test_required_kinds() -> None:
    required = ["产出指标", "效益指标", "满意度指标"]
    assert targets.share_of_kinds(["产出指标", "产出指标", "效益指标"], required=required) == 2 / 3
    assert targets.share_of_kinds([], required=required) == 0


@pytest.mark.parametrize(
    ("direction", "nature", "fits"),
    [
        (AT_LEAST, POSITIVE, 1),
        (AT_MOST, POSITIVE, 0),
        (AT_MOST, NEGATIVE, 1),
        (AT_LEAST, NEGATIVE, 0),
        (EQUAL, QUALITATIVE, 1),
        (None, QUALITATIVE, 1),
        (AT_LEAST, None, 0),
    ],
)
def test_direction_and_nature(direction: float | None, nature: float | None, fits: int) -> None:
    assert targets.share_consistent([direction], [nature]) == fits


def test_units_are_asked_of_figures_only() -> None:
    assert targets.share_with_unit(["95", "95%", "20", "较好"], ["%", None, "", None]) == 2 / 3
    assert targets.share_with_unit(["较好"], [None]) == 0


@pytest.mark.parametrize(
    ("target", "direction", "nature", "actual", "weaker"),
    [
        ("90", AT_LEAST, POSITIVE, "97", 1),
        ("97", AT_LEAST, POSITIVE, "97", 0),
        ("30", AT_MOST, NEGATIVE, "24", 1),
        ("20", AT_MOST, NEGATIVE, "24", 0),
        ("90", AT_LEAST, None, "97", 1),
        ("90", EQUAL, None, "97", 0),
        ("90", AT_LEAST, POSITIVE, None, 0),
    ],
)
def test_targets_below_last_years_result(
    target: str, direction: float, nature: float | None, actual: str | None, weaker: int
) -> None:
    assert targets.share_weaker([target], [direction], [nature], [actual]) == weaker


def test_core_kinds_by_the_beginning_of_either_level() -> None:
    required = [["数量"], ["质量", "时效"], ["成本", "经济成本"]]

    def found(level1: list[str | None], level2: list[str | None]) -> float:
        return targets.share_of_core_kinds(level1, level2, required=required)

    assert found(["产出指标"] * 2, ["数量指标", "时效指标"]) == 2 / 3
    assert found(["产出指标"] * 2, ["时效指标", "质量指标"]) == 1 / 3  # one kind, not two
    assert found(["成本指标"], [None]) == found([None], ["经济成本指标"]) == 1 / 3
    assert found([], []) == 0


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("设备完好率不低于98%，满意度达到92%以上。", 2),
        ("完好率98%，完好率98%，完好率98%。", 1),  # saying it again measures nothing more
        ("2025年进一步提升管理水平。", 0),
        ("", 0),
        (None, 0),
    ],
)
def test_figures_of_a_goal_that_can_be_measured(text: str | None, count: int) -> None:
    assert targets.count_measurable(text) == count
    assert targets.count_measurable(text, limit=1) == min(count, 1)
