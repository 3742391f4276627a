"""The services that are put under load, each with questions about the same projects."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.child import LINGJI, environment
from benchmarks.competitor import NOT_INSTALLED, missing
from benchmarks.labels import NO_LABELS, Codes, Record, labelled, records
from benchmarks.server import ServerError, Start
from benchmarks.sizes import Sizes
from benchmarks.subject import Subject, prepared
from features.declared_project import parse_project

OURS = "Lingji"
UNRECORDED = "Lingji, not recorded"
PLAIN = "plain BentoML"
NUMBERS_READY = "plain BentoML, numbers ready"
MLFLOW = "mlflow models serve"
SCORE, BATCH = "/score", "/score_batch"
_PROJECTS = 64
_MANY = 4
"""Different batches."""


@dataclass(frozen=True)
class Service:
    """How to start a service and what to ask it.

    paths: the service's own path for a question, by ours. bodies: the questions, by our path,
    of every kind that it is asked.
    """

    name: str
    start: Start
    paths: Mapping[str, str]
    bodies: Mapping[str, list[str]]


def ours(measured: Subject, sizes: Sizes) -> Service:
    """`lingji serve` with the bundle in service, asked with whole declarations."""
    documents = measured.documents[: max(_PROJECTS, _MANY * sizes.batch)]
    return Service(
        OURS,
        Start("lingji", (*LINGJI, "serve", *_at_home(measured)), environment(), "/readyz"),
        {SCORE: SCORE, BATCH: BATCH},
        {
            SCORE: [_text({"project": d}) for d in documents[:_PROJECTS]],
            BATCH: [_text({"projects": some}) for some in _batches(documents, sizes.batch)],
        },
    )


def unrecorded(measured: Subject, sizes: Sizes) -> Service:
    """The same for one project only, and its answers go out without a record."""
    program = (sys.executable, "-m", "benchmarks.unrecorded", *_at_home(measured))
    start = Start("unrecorded", program, environment(), "/readyz")
    service = ours(measured, sizes)
    bodies = {SCORE: service.bodies[SCORE]}
    return replace(service, name=UNRECORDED, start=start, bodies=bodies)


def _at_home(measured: Subject) -> tuple[str, ...]:
    return ("--port", "{port}", "--home", str(measured.home))


def plain(measured: Subject, sizes: Sizes, workers: int) -> Service:
    """`bentoml serve` of benchmarks/plain_service.py, asked with the same projects' features.

    Categories are labels, as in the DataFrame that such models are usually trained from.
    """
    return _plain(PLAIN, "plain", measured.model.vocabulary.codes, measured, sizes, workers)


def numbers_ready(measured: Subject, sizes: Sizes, workers: int) -> Service:
    """The same, its questions for one project only: categories have been made numbers before."""
    service = _plain(NUMBERS_READY, "plain_numbers", NO_LABELS, measured, sizes, workers)
    return replace(service, bodies={SCORE: service.bodies[SCORE]})


def _plain(
    name: str, start: str, codes: Codes, measured: Subject, sizes: Sizes, workers: int
) -> Service:
    _require("bentoml", "shap")
    command = (
        *(sys.executable, "-m", "bentoml", "serve", "benchmarks.plain_service:Plain"),
        *("--host", "127.0.0.1", "--port", "{port}"),
    )
    told = environment(
        PLAIN_TREES=str(_trees(measured, codes)),
        PLAIN_WORKERS=str(workers),
        BENTOML_HOME=str(measured.folder / "bentoml" / start),
    )
    asked = _records(measured, sizes, codes)
    return Service(
        name,
        Start(start, command, told, "/readyz"),
        {SCORE: SCORE, BATCH: BATCH},
        {
            SCORE: [_text({"project": r}) for r in asked[:_PROJECTS]],
            BATCH: [_text({"projects": some}) for some in _batches(asked, sizes.batch)],
        },
    )


def mlflow(measured: Subject, sizes: Sizes, workers: int) -> Service:
    """`mlflow models serve` of one head's bare prediction, asked with its features."""
    _require("mlflow")
    name, head = next(iter(measured.model.heads.items()))
    told = environment(MLFLOW_TRACKING_URI=f"sqlite:///{measured.folder / 'none.db'}")
    command = (
        *(sys.executable, "-m", "mlflow", "models", "serve"),
        *("-m", str(_pyfunc(measured, name, told))),
        *("--env-manager", "local", "--host", "127.0.0.1", "--port", "{port}"),
        *("--workers", str(workers)),
    )
    columns = head.central.features
    rows = [
        [record[column] for column in columns] for record in _records(measured, sizes, NO_LABELS)
    ]

    def asked(some: list[list[Any]]) -> str:
        return _text({"dataframe_split": {"columns": list(columns), "data": some}})

    return Service(
        MLFLOW,
        Start("mlflow", command, told, "/ping"),
        {SCORE: "/invocations", BATCH: "/invocations"},
        {
            SCORE: [asked([row]) for row in rows[:_PROJECTS]],
            BATCH: [asked(some) for some in _batches(rows, sizes.batch)],
        },
    )


def _pyfunc(measured: Subject, head: str, told: dict[str, str]) -> Path:
    """The folder of a head's trees as an MLflow model, saved by a process of its own.

    Raises:
        ServerError: when it cannot be saved.
    """
    model = measured.folder / "pyfunc"
    if not model.exists():
        trees = _trees(measured, NO_LABELS) / f"{head}.txt"
        command = (sys.executable, "-m", "benchmarks.pyfunc_model", str(trees), str(model))
        done = subprocess.run(  # noqa: S603 - a command of this project
            command, env=told, cwd=measured.folder, capture_output=True, text=True, timeout=120
        )
        if done.returncode:
            raise ServerError(done.stderr.strip().splitlines()[-1])
    return model


def _require(*packages: str) -> None:
    if missing(packages):
        raise ServerError(NOT_INSTALLED)


def _trees(measured: Subject, codes: Codes) -> Path:
    """A folder with every head's central trees as LightGBM's text, with labels or without."""
    folder = measured.folder / ("labelled_trees" if codes else "trees")
    folder.mkdir(exist_ok=True)
    for name, head in measured.model.heads.items():
        labelled(head.central, codes).save_model(folder / f"{name}.txt")
    return folder


def _records(measured: Subject, sizes: Sizes, codes: Codes) -> list[Record]:
    """The features of every head, by name, of the projects that the other services are asked."""
    documents = measured.documents[: max(_PROJECTS, _MANY * sizes.batch)]
    projects = [parse_project(d, measured.model.catalogue) for d in documents]
    matrices = prepared(measured.model, projects)
    return records([(head.central.features, matrix) for head, matrix in matrices], codes)


def _batches(items: list[Any], size: int) -> list[list[Any]]:
    return [items[start : start + size] for start in range(0, len(items) - size + 1, size)][:_MANY]


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
