"""A version that has gone the whole way to a release, and everything that its papers rest on."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from models.bundle import save_bundle
from models.evaluated import Evaluated
from models.papers.papers import PAPERS, paper_files
from models.papers.source import Source
from models.papers.sources import Sources
from models.people import now
from models.registry import Version
from models.release import releasing
from models.release.comparison import comparison_path
from models.trial import try_bundle
from tests.releases import TRAINER, Waiting, bundle_made
from tests.small_model import small

RANGES = {"ranges": 400.0, "coverage": 0.81, "band_low": 0.745, "band_high": 0.85, "in_band": 1.0}
MISSED = {**RANGES, "ranges": 120.0, "coverage": 0.6, "in_band": 0.0}
SCORE = {"n": 400.0, "mae": 4.0, "mae_se": 0.5, "spearman": 0.8, "r2": 0.625, **RANGES}
COST = {"n": 390.0, "mean_abs_log_error": 0.125, "mean_abs_log_error_se": 0.01, **RANGES}
RISK = {"n": 380.0, "brier": 0.125, "brier_se": 0.001, "auc": 0.79, "brier_constant": 0.2}
NO_USE = {**SCORE, "r2": -0.25, "mae": 6.5}
HEADS = {"axis": SCORE, "second": NO_USE, "cost": COST, "risk": RISK}
WORTH = Evaluated(
    rounds=(2024, 2024),
    projects=412,
    heads=HEADS,
    groups={
        "axis": {"type=road": {**SCORE, "n": 210.0, "mae": 4.75}, "type=care": {**SCORE, "mae": 3}},
        "cost": {"type=road": {**COST, **MISSED}},
        "risk": {"type=care": {**RISK, "n": 170.0, "brier": 0.25, "brier_constant": 0.24}},
    },
    swaps={
        "declarer": dict.fromkeys(HEADS, 0.0),
        "requested_amount": {**dict.fromkeys(HEADS, 0.0), "risk": 0.5},
        "last_budget": {**dict.fromkeys(HEADS, 0.0), "risk": 0.75},
    },
    climbs={"axis": 12.5, "second": 2.5, "cost": 0.0625, "risk": 0.375},
)
STATED = """
organisation: {zh: 某市财政局, en: Finance bureau of a city}
contact: {zh: 电话 0000-1234567, en: telephone 0000-1234567}
legal_basis: {zh: 预算法实施条例, en: Regulation on the implementation of the Budget Law}
assessments:
  - {name: {zh: 影响评估, en: Impact assessment}, made: 2026-01-31, place: 档案 7}
"""
COMMENT = "better for roads <script>alert(1)</script>"


@cache
def measured_bundle() -> Path:
    """A bundle of the small model with an evaluation kept in it."""
    folder = bundle_made("unmeasured").parent / "measured"
    model = replace(small().model, evaluated=WORTH)
    left_out = {"late": "head late: expected outcomes; got none"}
    model = replace(model, facts=replace(model.facts, created="measured", left_out=left_out))
    save_bundle(model, folder, small().newest)
    return folder


@dataclass(frozen=True)
class Case:
    """A registry in which version 2 was released after comparison, review and two signatures."""

    waiting: Waiting
    version: Version

    @property
    def home(self) -> Path:
        return self.waiting.registry.root

    def sources(self, log: list[Source] | None = None) -> Sources:
        """The papers' sources as they are now."""
        registry = self.waiting.registry
        return Sources.of(registry, registry.release(self.version.number), log=log)

    def papers(self, **given: Any) -> dict[str, dict[str, Any]]:
        """Each paper as JSON."""
        sources = self.sources(**given)
        told = {name: made(sources).as_json() for name, made in PAPERS.items()}
        read: dict[str, dict[str, Any]] = json.loads(json.dumps(told))
        return read

    def files(self) -> dict[str, str]:
        return paper_files(self.sources())


def evidence_json() -> dict[str, Any]:
    """What a retraining keeps beside its comparison, as far as papers read it."""
    return {
        "contributions": [
            {
                "number": 3,
                "digest": "sha256:" + "a" * 64,
                "contributor": "budget office",
                "received": "2025-11-01T08:00:00Z",
                "rounds": [2023, 2024],
                "quality": 0.975,
            }
        ],
        "inputs": [
            {"indicator": "people", "effect": 0.0625, "error": 0.015, "verdict": "stable"},
            {"indicator": "area", "effect": 0.3125, "error": 0.02, "verdict": "shifted"},
        ],
    }


def measured_version(waiting: Waiting) -> Version:
    """The measured bundle as a new version."""
    folder = waiting.registry.root / "waiting-measured"
    shutil.copytree(measured_bundle(), folder)
    return waiting.registry.register(folder, "measured", "run 7", TRAINER)


def _begun(home: Path) -> Case:
    waiting = Waiting.at(home)
    return Case(waiting, measured_version(waiting))


def _released(home: Path) -> Case:
    case = _begun(home)
    waiting, number = case.waiting, case.version.number
    same = {"grade_flips": 0.5, "rank_correlation": 0.98, "changed_top_reasons": 0.125}
    waiting.compare(case.version, same_projects={**same, "projects": 400})
    path = comparison_path(waiting.registry.folder, number, 1)
    path.with_suffix(".evidence.json").write_text(json.dumps(evidence_json()), encoding="utf-8")
    waiting.review(number, now(), comment=COMMENT)
    waiting.approve(number, **{"stability/grade_flips": "thresholds were changed"})
    waiting.candidate(number).promote()
    (home / "papers.yaml").write_text(STATED, encoding="utf-8")
    return case


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Case]:
    """Both cases, each made once; tests get copies."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(releasing, "tried", cache(try_bundle))
        return {
            "begun": _begun(tmp_path_factory.mktemp("begun")),
            "released": _released(tmp_path_factory.mktemp("released")),
        }


def _copy(case: Case, home: Path) -> Case:
    shutil.copytree(case.home, home, dirs_exist_ok=True)
    registry = replace(case.waiting.registry, root=home)
    return replace(case, waiting=replace(case.waiting, registry=registry))


@pytest.fixture
def begun(made: Mapping[str, Case], tmp_path: Path) -> Case:
    """The version, registered only, beside one that serves."""
    return _copy(made["begun"], tmp_path / "home")


@pytest.fixture
def case(made: Mapping[str, Case], tmp_path: Path) -> Case:
    """The version, released."""
    return _copy(made["released"], tmp_path / "home")
