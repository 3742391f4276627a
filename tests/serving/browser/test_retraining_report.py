"""The report of a retraining in a browser: nothing beside it, nothing run, nothing inaccessible."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from models.release.comparison import Better, ComparedMetric, Comparison
from tests.models.release.test_comparison import comparison_json
from tests.rulers import catalogue_of, ruler
from tests.serving.browser.conftest import Watched
from training.report_figures import figure, interval_picture, verdict
from training.retraining_report import LANGUAGES, retraining_report

HOSTILE = "<img src=x onerror=document.title='owned'>"
AXE = """async () => (await axe.run(document, {resultTypes: ["violations"]})).violations.map(
    each => each.id + ": " + each.nodes.map(node => node.html).join(" "))"""


def _evidence() -> dict[str, Any]:
    """Evidence in which every section has something to tell, some of it hostile."""
    suspect = {"project_id": HOSTILE, "year": 2023, "said": 95.0, "expected": 60.0, "standard": 4.0}
    lifted = {
        "kind": "office", "group": HOSTILE, "head": "axis", "projects": 80, "shift": None,
        "z": None, "far": 8, "usual": 0.8, "p": 1e-6, "suspects": [suspect], "influence": 0.4,
        "flagged": True,
    }  # fmt: skip
    worst = {"group": "type=road", "challenger": 4.0}
    return {
        "notes": ["recipe_unknown"],
        "not_compared": {"risk": "no outcome"},
        "recipe": {"fit_until": 2022, "calibrate_until": 2023, "trees": {"trees": 20}},
        "contributions": [
            {
                "number": 1, "digest": "sha256:1", "contributor": HOSTILE, "received": "2025",
                "rounds": [2023, 2024], "quality": 0.98,
            }
        ],
        "worst_groups": {"axis": {"least_accurate": worst, "most_worsened": None}},
        "calibration": {"risk": {"challenger": [[0.1, 0.2, 9]], "champion": [[0.1, 0.3, 9]]}},
        "inputs": [
            {"indicator": "people", "effect": 0.4, "error": 0.2, "verdict": "shifted",
             "certain": False},
            {"indicator": "area", "effect": 0.0, "error": 0.01, "verdict": "stable",
             "certain": True},
        ],
        "most_affected": [
            {
                "project_id": "P1", "year": 2024, "grade": ["B", "A"], "places": 12,
                "reasons": {"axis": ["people", "together:facts"]},
                "moves": {"axis": 6.4, "cost": 0.1, "risk": -0.02},
            }
        ],
        "champion_climb": {"axis": 1.4},
        "data_quality": {
            "since": "earlier contributions", "duplicates": [HOSTILE], "impossible": [],
            "changed": ["P1 2024"] * 25, "groups": [lifted],
        },
    }  # fmt: skip


def _page(language: str) -> str:
    comparison = Comparison.parse(json.dumps(comparison_json()).encode(), "here")
    return retraining_report(comparison, _evidence(), catalogue_of(ruler()), language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_report_stands_alone_and_is_accessible(
    watched: Watched, axe: str, tmp_path: Path, language: str
) -> None:
    file = tmp_path / "report.html"
    file.write_text(_page(language), encoding="utf-8")
    page = watched.page
    page.goto(file.as_uri())
    assert page.evaluate("document.querySelectorAll('img, script').length") == 0
    assert "owned" not in page.title()
    assert HOSTILE in page.inner_text("main")
    page.evaluate(axe)
    assert page.evaluate(AXE) == []
    assert watched.elsewhere == []
    assert watched.errors == []


def test_the_report_says_what_people_read() -> None:
    zh, en = _page("zh"), _page("en")
    assert "+10.5%" in zh
    assert "−2.0 个百分点" in zh.replace("-2.0", "−2.0")
    assert "B → A" in en
    assert "The people → The facts (several facts together)" in en
    assert "5 more are in the evidence" in en
    assert "另有 5 条" in zh


def test_a_verdict_needs_an_interval_beyond_zero() -> None:
    metrics = Comparison.parse(json.dumps(comparison_json()).encode(), "").heads["axis"].metrics
    mae = metrics["mae"]  # −0.4 … 0.0, lower is better

    def told(**more: object) -> str:
        return verdict(mae.model_copy(update=more))

    assert told() == "chance"
    assert told(high=-0.1) == "better"
    assert told(difference=0.2, low=0.1, high=0.4) == "worse"
    assert told(low=None, high=None) == "untold"
    assert told(champion=None, difference=None, low=None, high=None) == "alone"


@pytest.mark.parametrize(
    ("better", "challenger", "champion", "right"),
    [
        ("lower", 4.0, 5.0, True), ("lower", 5.0, 4.0, False),
        ("higher", 5.0, 4.0, True), ("higher", 4.0, 5.0, False),
        ("near", 0.79, 0.75, True), ("near", 0.85, 0.81, False),
        ("near", 0.81, 0.85, True), ("near", 0.71, 0.79, False),
    ],
)  # fmt: skip
def test_better_lies_to_the_right(
    better: str, challenger: float, champion: float, right: bool
) -> None:
    difference = challenger - champion
    told = {
        "challenger": challenger, "champion": champion, "difference": difference,
        "low": difference - 0.01, "high": difference + 0.01, "n": 200,
        "nominal": 0.8 if better == "near" else None,
    }  # fmt: skip
    picture = interval_picture(ComparedMetric(better=Better(better), **told))
    assert picture is not None
    assert (picture["point"] > picture["middle"]) == right
    assert picture["low"] < picture["point"] < picture["high"]


def test_figures_have_four_digits() -> None:
    assert [figure(v) for v in (0.0, 0.012345, 4.19921, 1234.5, None)] == [
        "0", "0.01235", "4.199", "1,234", "–",
    ]  # fmt: skip
