"""Checks that were recorded come out again; what was changed is named, what is gone is told."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from anyio.from_thread import BlockingPortal
from typer.testing import CliRunner

from models.registry import Release
from serving.command_line.program import PROGRAM
from serving.recording.replay import Replay, Replayed
from serving.records.erasure import Erasure
from serving.records.log_reading import StoredRecord
from tests.serving.access.conftest import Keyed, keyed_service
from tests.serving.conftest import tiny_project
from tests.serving.test_bad_requests import assert_refused

PAGE = {"accept": "text/html"}


@pytest.fixture
def keyed(tmp_path: Path, home: Path, release: Release, portal: BlockingPortal) -> Iterator[Keyed]:
    """A service with a working folder of its own, so that a test may take things out of it."""
    for part in ("models", "rules", "rulers"):
        shutil.copytree(home / part, tmp_path / part)
    made = keyed_service(tmp_path, release, portal)
    yield made
    made.store.close()
    made.records.close()


def check(keyed: Keyed, **changes: Any) -> str:
    answer = keyed.post("platform", "/check", {"project": tiny_project(1, **changes)})
    return str(answer.json()["record_id"])


def replayed(
    keyed: Keyed, home: Path, record: str, change: Callable[[Any], object] | None = None
) -> Replayed:
    """The replay of a record, whose leaf may have been changed."""
    stored, receipt = keyed.records.record(record), keyed.records.receipt(record)
    assert stored is not None
    assert receipt is not None
    if change is not None:
        stored = altered(stored, change)
    (done,) = Replay(home).replayed([(stored, receipt.leaf_hash)])
    return done


def altered(stored: StoredRecord, change: Callable[[Any], object]) -> StoredRecord:
    leaf = json.loads(stored.leaf)
    change(leaf["content"])
    return replace(stored, leaf=json.dumps(leaf, sort_keys=True, separators=(",", ":")).encode())


@pytest.mark.parametrize("changes", [{}, {"policy": "none"}, {"policy": None, "lines": None}])
def test_a_check_is_the_same_again(keyed: Keyed, tmp_path: Path, changes: dict[str, Any]) -> None:
    done = replayed(keyed, tmp_path, check(keyed, **changes))
    assert (done.outcome, done.differences) == ("same", ())


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda said: said.update(admitted=False), {"result admitted"}),
        (lambda said: said["findings"].pop(), {"result findings"}),
        (lambda said: said["checks"].update(outcomes="ppp"), {"result checks"}),
        (lambda said: said["said"].update(sha256="0" * 64), {"words answer"}),
        (lambda said: said["document"].update(apply=1.0), {"result checks", "words answer"}),
        (lambda said: said.update(format=9), {"record format"}),
        (lambda said: said.pop("document"), {"record content"}),
    ],
)
def test_control_what_was_tampered_with_is_named(
    keyed: Keyed, tmp_path: Path, change: Callable[[Any], object], named: set[str]
) -> None:
    done = replayed(keyed, tmp_path, check(keyed), change)
    assert done.outcome == "differs"
    assert {f"{each.part} {each.name}" for each in done.differences} == named | {"record leaf"}


def test_rules_that_are_gone_cannot_be_and_rules_that_were_changed_differ(
    keyed: Keyed, tmp_path: Path
) -> None:
    record = check(keyed)
    [kept] = (tmp_path / "rules").iterdir()
    content = kept.read_bytes()
    kept.unlink()
    gone = replayed(keyed, tmp_path, record)
    kept.write_bytes(content.replace(b"50000", b"50001"))
    other = replayed(keyed, tmp_path, record)
    kept.write_bytes(content)
    assert (gone.outcome, other.outcome) == ("cannot", "differs")
    assert [each.part for each in (*gone.differences, *other.differences)] == ["rules", "rules"]
    assert replayed(keyed, tmp_path, record).same, "control"


def test_another_catalogue_or_an_erased_value_cannot_be_made_again(
    keyed: Keyed, tmp_path: Path
) -> None:
    record = check(keyed)
    stored, receipt = keyed.records.record(record), keyed.records.receipt(record)
    assert stored is not None
    assert receipt is not None
    (done,) = Replay(tmp_path / "elsewhere").replayed([(stored, receipt.leaf_hash)])
    assert (done.outcome, done.differences[0].part) == ("cannot", "catalogue")


def test_erasing_a_personal_value_leaves_the_check_what_it_was(
    keyed: Keyed, tmp_path: Path
) -> None:
    record = check(keyed)
    keyed.records.erase(Erasure(record, ("contact",), "auditor", "asked for", {}))
    assert replayed(keyed, tmp_path, record).same


def test_the_command_and_the_page_replay_checks_too(keyed: Keyed, tmp_path: Path) -> None:
    record = check(keyed)
    keyed.post("platform", "/score", {"project": tiny_project(2)})
    done = keyed.call("auditor", "POST", f"/audit/records/{record}/replay")
    assert (done.json()["same"], done.json()["outcome"]) == (True, "same")
    page = keyed.call("auditor", "POST", f"/audit/records/{record}/replay?lang=zh", headers=PAGE)
    assert "按记录所载的指标目录、规则和支出标准重新校验" in page.text
    words = ["audit", "replay", "--all", "--home", str(tmp_path), "--json"]
    told = json.loads(CliRunner().invoke(PROGRAM, words).stdout)
    assert (told["replayed"], told["same"], told["cannot"]) == (2, 2, 0)
    [kept] = (tmp_path / "rules").iterdir()
    kept.unlink()
    gone = CliRunner().invoke(PROGRAM, words)
    assert (gone.exit_code, json.loads(gone.stdout)["cannot"]) == (1, 2)
    said = keyed.call("auditor", "POST", f"/audit/records/{record}/replay?lang=zh", headers=PAGE)
    assert "无法重算" in said.text
    listed = keyed.call("auditor", "GET", "/audit?kind=replay&lang=zh", headers=PAGE).text
    assert "无法重算" in listed


def test_what_is_no_answer_is_not_replayed(keyed: Keyed) -> None:
    done = keyed.post("platform", "/what_if", {"project": tiny_project(), "changes": {}})
    assert done.status_code == 200
    found = keyed.call("admin", "GET", "/audit?kind=what_if").json()["records"]
    path = f"/audit/records/{found[0]['record_id']}/replay"
    assert_refused(keyed.call("auditor", "POST", path), 422)


def test_the_page_of_a_check_shows_the_answer_and_what_becomes_of_it(
    keyed: Keyed, tmp_path: Path
) -> None:
    record = check(keyed, policy="none")
    path = f"/record/{record}?lang=zh"
    shown = keyed.call("expert", "GET", path, headers=PAGE).text
    for words in (
        "校验记录",
        "暂不予入库",
        "全部校验事项",
        "疑点处理",
    ):
        assert words in shown
    [kept] = (tmp_path / "rules").iterdir()
    kept.unlink()
    told = keyed.call("expert", "GET", path, headers=PAGE).text
    assert "规则未保存" in told
    assert "TNY-02" in told
