"""The published pages: a verdict for every promise, and no figure that was not measured."""

from __future__ import annotations

import re
import types
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

import pytest

from models.drift import Drift
from training.results import japan_page as japan_module
from training.results import province_page as province_module
from training.results.japan_floors import (
    FLOORS,
    LATER_BASELINES,
    PINBALL_CONSTANT,
    PINBALL_FLOOR,
)
from training.results.japan_page import japan_page
from training.results.japan_probability import HEADS
from training.results.japan_results import JapanResults
from training.results.japan_verdict import verdicts as japan_verdicts
from training.results.markdown import figure, percent, table
from training.results.province_figures import AXES, COST
from training.results.province_page import ProvinceResults, province_page
from training.results.province_page import verdicts as province_verdicts

DOCS = Path(__file__).parents[2] / "docs"
MARK = 0.123456
_DECIMAL = re.compile(r"\d+\.\d+")


def filled(kind: Any, value: float = MARK) -> Any:
    """A value of a type: floats are `value`, whole numbers 7, mappings have two entries."""
    if kind is float:
        return value
    if kind is int:
        return 7
    if kind is str:
        return "word"
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        return kind(**{f.name: filled(hints[f.name], value) for f in fields(kind)})  # type: ignore[operator]
    arguments = get_args(kind)
    if get_origin(kind) is tuple:
        if arguments[-1] is Ellipsis:
            return (filled(arguments[0], value),) * 2
        return tuple(filled(argument, value) for argument in arguments)
    if get_origin(kind) is Mapping:
        return types.MappingProxyType({filled(arguments[0], value): filled(arguments[1], value)})
    raise AssertionError(f"no value for {kind}")


def japan(value: float = MARK) -> JapanResults:
    """Results in which every measured share or score is one and the same number."""
    results: JapanResults = filled(JapanResults, value)
    years = (2001, 2002, 2003)
    one = results.probabilities[0]
    return replace(
        results,
        sheets=dict.fromkeys(years, 7),
        shares={head: dict.fromkeys(years, value) for head in HEADS},
        probabilities=tuple(replace(one, head=head) for head in HEADS),
        amount=replace(
            results.amount, drift=Drift(value, value, (2001, 2002), ((value, value),) * 2)
        ),
        grade=replace(results.grade, shares=(value,) * 4, confusion=((7, 7, 7, 7),) * 4),
    )


def province(value: float = MARK) -> ProvinceResults:
    """Results in which every measured number is one and the same."""
    results: ProvinceResults = filled(ProvinceResults, value)
    heads = dict.fromkeys((*AXES, COST), value)
    groups = tuple(replace(results.main.groups[0], head=head) for head in heads)
    main = replace(results.main, groups=groups)
    return replace(
        results, main=main, others=(main,), swaps={"declarer": heads}, zero_based=tuple(heads)
    )


def decimals(page: str) -> set[str]:
    """Every decimal figure of a page outside code."""
    text = re.sub(r"```.*?```", "", page, flags=re.DOTALL)
    return set(_DECIMAL.findall(text))


def declared() -> Iterator[str]:
    """Figures that a page may hold without having measured them: those it is compared with."""
    for floor in FLOORS.values():
        yield from (figure(v) for v in (floor.total, floor.within, floor.unseen))
        yield figure(floor.brier, 4)
    yield from map(figure, (*PINBALL_FLOOR, *PINBALL_CONSTANT, *LATER_BASELINES.values(), 0.5))
    yield "99.5"  # where grade A begins
    yield "4.0"  # the licence of the data
    yield "1.25"  # the promise of the width


def measured_figures(page: str, module: types.ModuleType) -> set[str]:
    """The decimals of a page that neither the mark nor a declared figure explains."""
    shown = {f"{scale * MARK:.{digits}f}" for scale in (1, 100) for digits in (1, 2, 3, 4)}
    shown |= {
        f"{MARK:g}",
        f"{MARK:.3g}",
        "1.13",
        "1.00",
        "1.000",
        "0.0",
    }  # e^mark, mark ÷ mark, 7 − 7
    return decimals(page) - shown - set(declared())


def test_every_figure_of_the_japanese_page_is_measured() -> None:
    assert measured_figures(japan_page(japan()), japan_module) == set()


def test_every_figure_of_the_province_page_is_measured() -> None:
    assert measured_figures(province_page(province()), province_module) == set()


def test_control_a_figure_written_by_hand_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(japan_module, "_CHOICES", "The AUC is 0.987, take our word.")
    assert measured_figures(japan_page(japan()), japan_module) == {"0.987"}


def test_the_japanese_verdict_tells_success_from_failure() -> None:
    by_name = {v.promise: v for v in japan_verdicts(japan(0.80))}
    assert by_name["executed_amount: coverage of the 80 % range"].holds
    assert not by_name["cut: AUC"].holds
    assert by_name["low_outcome: AUC"].holds
    assert not by_name["cut: Brier score"].holds
    assert "Not reached: cut: AUC;" in japan_page(japan(0.80))
    assert not any(v.holds for v in japan_verdicts(japan(0.5)) if "AUC" in v.promise)


def test_the_verdict_names_every_group_outside_its_band() -> None:
    results = japan(0.80)
    group = replace(
        results.amount.groups[0], group="size=small", band=(0.7, 0.79), wide_band=(0.6, 0.9)
    )
    results = replace(results, amount=replace(results.amount, groups=(group,)))
    own, wide = japan_verdicts(results)[-2:]
    assert (own.holds, own.measured) == (False, "outside: size=small")
    assert (wide.holds, wide.measured) == (True, "outside: none")


def test_the_province_verdict_tells_success_from_failure() -> None:
    good = replace(province(0.95), swaps={"declarer": dict.fromkeys((*AXES, COST), 0.0)})
    assert all(holds for _, _, _, holds in province_verdicts(good))
    moved = replace(good, swaps={"declarer": {**dict.fromkeys((*AXES, COST), 0.0), COST: 1e-12}})
    assert [holds for _, _, _, holds in province_verdicts(moved)][-1] is False
    weak = province_verdicts(province(0.89))
    assert not any(holds for promise, _, _, holds in weak if "explainable" in promise)
    wide = replace(good.main, cost=replace(good.main.cost, width=1.3, oracle_width=1.0))
    assert not all(holds for _, _, _, holds in province_verdicts(replace(good, main=wide)))


@pytest.mark.parametrize("name", ["results-japan-review.md", "results-province.md"])
def test_the_published_pages_hold_a_verdict_and_their_pictures(name: str) -> None:
    page = (DOCS / name).read_text(encoding="utf-8")
    assert "## Verdict" in page
    assert re.search(r"^\| .* \| (yes|\*\*no\*\*) \|$", page, re.MULTILINE)
    pictures = re.findall(r"\]\((pictures/[^)]+\.svg)\)", page)
    assert pictures
    for picture in pictures:
        assert "<svg" in (DOCS / picture).read_text(encoding="utf-8")


def test_tables_have_as_many_cells_in_every_row() -> None:
    for page in (japan_page(japan()), province_page(province())):
        for block in re.findall(r"(?:^\|.*\n)+", page, re.MULTILINE):
            assert len({line.count("|") for line in block.splitlines()}) == 1, block


def test_shares_and_missing_figures_as_shown() -> None:
    assert (percent(0.8096), figure(float("nan")), percent(float("nan"))) == ("81.0 %", "–", "–")
    assert table(("a", "b"), [("x", "1")]).splitlines()[1] == "|---|---|"
