"""lingji keys: create shows a key once, list shows none, revoke names one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from serving.access.keys import Keys
from serving.access.store import access_store
from serving.command_line.program import PROGRAM


def ran(home: Path, *words: str) -> Result:
    return CliRunner().invoke(PROGRAM, ["keys", *words, "--home", str(home)])


def as_json(home: Path, *words: str) -> Any:
    done = ran(home, *words, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


CREATE = ("create", "--role", "department:109001", "--label", "道路处", "--days", "90")


def test_a_key_is_shown_alone_on_stdout_and_opens(tmp_path: Path) -> None:
    done = ran(tmp_path, *CREATE)
    assert done.exit_code == 0
    secret = done.stdout.strip()
    with access_store(tmp_path) as store:
        assert str(Keys(store).holder(secret).grant) == "department:109001"
    assert secret not in done.stderr
    assert "shown this once" in " ".join(done.stderr.split())


def test_as_json(tmp_path: Path) -> None:
    made = as_json(tmp_path, *CREATE)
    assert made["key"].startswith("lingji_")
    assert (made["role"], made["label"], made["state"]) == ("department:109001", "道路处", "active")
    (listed,) = as_json(tmp_path, "list")["keys"]
    assert listed == {name: value for name, value in made.items() if name != "key"}
    revoked = as_json(tmp_path, "revoke", made["id"])
    assert (revoked["id"], revoked["state"]) == (made["id"], "revoked")
    assert as_json(tmp_path, "list")["keys"] == [revoked]


def test_the_list_shows_ids_and_states_and_no_key(tmp_path: Path) -> None:
    assert "no access keys" in ran(tmp_path, "list").stdout
    made = as_json(tmp_path, *CREATE)
    shown = ran(tmp_path, "list").stdout
    assert made["id"] in shown
    assert "department:109001" in shown
    assert "active" in shown
    assert made["key"] not in shown
    ran(tmp_path, "revoke", made["id"])
    assert "revoked" in ran(tmp_path, "list").stdout


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("create", "--role", "root", "--label", "a", "--days", "1"), 1, "expected a role"),
        (("create", "--role", "department", "--label", "a", "--days", "1"), 1, "expected a role"),
        (("create", "--role", "admin", "--label", " ", "--days", "1"), 1, "expected a label"),
        (("create", "--role", "admin", "--label", "a"), 2, "--days"),
        (("create", "--role", "admin", "--label", "a", "--days", "0"), 2, "--days"),
        (("create", "--role", "admin", "--label", "a", "--days", "9999"), 2, "--days"),
        (("revoke", "k-none"), 1, "expected the id of a key"),
        (("revoke",), 2, "ID"),
        (("renew",), 2, "renew"),
    ],
)
def test_what_is_wrong_is_told_with_its_exit_code(
    tmp_path: Path, words: tuple[str, ...], code: int, said: str
) -> None:
    done = ran(tmp_path, *words)
    assert done.exit_code == code
    assert said in " ".join(done.stderr.split())
    assert "Traceback" not in done.output


def test_control_nothing_is_made_by_a_refused_command(tmp_path: Path) -> None:
    ran(tmp_path, "create", "--role", "root", "--label", "a", "--days", "1")
    assert as_json(tmp_path, "list") == {"keys": []}
