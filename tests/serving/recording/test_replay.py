"""Replay: what was recorded comes out again, bit for bit; what was changed is named."""

from __future__ import annotations

import json
import random
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from anyio.from_thread import BlockingPortal
from typer.testing import CliRunner

from models.registry import Release
from serving.access.access import Access
from serving.command_line.program import PROGRAM
from serving.recording.replay import Replay
from serving.records.log_reader import LogReader
from serving.records.verification import verify_log
from tests.serving.conftest import tiny_project
from tests.serving.recording.conftest import recorded_service

COUNT = 200
_TRIGGERS = "SELECT name FROM sqlite_master WHERE type = 'trigger'"


@pytest.fixture(scope="module")
def database(
    tmp_path_factory: pytest.TempPathFactory,
    release: Release,
    access: Access,
    portal: BlockingPortal,
) -> Path:
    """A log of 200 scores, some alone and some in batches, and of a few other records."""
    folder = tmp_path_factory.mktemp("replay")
    chance = random.Random(3)  # noqa: S311 - invented data
    projects = [
        tiny_project(
            number,
            type=chance.choice(["road", "service", None]),
            policy=chance.choice(["none", "city", "province", None]),
            area=chance.choice([None, round(chance.uniform(1, 9_000), 2)]),
            people=chance.choice([None, 0, chance.randrange(3_000)]),
            executed_share=chance.choice([None, chance.random()]),
            contact=chance.choice([None, "11010519491231002X"]),
        )
        for number in range(COUNT)
    ]
    with recorded_service(folder, release, access, portal) as made:
        for project in projects[:40]:
            made.service.post("/score", {"project": project})
            made.service.post("/what_if", {"project": project, "changes": {"people": 3}})
        for start in range(40, COUNT, 80):
            made.service.post("/score_batch", {"projects": projects[start : start + 80]})
        assert made.log.head().size == COUNT + 40 + 2
    return made.file


def replayed(home: Path, database: Path) -> dict[str, list[str]]:
    """The differences of those records that differ."""
    with LogReader.open(f"sqlite:///{database}") as log:
        scores = [kept for kept in log.piece(0, log.head().size) if kept[0].kind == "score"]
        assert len(scores) == COUNT
        done = Replay(home).replayed(scores)
    return {
        one.record_id: [f"{each.part} {each.name}" for each in one.differences]
        for one in done
        if not one.same
    }


def copied(database: Path, folder: Path) -> Path:
    """A copy of the database, with the keys of its private values."""
    copy = folder / "copy.db"
    shutil.copy(database, copy)
    shutil.copy(database.with_suffix(".keys"), copy.with_suffix(".keys"))
    return copy


def changed(database: Path, folder: Path, change: Callable[[dict[str, Any]], object]) -> Path:
    """A copy of the database in which the leaf of the first score is changed, and its id."""
    copy = copied(database, folder)
    with sqlite3.connect(copy) as connection:
        index, leaf = connection.execute(
            "SELECT leaf_index, leaf FROM record WHERE kind = 'score' "
            "AND json_extract(CAST(leaf AS TEXT), '$.content.status') = 'rated' LIMIT 1"
        ).fetchone()
        for (name,) in connection.execute(_TRIGGERS).fetchall():
            connection.execute(f"DROP TRIGGER {name}")  # as somebody who may do anything would
        content = json.loads(leaf)
        change(content["content"])
        text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        connection.execute(
            "UPDATE record SET leaf = ? WHERE leaf_index = ?", (text.encode(), index)
        )
    connection.close()
    return copy


def test_two_hundred_records_are_the_same(home: Path, database: Path) -> None:
    assert replayed(home, database) == {}


def next_bit(content: dict[str, Any]) -> None:
    head = content["heads"]["necessity"]
    words = head["contributions"].split(",")
    place = content["indicators"].split(" ").index("people")
    import math

    words[place] = repr(math.nextafter(float(words[place]), math.inf))
    head["contributions"] = ",".join(words)


def another_value(content: dict[str, Any]) -> None:
    content["document"]["people"] = 77


def other_words(content: dict[str, Any]) -> None:
    content["said"]["reasons"]["necessity"] = "0" * 64


def other_answer(content: dict[str, Any]) -> None:
    content["said"]["sha256"] = "0" * 64


def other_grade(content: dict[str, Any]) -> None:
    content["grade"] = "Z"


def other_value_of_a_head(content: dict[str, Any]) -> None:
    content["heads"]["late"]["value"] = "0.5"


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (next_bit, "contribution necessity people"),
        (another_value, "feature people"),
        (other_words, "words necessity"),
        (other_answer, "words answer"),
        (other_grade, "result grade"),
        (other_value_of_a_head, "head late value"),
    ],
)
def test_control_one_change_is_named_by_replay_and_by_verify(
    home: Path, database: Path, tmp_path: Path, change: Callable[[dict[str, Any]], None], named: str
) -> None:
    copy = changed(database, tmp_path, change)
    ((_, differences),) = replayed(home, copy).items()
    assert "record leaf" in differences
    assert named in differences
    with LogReader.open(f"sqlite:///{copy}") as log:
        assert not verify_log(log.export()).holds


