"""A small model of the small ruler, and one of the invented province, each trained once."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from features.catalogue import Catalogue, load_catalogue
from features.declared_project import DeclaredProject, parse_project
from features.operations import Numbers
from models.model import Model
from models.registry import Release, Version
from tests.rulers import LEVELS, catalogue_of, ruler
from training.appraisal_data import AppraisalData, read_appraisal_data
from training.growing import TreeSettings
from training.province import simulate_province
from training.split import TimeSplit
from training.train import TrainingSettings, train

ROUNDS = (2020, 2021, 2022, 2023, 2024)
SMALL_TREES = TreeSettings(trees=20, leaves=6, learning_rate=0.15, least_rows_per_leaf=20)
PROVINCE_TREES = TreeSettings(trees=25, leaves=8, learning_rate=0.1, least_rows_per_leaf=20)


@dataclass(frozen=True)
class Trained:
    """A model with the data that it was learned from and tested on, as if it were in service."""

    data: AppraisalData
    split: TimeSplit
    model: Model

    @property
    def release(self) -> Release:
        """The model as version 1."""
        return Release(Version(1, "sha256:test", self.model.facts.created), self.model)

    @property
    def newest(self) -> tuple[DeclaredProject, ...]:
        """The projects of the rounds kept for testing."""
        return self.data.where(self.split.test(self.data.years)).projects


def small_document(chance: np.random.Generator, number: int, year: int) -> dict[str, Any]:
    """One invented project of the small ruler; here and there a fact is unknown."""
    document: dict[str, Any] = {
        "code": f"P{number}",
        "year": year,
        "office": f"O{number % 7}",
        "type": "road" if chance.random() < 0.5 else "care",
        "level": list(LEVELS)[int(chance.integers(3))],
        "area": round(float(chance.lognormal(5, 1)), 1),
        "people": int(chance.integers(0, 500)),
        "asked": round(float(chance.lognormal(12, 1))),
        "last": round(float(chance.lognormal(12, 1))),
        "words": "需" * int(chance.integers(0, 40)),
        "mandatory": bool(chance.random() < 0.4),
    }
    for name in ("level", "people", "last", "mandatory"):
        if chance.random() < 0.08:
            del document[name]
    return document


def small_outcomes(chance: np.random.Generator, document: Mapping[str, Any]) -> dict[str, float]:
    """What panels and treasuries said of it, with their noise."""
    level = list(LEVELS).index(document.get("level", "zoo"))
    return {
        "outcome_axis": 40 + 12 * level + 10 * document.get("mandatory", 0) + chance.normal(0, 4),
        "outcome_second": 45 + 9 * level + chance.normal(0, 4),
        "outcome_cost": document["area"] * 300 * float(np.exp(chance.normal(0, 0.2))),
        "outcome_risk": float(chance.random() < 0.6 - document.get("people", 0) / 1000),
    }


def small_data(catalogue: Catalogue, count: int = 900, seed: int = 7) -> AppraisalData:
    """Invented past projects of the small ruler, with outcomes, over five rounds."""
    chance = np.random.default_rng(seed)
    documents = [small_document(chance, n, ROUNDS[n % len(ROUNDS)]) for n in range(count)]
    told = [small_outcomes(chance, document) for document in documents]
    columns: dict[str, Numbers] = {
        name: np.array([outcomes[name] for outcomes in told]) for name in told[0]
    }
    projects = tuple(parse_project(document, catalogue) for document in documents)
    offices = tuple(str(document["office"]) for document in documents)
    return AppraisalData(catalogue, projects, columns, offices, (), (), "sha256:small", True)


def small_settings(data: AppraisalData, trees: TreeSettings = SMALL_TREES) -> TrainingSettings:
    """How the small model is trained."""
    return TrainingSettings(TimeSplit.of(data.years), trees)


@cache
def small() -> Trained:
    """The small ruler's model."""
    data = small_data(catalogue_of(ruler()))
    settings = small_settings(data)
    return Trained(data, settings.split, train(data, settings))


@cache
def province_folder() -> Path:
    """A folder with 3,500 projects of the invented province; removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix="province-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    simulate_province(folder, 3_500)
    return folder


@cache
def province() -> Trained:
    """The shipped catalogue's model of the invented province."""
    data = read_appraisal_data(province_folder(), load_catalogue("zero_base"))
    settings = TrainingSettings(TimeSplit.of(data.years), PROVINCE_TREES)
    return Trained(data, settings.split, train(data, settings))
