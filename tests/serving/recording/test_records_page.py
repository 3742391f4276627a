"""docs/records.md: its commands run, and it tells of every kind, field and reason there is."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from models.registry import Release
from serving.access.caller import LOCAL_ADMIN
from serving.appraisal import appraised
from serving.asker import Asker
from serving.audit.said_record import KINDS
from serving.command_line.program import PROGRAM
from serving.override_reasons import shipped_reasons
from serving.recording.recorded_answer import recorded_answer
from serving.records.record_log import RecordLog
from tests.serving.conftest import tiny_project

DOCS = Path(__file__).parents[3] / "docs"
PAGES = ("records.md", "records.zh-CN.md")


def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def commands(name: str) -> list[list[str]]:
    blocks = re.findall(r"^```sh\n(.*?)^```", page(name), re.DOTALL | re.MULTILINE)
    return [shlex.split(line) for block in blocks for line in block.splitlines()]


@pytest.mark.parametrize("name", PAGES)
def test_the_commands_do_what_the_page_says(
    name: str,
    home: Path,
    release: Release,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    address = f"sqlite:///{tmp_path / 'records.db'}"
    with RecordLog.open(address) as log:
        asker = Asker.of(LOCAL_ADMIN, "POST /score")
        answer = recorded_answer(release, appraised(tiny_project(), release), log, asker)
    monkeypatch.chdir(tmp_path)
    listed = commands(name)
    assert len(listed) == 10
    for program, *words in listed:
        assert program == "lingji"
        meant = {"RECORD": answer["record_id"], "contact_phone": "contact"}
        given = [meant.get(word, word) for word in words]
        place = [] if "key" in words or "verify" in words else ["--records", address]
        if "key" not in words:
            place += ["--home", str(home)]
        done = CliRunner().invoke(PROGRAM, [*given, *place])
        assert done.exit_code == 0, (given, done.output)


@pytest.mark.parametrize("name", PAGES)
def test_every_kind_of_record_is_told(name: str) -> None:
    def told(page_of: str) -> list[str]:
        rows = re.findall(r"^\| ((?:`\w+`[,、 ]*)+) \|", page(page_of), re.MULTILINE)
        kinds = dict.fromkeys(kind for row in rows for kind in re.findall(r"`(\w+)`", row))
        return [kind for kind in kinds if kind in KINDS]

    assert set(told(name)) == set(KINDS)
    assert told(name) == told(PAGES[0])


@pytest.mark.parametrize("name", PAGES)
def test_every_field_of_a_scores_record_is_told(
    name: str,
    release: Release,
    tmp_path: Path,
) -> None:
    with RecordLog.open(f"sqlite:///{tmp_path / 'records.db'}") as log:
        asker = Asker.of(LOCAL_ADMIN, "POST /score")
        answer = recorded_answer(release, appraised(tiny_project(), release), log, asker)
        stored = log.record(answer["record_id"])
    assert stored is not None
    content = json.loads(stored.leaf)["content"]
    assert [
        field for field in content if field != "format" and f"`{field}`" not in page(name)
    ] == []


def test_every_reason_of_an_override_is_told() -> None:
    told = page("records.md")
    assert [code for code in shipped_reasons().labels if f"`{code}`" not in told] == []
