"""An invented province as the published results use it: simulated, trained, beside its truth."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from features.catalogue import load_catalogue
from features.operations import Numbers
from models.model import Model
from models.peers import Groups
from training.appraisal_data import AppraisalData, read_appraisal_data
from training.evaluation import HeadEvaluation, evaluate
from training.province import simulate_province
from training.split import Mask, TimeSplit
from training.train import TrainingSettings, train

CATALOGUE = "zero_base"
SEED, PROJECTS = 7, 20_000
Progress = Callable[[str], None]
Terms = Mapping[str, Numbers]


@dataclass(frozen=True)
class Truth:
    """What the outcomes were made from, shape (n,) each, aligned with the data.

    terms: per axis the points of each term, term → (n,).
    """

    columns: Mapping[str, Numbers]
    terms: Mapping[str, Terms]

    def __getitem__(self, name: str) -> Numbers:
        return self.columns[name]


@dataclass(frozen=True)
class Province:
    """All projects of a simulated province with the model that learned from the older rounds.

    evaluation: of the test round, whose projects `test` marks among all n.
    """

    seed: int
    data: AppraisalData
    settings: TrainingSettings
    model: Model
    evaluation: Mapping[str, HeadEvaluation]
    truth: Truth
    test: Mask

    def tested(self, head: str) -> Groups:
        """The positions, among all projects, of a head's evaluated ones."""
        return np.asarray(np.flatnonzero(self.test)[self.evaluation[head].rows], dtype=np.int64)


def trained_province(seed: int, projects: int, progress: Progress) -> Province:
    """A province of so many projects, simulated in a temporary folder, with its model."""
    said = f"seed {seed}: "
    progress(f"{said}simulating {projects:,} projects")
    with tempfile.TemporaryDirectory() as folder:
        files = simulate_province(Path(folder), projects, seed=seed)
        progress(f"{said}reading")
        data = read_appraisal_data(Path(folder), load_catalogue(CATALOGUE))
        truth = _truth(files.truth, data)
    settings = TrainingSettings.usual(TimeSplit.of(data.years), data.catalogue)
    model = train(data, settings, lambda head: progress(f"{said}training {head}"))
    progress(f"{said}evaluation")
    test = settings.split.test(data.years)
    evaluation = evaluate(model, data.where(test))
    return Province(seed, data, settings, model, evaluation, truth, test)


def _truth(file: Path, data: AppraisalData) -> Truth:
    table = pq.read_table(file)
    keys = zip(table["pro_code"].to_pylist(), table["fiscal_year"].to_pylist(), strict=True)
    position = {key: place for place, key in enumerate(keys)}
    order = [position[project.project_id, project.year] for project in data.projects]
    numeric = [field.name for field in table.schema if pa.types.is_floating(field.type)]
    structs = [field.name for field in table.schema if pa.types.is_struct(field.type)]
    return Truth(
        {name: table[name].to_numpy()[order] for name in numeric},
        {
            name.removesuffix("_terms"): {
                term: column.to_numpy(zero_copy_only=False)[order]
                for term, column in _fields(table[name])
            }
            for name in structs
        },
    )


def _fields(column: pa.ChunkedArray) -> list[tuple[str, pa.Array]]:
    whole = column.combine_chunks()
    names = [field.name for field in whole.type]
    return [(name, whole.field(name)) for name in names]
