"""What is measured: an invented province, a model trained on it, and projects to score."""

from __future__ import annotations

import itertools
import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from features.catalogue import load_catalogue
from features.operations import Numbers
from features.project_files import read_projects
from models.bundle import load_bundle, save_bundle
from models.registry import Release, Version
from training.appraisal_data import AppraisalData, read_appraisal_data
from training.fit_head import LearningRows
from training.growing import TreeSettings
from training.province import simulate_province
from training.split import TimeSplit
from training.train import TrainingSettings, known_targets, learning_rows, train

EXAMPLE = Path(__file__).parent.parent / "docs" / "examples" / "project.json"


@dataclass(frozen=True)
class Subject:
    """A model as it would serve, what it was trained on, and documents as they would arrive."""

    release: Release
    data: AppraisalData
    learned: AppraisalData
    settings: TrainingSettings
    rows: LearningRows
    targets: dict[str, Numbers]
    example: dict[str, Any]
    documents: list[dict[str, Any]]


@contextmanager
def subject(projects: int, batch: int, trees: TreeSettings) -> Iterator[Subject]:
    """A simulated province with a trained, saved and loaded bundle in a temporary folder."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        simulate_province(folder / "province", projects)
        data = read_appraisal_data(folder / "province", load_catalogue("zero_base"))
        split = TimeSplit.of(data.years)
        settings = TrainingSettings(split, trees)
        digest = save_bundle(train(data, settings), folder / "bundle")
        model = load_bundle(folder / "bundle", digest)
        learned = data.where(split.fit(data.years) | split.calibrate(data.years))
        yield Subject(
            Release(Version(1, digest, model.facts.created), model),
            data,
            learned,
            settings,
            learning_rows(learned, split)[0],
            known_targets(learned)[0],
            json.loads(EXAMPLE.read_text(encoding="utf-8")),
            list(itertools.islice(_documents(folder / "province" / "projects.parquet"), batch)),
        )


def _documents(file: Path) -> Iterator[dict[str, Any]]:
    for batch in read_projects(file):
        for _, document in batch.documents:
            yield {name: value for name, value in document.items() if value is not None}
