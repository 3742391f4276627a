"""The plain service over HTTP: the numbers of its heads, asked with labels or with numbers."""

from __future__ import annotations

import http.client
import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks import services
from benchmarks.server import running
from benchmarks.services import BATCH, SCORE, Service
from benchmarks.sizes import TINY
from benchmarks.subject import Subject, prepared, subject
from features.declared_project import parse_project

pytest.importorskip("shap")
LEAST_ASKED = 64


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Subject:
    return subject(TINY, tmp_path_factory.mktemp("subject"))


def told(service: Service, path: str, folder: Path) -> list[Any]:
    """The service's answers to all its questions of a kind."""
    with running(service.start, folder) as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        answers = []
        for body in service.bodies[path]:
            headers = {"Content-Type": "application/json"}
            connection.request("POST", service.paths[path], body.encode(), headers)
            answers.append(json.loads(connection.getresponse().read()))
        connection.close()
        return answers


@pytest.mark.parametrize(
    ("describe", "kind", "path"),
    [(services.plain, str, BATCH), (services.numbers_ready, float, SCORE)],
)
def test_answers_are_the_projects_own_numbers(
    measured: Subject, tmp_path: Path, describe: Any, kind: type, path: str
) -> None:
    service = describe(measured, TINY, 1)
    asked = [json.loads(body)["project"] for body in service.bodies[SCORE]]
    assert len(asked) == LEAST_ASKED
    for name in set(asked[0]) & set(measured.model.vocabulary.codes):
        assert {type(record[name]) for record in asked} <= {kind, type(None)}

    answers = told(service, path, tmp_path)
    one_by_one = answers if path == SCORE else [one for batch in answers for one in batch]
    documents = measured.documents[: len(one_by_one)]
    projects = [parse_project(d, measured.model.catalogue) for d in documents]
    for head, matrix in prepared(measured.model, projects):
        own = head.central.explain(matrix)
        for row, answer in enumerate(one_by_one):
            numbers = answer[head.declaration.name]
            expected = dict(zip(head.central.features, own.contributions[row], strict=True))
            assert numbers["contributions"] == pytest.approx(expected, abs=1e-9)


def test_service_without_models_does_not_start(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from benchmarks.plain_service import Plain

    monkeypatch.setenv("PLAIN_TREES", str(tmp_path))
    with pytest.raises(FileNotFoundError, match="expected LightGBM models"):
        Plain.inner()
