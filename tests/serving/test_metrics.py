"""What Prometheus sees: fixed labels, a registry of one's own."""

from __future__ import annotations

from pathlib import Path

from anyio.from_thread import BlockingPortal

from models.registry import Release
from serving.access.access import Access
from serving.assembly import around
from serving.metrics import Metrics
from serving.records.record_log import RecordLog
from serving.settings import Limits
from tests.serving.conftest import Caller, tiny_project
from tests.serving.recording.conftest import recorded_service


def value(caller: Caller, series: str) -> float:
    """The value of one series; 0 where it is not listed."""
    for line in caller.get("/metrics").text.splitlines():
        if line.startswith(f"{series} "):
            return float(line.split()[-1])
    return 0.0


def test_answers_are_counted_by_route_and_status(service: Caller) -> None:
    series = 'lingji_requests_total{method="POST",route="/score",status="200"}'
    refused = 'lingji_requests_total{method="POST",route="/score",status="422"}'
    before = value(service, series), value(service, refused)
    service.post("/score", {"project": tiny_project()})
    service.post("/score", {"project": {}})
    service.post("/score", {})
    assert (value(service, series), value(service, refused)) == (before[0] + 1, before[1] + 2)


def test_refusals_are_counted_by_their_code(
    tmp_path: Path, release: Release, access: Access, portal: BlockingPortal
) -> None:
    def refusals(code: str) -> float:
        return value(made.service, f'lingji_refusals_total{{code="{code}",route="/score"}}')

    codes = ("cannot_record", "key_conflict", "key_expired", "invalid")
    question, key = {"project": tiny_project()}, {"Idempotency-Key": "a"}
    with recorded_service(tmp_path, release, access, portal) as made:
        listed = made.service.get("/metrics").text
        for code in codes[:3]:
            assert f'lingji_refusals_total{{code="{code}",route="/score"}} 0.0' in listed
        made.service.post("/score", question, key)
        assert [refusals(code) for code in codes] == [0, 0, 0, 0], "control"
        made.service.post("/score", {}, {"Idempotency-Key": "b"})
        made.service.post("/score", {"project": tiny_project(2)}, key)
        assert [refusals(code) for code in codes] == [0, 1, 0, 1]
        made.file.rename(tmp_path / "away.db")
        assert made.service.post("/score", question).status_code == 503
        (tmp_path / "away.db").rename(made.file)
        assert [refusals(code) for code in codes] == [1, 1, 0, 1]


def test_projects_are_counted_by_outcome(service: Caller) -> None:
    names = ("rated", "not_rated", "refused")
    series = [f'lingji_projects_total{{outcome="{name}"}}' for name in names]
    before = [value(service, one) for one in series]
    projects = [tiny_project(), tiny_project(), tiny_project(type=None), None]
    service.post("/score_batch", {"projects": projects})
    after = [value(service, one) for one in series]
    assert [b - a for a, b in zip(before, after, strict=True)] == [2, 1, 1]


def test_no_caller_makes_a_series(service: Caller) -> None:
    def strange(numbers: range) -> None:
        for number in numbers:
            service.get(f"/path-{number}")
            service.get(f"/static/file-{number}")
            service.call(f"METHOD{number}", f"/path-{number}")
            service.get("/metrics")

    strange(range(1))
    before = len(service.get("/metrics").text.splitlines())
    strange(range(1, 20))
    text = service.get("/metrics").text
    assert len(text.splitlines()) == before
    assert "path-" not in text
    assert "METHOD" not in text


def test_the_model_in_service_is_named(service: Caller, release: Release) -> None:
    digest = release.version.digest
    series = f'lingji_model{{catalogue="tiny@1",digest="{digest}",version="1"}}'
    assert value(service, series) == 1


def test_a_second_service_counts_for_itself(
    service: Caller,
    release: Release,
    access: Access,
    records: RecordLog,
    portal: BlockingPortal,
) -> None:
    series = 'lingji_requests_total{method="GET",route="/livez",status="200"}'
    service.get("/livez")
    before = value(service, series)
    other = Caller(around(service.app, release, Limits(), access, records), portal)
    assert value(other, series) == 0
    other.get("/livez")
    assert (value(service, series), value(other, series)) == (before, 1)


def test_an_unknown_route_is_other() -> None:
    metrics = Metrics()
    metrics.answered("/invented", "GET", 404, 0.01)
    assert b'route="other"' in metrics.text()
    assert b"invented" not in metrics.text()