def test_control_code_that_words_a_reason_otherwise_is_noticed(
    home: Path, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import serving.wording.head_writer

    said = serving.wording.words.said_effect
    monkeypatch.setattr(
        serving.wording.head_writer, "said_effect", lambda *given: said(*given).replace("分", "点")
    )
    found = replayed(home, database)
    assert found
    assert {name for names in found.values() for name in names} <= {
        "words necessity",
        "words importance",
        "words cost",
        "words late",
    }


def test_a_missing_or_replaced_version_is_told(home: Path, database: Path, tmp_path: Path) -> None:
    found = replayed(tmp_path, database)
    assert len(found) == COUNT
    assert set(map(tuple, found.values())) == {("model version 1 of tiny",)}


def test_what_was_erased_does_not_hinder(home: Path, database: Path, tmp_path: Path) -> None:
    copy = copied(database, tmp_path)
    with sqlite3.connect(copy) as connection:
        connection.execute("UPDATE private_value SET sealed = NULL, key_id = NULL")
    connection.close()
    assert replayed(home, copy) == {}


def test_a_private_value_that_was_sealed_elsewhere_is_named(
    home: Path, database: Path, tmp_path: Path
) -> None:
    copy = copied(database, tmp_path)
    with sqlite3.connect(copy) as connection:
        two = connection.execute("SELECT leaf_index, sealed FROM private_value LIMIT 2").fetchall()
        moved = "UPDATE private_value SET sealed = ? WHERE leaf_index = ?"
        connection.execute(moved, (two[1][1], two[0][0]))
    connection.close()
    assert list(replayed(home, copy).values()) == [["input contact"]]


def test_the_command(home: Path, database: Path, tmp_path: Path) -> None:
    runner = CliRunner()
    place = ["--home", str(home), "--records", f"sqlite:///{database}"]
    done = runner.invoke(PROGRAM, ["audit", "replay", "--all", *place])
    assert done.exit_code == 0, done.output
    assert "Replayed 200 records: 200 same, bit for bit; 0 differ" in done.output
    copy = changed(database, tmp_path, next_bit)
    place[-1] = f"sqlite:///{copy}"
    done = runner.invoke(PROGRAM, ["audit", "replay", "--all", "--json", *place])
    assert done.exit_code == 1
    told = json.loads(done.stdout)
    assert (told["replayed"], told["same"]) == (200, 199)
    named = told["differing"][0]["record_id"]
    done = runner.invoke(PROGRAM, ["audit", "replay", named, *place])
    assert done.exit_code == 1
    assert "contribution, necessity people: recorded" in done.output
    done = runner.invoke(PROGRAM, ["audit", "replay", "none", *place])
    assert done.exit_code == 1
    assert runner.invoke(PROGRAM, ["audit", "replay", *place]).exit_code == 2


def test_an_answer_that_is_kept_must_be_the_recorded_one(
    home: Path, tmp_path: Path, release: Release, access: Access, portal: BlockingPortal
) -> None:
    batch = {"projects": [tiny_project(1), tiny_project(2, area="wide"), tiny_project(3)]}
    with recorded_service(tmp_path, release, access, portal) as made:
        made.service.post("/score", {"project": tiny_project()}, {"Idempotency-Key": "a"})
        made.service.post("/score_batch", batch, {"Idempotency-Key": "b"})
        made.service.post("/score", {"project": tiny_project(4)})
    words = ["audit", "replay", "--all", "--json", "--home", str(home)]
    words += ["--records", f"sqlite:///{made.file}"]
    runner = CliRunner()
    assert json.loads(runner.invoke(PROGRAM, words).stdout)["same"] == 4
    with sqlite3.connect(made.file) as connection:
        (answer,) = connection.execute("SELECT answer FROM answer WHERE key = 'b'").fetchone()
        other = answer.replace(b'"P0003","project_name"', b'"P0004","project_name"')
        assert other != answer
        connection.execute("UPDATE answer SET answer = ? WHERE key = 'b'", (other,))
    connection.close()
    done = runner.invoke(PROGRAM, words)
    assert done.exit_code == 1
    (found,) = json.loads(done.stdout)["differing"]
    assert [(each["part"], each["name"]) for each in found["differences"]] == [("answer", "kept")]
    assert found["leaf_index"] == 3
    named = runner.invoke(PROGRAM, ["audit", "replay", found["record_id"], *words[4:]])
    assert "answer, kept: recorded sha256:" in named.output
