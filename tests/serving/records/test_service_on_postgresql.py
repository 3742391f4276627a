"""The service with its records in PostgreSQL: the same answers, and rows that others do not see."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from anyio.from_thread import BlockingPortal

from models.registry import Release
from serving.assembly import around
from serving.questions import questions
from serving.recording.replay import Replay
from serving.records.record_log import RecordLog
from serving.records.verification import verify_log
from serving.settings import Limits, ServiceSettings
from tests.serving.access.conftest import keyed_service
from tests.serving.conftest import Caller, tiny_project
from tests.serving.records.conftest import Postgres
from tests.serving.test_bad_requests import assert_refused

QUESTION = {"project": tiny_project()}
KEY = {"Idempotency-Key": "once"}


def test_answers_are_recorded_read_and_replayed(
    postgres_url: str, tmp_path: Path, home: Path, release: Release, portal: BlockingPortal
) -> None:
    made = keyed_service(tmp_path, release, portal)
    with closing(made.records), closing(made.store), RecordLog.open(postgres_url) as log:
        app = around(questions, release, Limits(), made.access, log)
        object.__setattr__(made, "service", Caller(app, portal))
        first, again = (
            made.call("platform", "POST", "/score", json=QUESTION, headers=KEY) for _ in range(2)
        )
        assert first.content == again.content
        path = f"/record/{first.json()['record_id']}"
        assert made.call("department:D1", "GET", path).json()["verification"]["holds"] is True
        assert_refused(made.call("department:D2", "GET", path), 404)
        pairs = [pair for pair in log.piece(0, log.head().size) if pair[0].kind == "score"]
        assert [one.same for one in Replay(home).replayed(pairs)] == [True]
        assert verify_log(log.export()).holds


def test_the_list_of_projects_is_its_departments_own(
    postgres_url: str, tmp_path: Path, release: Release, portal: BlockingPortal
) -> None:
    made = keyed_service(tmp_path, release, portal)
    with closing(made.records), closing(made.store), RecordLog.open(postgres_url) as log:
        app = around(questions, release, Limits(), made.access, log)
        object.__setattr__(made, "service", Caller(app, portal))
        given = [tiny_project(n, department=f"D{1 + n % 2}") for n in range(130)]
        given += [tiny_project(n, policy="none") for n in range(0, 20, 2)]
        assert made.post("platform", "/score_batch", {"projects": given}).status_code == 200
        found: list[str] = []
        after = ""
        while after is not None:
            page = made.call("department:D1", "GET", f"/projects?after={after}").json()
            found += [line["project_id"] for line in page["projects"]]
            after = page["next_after"]
        assert sorted(found) == [f"P{n:04}" for n in range(0, 130, 2)]
        foreign = made.call("department:D1", "GET", "/projects?department=D2").json()
        assert (foreign["projects"], foreign["total"]) == ([], 0)
        everything = made.call("auditor", "GET", "/projects/tendencies").json()
        assert everything["rated"] == 130, "control, and each project once"
        for path in ("/projects/tendencies", "/projects/export", "/projects?sort=excess"):
            answer = made.call("department:D1", "GET", path, headers={"accept": "text/html"})
            assert answer.status_code == 200
            assert b"P0001" not in answer.content


def test_the_list_of_findings_is_its_departments_own_and_follows_what_is_said(
    postgres_url: str, tmp_path: Path, home: Path, release: Release, portal: BlockingPortal
) -> None:
    made = keyed_service(tmp_path, release, portal)
    with closing(made.records), closing(made.store), RecordLog.open(postgres_url) as log:
        app = around(questions, release, Limits(), made.access, log, home)
        object.__setattr__(made, "service", Caller(app, portal))
        given = [tiny_project(n, department=f"D{1 + n % 2}") for n in range(60)]
        answer = made.post("platform", "/score_batch", {"projects": given}).json()
        record = answer["results"][0]["record_id"]
        body = {"finding": "TNY-01", "state": "violation", "comment": "seen on site"}
        assert made.post("expert", f"/record/{record}/handling", body).status_code == 200
        found: list[str] = []
        after = ""
        while after is not None:
            page = made.call("department:D1", "GET", f"/findings?after={after}").json()
            assert page["counts"]["state"] == {"suspected": 59, "violation": 1}
            found += [f"{line['project_id']} {line['code']}" for line in page["findings"]]
            after = page["next_after"]
        own = [f"P{n:04}" for n in range(0, 60, 2)]
        assert sorted(found) == sorted(f"{p} {code}" for p in own for code in ("TNY-01", "TNY-03"))
        foreign = made.call("department:D1", "GET", "/findings?department=D2").json()
        assert (foreign["findings"], foreign["total"]) == ([], 0)
        file = made.call("department:D1", "GET", "/findings/export?format=csv&state=violation")
        assert b"P0000" in file.content
        assert b"P0002" not in file.content
        assert made.call("auditor", "GET", "/findings").json()["total"] == 120, "control"


def test_when_it_is_gone_there_is_no_answer_and_when_it_is_back_there_is(
    postgres: Postgres, postgres_url: str, tmp_path: Path, release: Release, portal: BlockingPortal
) -> None:
    made = keyed_service(tmp_path, release, portal)
    with closing(made.records), closing(made.store), RecordLog.open(postgres_url) as log:
        app = around(questions, release, Limits(), made.access, log)
        object.__setattr__(made, "service", Caller(app, portal))
        assert made.post("platform", "/score", QUESTION).status_code == 200
        postgres.stop()
        try:
            gone = made.post("platform", "/score", QUESTION)
            assert_refused(gone, 503, "cannot_record")
            assert gone.elapsed.total_seconds() < 2.5
        finally:
            postgres.start()
        assert made.post("platform", "/score", QUESTION).status_code == 200
        assert log.head().size == 2


@pytest.mark.parametrize("shown", [repr, str])
def test_settings_do_not_show_the_password(shown: type[str]) -> None:
    settings = ServiceSettings.model_validate({"records": "postgresql://a:s3cret@host/b"})
    assert "s3cret" not in shown(settings)
    assert "s3cret" in settings.record_address
