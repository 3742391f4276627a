"""The page about the invented province states the constants that the code has."""

from __future__ import annotations

from pathlib import Path

import pytest

from training.province import axes, departments, functions, outcomes
from training.province.planting.plant import frequencies
from training.province.project_types import TYPES, ProjectType

PAGE = (Path(__file__).parents[2] / "docs" / "province.md").read_text(encoding="utf-8")


def _row(*cells: object) -> str:
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def _type_row(kind: ProjectType) -> str:
    return _row(
        kind.name, kind.topic, kind.unit, f"{kind.price:,g}", f"{kind.quantity:,g}",
        f"{kind.spread:g}", f"{kind.elasticity:g}", f"{kind.noise:g}", kind.prices,
        f"{kind.recurring:g}", f"{kind.served:,g}", f"{kind.statutory:g}", f"{kind.complexity:g}",
    )  # fmt: skip


@pytest.mark.parametrize("kind", TYPES, ids=lambda kind: kind.name)
def test_project_types_are_as_stated(kind: ProjectType) -> None:
    assert _type_row(kind) in PAGE
    assert _type_row(kind).replace(f"{kind.noise:g}", "0.99") not in PAGE


@pytest.mark.parametrize("place", range(len(functions.CLASSES)))
def test_functional_classes_are_as_stated(place: int) -> None:
    before, after = (functions.priority(year)[place] for year in (2022, 2023))
    row = _row(
        functions.CLASSES[place], functions.CLASS_NAMES[place],
        f"{functions.NECESSITY[place]:+g}", f"{functions.IMPORTANCE[place]:+g}",
        "yes" if functions.LIVELIHOOD[place] else "", before, after,
    )  # fmt: skip
    assert row in PAGE


@pytest.mark.parametrize("habit", departments.HABITS)
def test_habits_are_as_stated(habit: str) -> None:
    padding, spread, *shares = departments.HABITS[habit]
    table = departments.departments()
    same = (table.padding == padding) & (table.padding_spread == spread)
    row = _row(
        habit, int(same.sum()), f"{padding:.2f}", f"{spread:.2f}", *(f"{s:.0%}" for s in shares)
    )
    assert row.replace("%", " %") in PAGE


def test_points_are_as_stated() -> None:
    none, unit, county, city, province, central = (f"{p:g}" for p in axes.POLICY_POINTS)
    assert (
        f"none {none}, unit {unit}, county {county}, city {city}, "
        f"province {province}, central {central}" in PAGE
    )
    match = ", ".join(f"{p:g}" for p in axes.STRATEGIC_POINTS)
    assert f"{match} for a match of 0–3 (from 2023 × {axes.STRATEGIC_WEIGHT[1]:g})" in PAGE
    topics = ", ".join(f"{t} {p:+g}" if p else f"{t} 0" for t, p in axes.TOPIC_POINTS.items())
    assert topics.replace("-", "−") in PAGE
    assert f"a mean of {outcomes.FUNDING_CUT:g} are funded" in PAGE
    assert f"errs by {outcomes.ERROR_SD:g} per axis" in PAGE


@pytest.mark.parametrize("kind", frequencies().items(), ids=lambda kind: kind[0])
def test_planted_kinds_are_as_stated(kind: tuple[str, float]) -> None:
    name, per_thousand = kind
    assert f"| {name} | {per_thousand:g} |" in PAGE
    assert f"| {name} | {per_thousand + 1:g} |" not in PAGE
