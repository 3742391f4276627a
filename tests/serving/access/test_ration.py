"""A department asks a few times a day what would score better; processes count together."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from anyio.from_thread import BlockingPortal

from models.registry import Release
from serving.access.ration import Ration
from serving.access.store import AccessStore
from tests.serving.access.conftest import A_DAY, Keyed, keyed_service
from tests.serving.conftest import tiny_project
from tests.serving.test_bad_requests import assert_refused

TAKE = """
import sys
from pathlib import Path
from serving.access.ration import Ration
from serving.access.store import AccessStore
ration = Ration(AccessStore(Path(sys.argv[1]), durable=False), int(sys.argv[2]))
print("ready", flush=True)
sys.stdin.readline()
print(sum(ration.take("what_if", "D1", "P1") for _ in range(int(sys.argv[2]))))
"""


@pytest.fixture
def own(tmp_path: Path, release: Release, portal: BlockingPortal) -> Iterator[Keyed]:
    made = keyed_service(tmp_path, release, portal)
    yield made
    made.store.close()


def body(number: int = 1, department: str = "D1", **changes: object) -> dict[str, object]:
    return {"project": tiny_project(number, department=department), "changes": changes}


def test_a_department_may_ask_a_few_times_then_waits_until_tomorrow(own: Keyed) -> None:
    for _ in range(A_DAY):
        assert own.post("department:D1", "/what_if", body(policy="none")).status_code == 200
    answer = own.post("department:D1", "/what_if", body(policy="city"))
    assert_refused(answer, 429)
    assert answer.json()["error"]["code"] == "ration_used_up"
    assert 0 < int(answer.headers["retry-after"]) <= 25 * 3600  # a day may have 25 hours
    assert own.post("department:D1", "/score", {"project": tiny_project()}).status_code == 200


def test_other_projects_other_departments_and_other_roles_have_their_own(own: Keyed) -> None:
    for _ in range(A_DAY):
        own.post("department:D1", "/what_if", body())
    assert own.post("department:D1", "/what_if", body()).status_code == 429
    assert own.post("department:D1", "/what_if", body(2)).status_code == 200
    assert own.post("department:D2", "/what_if", body(department="D2")).status_code == 200
    for grant in ("platform", "trainer", "admin"):
        for _ in range(A_DAY + 1):
            assert own.post(grant, "/what_if", body()).status_code == 200


def test_two_keys_of_a_department_share_its_ration(own: Keyed) -> None:
    from serving.access.caller import parse_grant

    _, other = own.access.keys.create(parse_grant("department:D1"), "second", 1)
    for _ in range(A_DAY):
        own.post("department:D1", "/what_if", body())
    headers = {"authorization": f"Bearer {other}"}
    assert_refused(own.service.call("POST", "/what_if", json=body(), headers=headers), 429)


def test_what_is_refused_for_its_form_is_not_counted(own: Keyed) -> None:
    for wrong in (body(area="wide"), body(code="P9"), {**body(), "changes": 7}, {"project": 1}):
        for _ in range(A_DAY + 1):
            assert own.post("department:D1", "/what_if", wrong).status_code == 422
    assert own.post("department:D1", "/what_if", body()).status_code == 200


def test_another_spelling_of_the_code_is_the_same_project(own: Keyed) -> None:
    spellings = ["P0001", " P0001", "P0001 ", "p0001", "Ｐ0001"]
    statuses = [
        own.post(
            "department:D1",
            "/what_if",
            {"project": tiny_project(code=spelling), "changes": {}},
        ).status_code
        for spelling in spellings
    ]
    assert statuses == [200] * A_DAY + [429] * 2


def test_a_department_has_a_few_versions_of_a_project_scored_a_day(own: Keyed) -> None:
    versions = [{"project": tiny_project(area=100.0 + n)} for n in range(A_DAY + 1)]
    statuses = [own.post("department:D1", "/score", version).status_code for version in versions]
    assert statuses == [200] * A_DAY + [429]
    again = [own.post("department:D1", "/score", version).status_code for version in versions]
    assert again == statuses, "what has been answered is answered again"
    backwards = {"project": dict(reversed(versions[0]["project"].items()))}
    assert own.post("department:D1", "/score", backwards).status_code == 200
    assert own.post("department:D1", "/what_if", body()).status_code == 200
    assert [own.post("platform", "/score", v).status_code for v in versions] == [200] * (A_DAY + 1)


def test_many_versions_in_one_batch_are_rationed_too(own: Keyed) -> None:
    projects = [tiny_project(area=100.0 + n) for n in range(A_DAY + 2)] + [tiny_project(2)]
    answer = own.post("department:D1", "/score_batch", {"projects": projects}).json()
    codes = [result.get("error", {}).get("code") for result in answer["results"]]
    assert codes == [None] * A_DAY + ["ration_used_up"] * 2 + [None]
    assert len(answer["ranking"]) == A_DAY + 1


class Calendar:
    def __init__(self) -> None:
        self.now = datetime(2027, 3, 1, 23, 59, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def test_a_new_day_has_a_new_ration_and_yesterday_is_forgotten(tmp_path: Path) -> None:
    store, calendar = AccessStore(tmp_path), Calendar()
    ration = Ration(store, 2, calendar)
    assert [ration.take("a") for _ in range(3)] == [True, True, False]
    assert ration.seconds_to_wait() == 30
    calendar.now += timedelta(seconds=30)
    assert [ration.take("a") for _ in range(3)] == [True, True, False]
    assert store.execute("SELECT count(*) FROM used") == [(1,)]
    store.close()


def test_none_a_day_is_none(tmp_path: Path) -> None:
    store = AccessStore(tmp_path)
    assert not Ration(store, 0).take("a")
    store.close()


def taken_by_two(folder: Path, a_day: int) -> list[int]:
    """How many calls each of two processes got, which take as many as they can at once."""
    command = [sys.executable, "-c", TAKE, str(folder), str(a_day)]
    pipe = subprocess.PIPE
    processes = [subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) for _ in range(2)]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    said = [process.communicate(timeout=60)[0] for process in processes]
    return [int(count) for count in said]


def test_two_processes_share_one_ration(tmp_path: Path) -> None:
    taken = taken_by_two(tmp_path, 200)
    assert sum(taken) == 200


def test_control_two_stores_do_not(tmp_path: Path) -> None:
    stores = [AccessStore(tmp_path / name) for name in ("a", "b")]
    assert [Ration(store, 1).take("x") for store in stores] == [True, True]
    for store in stores:
        store.close()
