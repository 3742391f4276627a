"""What is measured: an invented province, a model trained on it and in service, its projects."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.reference import Reference, reference
from benchmarks.sizes import Sizes
from features.catalogue import Catalogue, load_catalogue
from features.declared_project import DeclaredProject
from features.indicator_table import feature_matrix, indicator_table
from features.operations import Numbers
from features.project_files import read_projects
from models.bundle import save_bundle
from models.head import Head
from models.model import Model
from models.registry import Registry, Release
from training.appraisal_data import AppraisalData, read_appraisal_data
from training.fit_head import LearningRows
from training.province import simulate_province
from training.split import TimeSplit
from training.train import TrainingSettings, known_targets, learning_rows, train

EXAMPLE = Path(__file__).parent.parent / "docs" / "examples" / "project.json"
CATALOGUE = "zero_base"
_DOCUMENTS = 1_000


@dataclass(frozen=True)
class Subject:
    """A model in service, what it was trained on, and documents as they would arrive.

    folder: where all of it lies. rows, targets: what its heads were learned from.
    """

    folder: Path
    sizes: Sizes
    release: Release
    data: AppraisalData
    settings: TrainingSettings
    rows: LearningRows
    targets: dict[str, Numbers]
    example: dict[str, Any]
    documents: list[dict[str, Any]]

    @property
    def home(self) -> Path:
        """The working folder of the command line."""
        return self.folder / "home"

    @property
    def projects_file(self) -> Path:
        """The declarations of the province."""
        return self.folder / "province" / "projects.parquet"

    @property
    def model(self) -> Model:
        """The model in service."""
        return self.release.model

    @cached_property
    def reference(self) -> Reference:
        """The reference models, grown when they are first asked for."""
        return reference(self.sizes)

    @cached_property
    def matrices(self) -> list[tuple[Head, Numbers]]:
        """Every head with the feature matrix of all projects, shape (projects, features)."""
        return prepared(self.model, self.data.projects)


def prepared(model: Model, projects: Sequence[DeclaredProject]) -> list[tuple[Head, Numbers]]:
    """Every head of a model with the feature matrix of some projects."""
    table = indicator_table(projects, model.catalogue)
    return [
        (head, feature_matrix(table, head.central.features, model.vocabulary))
        for head in model.heads.values()
    ]


def filled(matrix: Numbers, rows: int) -> Numbers:
    """A matrix of so many rows: the given ones, again from the first when they are used up."""
    return np.ascontiguousarray(matrix[np.arange(rows) % len(matrix)])


def subject(sizes: Sizes, folder: Path) -> Subject:
    """A simulated province in a folder, its model trained, registered, released and loaded.

    What the folder holds already, from a run that was interrupted, is taken as it is.
    """
    province = folder / "province"
    if not (province / "projects.parquet").is_file():
        simulate_province(province, sizes.projects)
    catalogue = load_catalogue(CATALOGUE)
    data = read_appraisal_data(province, catalogue)
    settings = _settings(sizes, TimeSplit.of(data.years), catalogue)
    registry = Registry(folder / "home", CATALOGUE)
    if registry.champion() is None:
        model = train(data, settings)
        save_bundle(model, folder / "bundle")
        registry.promote(registry.register(folder / "bundle", model.facts.created).number)
    split = settings.split
    learned = data.where(split.fit(data.years) | split.calibrate(data.years))
    documents = itertools.islice(_documents(province / "projects.parquet"), _DOCUMENTS)
    return Subject(
        folder,
        sizes,
        registry.release(),
        data,
        settings,
        learning_rows(learned, split)[0],
        known_targets(learned)[0],
        json.loads(EXAMPLE.read_text(encoding="utf-8")),
        list(documents),
    )


def _settings(sizes: Sizes, split: TimeSplit, catalogue: Catalogue) -> TrainingSettings:
    if sizes.trees is None:
        return TrainingSettings.usual(split, catalogue)
    return TrainingSettings(split, sizes.trees)


def _documents(file: Path) -> Iterator[dict[str, Any]]:
    for batch in read_projects(file):
        for _, document in batch.documents:
            yield {name: value for name, value in document.items() if value is not None}
