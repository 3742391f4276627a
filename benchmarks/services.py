"""The services that are put under load, each with questions about the same projects."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.child import LINGJI, environment
from benchmarks.competitor import NOT_INSTALLED, missing
from benchmarks.server import ServerError, Start
from benchmarks.sizes import Sizes
from benchmarks.subject import Subject, prepared
from features.declared_project import parse_project

OURS = "Lingji"
PLAIN = "plain BentoML"
MLFLOW = "mlflow models serve"
SCORE, BATCH = "/score", "/score_batch"
_PROJECTS = 64
_MANY = 4
"""Different batches."""


@dataclass(frozen=True)
class Service:
    """How to start a service and what to ask it.

    paths: the service's own path for a question, by ours. bodies: the questions, by our path.
    """

    name: str
    start: Start
    paths: Mapping[str, str]
    bodies: Mapping[str, list[str]]


def ours(measured: Subject, sizes: Sizes) -> Service:
    """`lingji serve` with the bundle in service, asked with whole declarations."""
    documents = measured.documents[: max(_PROJECTS, _MANY * sizes.batch)]
    command = (*LINGJI, "serve", "--port", "{port}", "--home", str(measured.home))
    return Service(
        OURS,
        Start("lingji", command, environment(), "/readyz"),
        {SCORE: SCORE, BATCH: BATCH},
        {
            SCORE: [_text({"project": d}) for d in documents[:_PROJECTS]],
            BATCH: [_text({"projects": some}) for some in _batches(documents, sizes.batch)],
        },
    )


def plain(measured: Subject, sizes: Sizes, workers: int) -> Service:
    """`bentoml serve` of benchmarks/plain_service.py, asked with the same projects' features."""
    _require("bentoml", "shap")
    folder = _trees(measured)
    records = _records(measured, sizes)
    command = (
        *(sys.executable, "-m", "bentoml", "serve", "benchmarks.plain_service:Plain"),
        *("--host", "127.0.0.1", "--port", "{port}"),
    )
    told = environment(
        PLAIN_TREES=str(folder),
        PLAIN_WORKERS=str(workers),
        BENTOML_HOME=str(measured.folder / "bentoml"),
    )
    return Service(
        PLAIN,
        Start("plain", command, told, "/readyz"),
        {SCORE: SCORE, BATCH: BATCH},
        {
            SCORE: [_text({"project": r}) for r in records[:_PROJECTS]],
            BATCH: [_text({"projects": some}) for some in _batches(records, sizes.batch)],
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
    rows = [[record[column] for column in columns] for record in _records(measured, sizes)]

    def asked(some: list[list[float | None]]) -> str:
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
        trees = _trees(measured) / f"{head}.txt"
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


def _trees(measured: Subject) -> Path:
    """A folder with every head's central trees as LightGBM's text."""
    folder = measured.folder / "trees"
    folder.mkdir(exist_ok=True)
    for name, head in measured.model.heads.items():
        (folder / f"{name}.txt").write_text(head.central.text, encoding="utf-8")
    return folder


def _records(measured: Subject, sizes: Sizes) -> list[dict[str, float | None]]:
    """The features of every head, by name, of the projects that the other services are asked."""
    documents = measured.documents[: max(_PROJECTS, _MANY * sizes.batch)]
    projects = [parse_project(d, measured.model.catalogue) for d in documents]
    records: list[dict[str, float | None]] = [{} for _ in projects]
    for head, matrix in prepared(measured.model, projects):
        for record, row in zip(records, matrix, strict=True):
            for name, value in zip(head.central.features, row.tolist(), strict=True):
                record[name] = None if math.isnan(value) else value
    return records


def _batches(items: list[Any], size: int) -> list[list[Any]]:
    return [items[start : start + size] for start in range(0, len(items) - size + 1, size)][:_MANY]


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
