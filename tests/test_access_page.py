"""docs/access.md: its commands run, its settings are read, its table is the policy."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from serving.access.caller import Role
from serving.access.keys import Keys
from serving.access.policy import POLICY
from serving.access.store import access_store
from serving.access.token_settings import token_settings
from serving.command_line.program import PROGRAM
from serving.settings import ServiceSettings

DOCS = Path(__file__).parent.parent / "docs"
PAGES = ("access.md", "access.zh-CN.md")
TOLD_IN_THE_TABLE = {"/score", "/score_batch", "/what_if", "/improvements", "/metrics"}


def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def block(name: str, language: str, number: int = 0) -> str:
    found = re.findall(rf"^```{language}\n(.*?)^```", page(name), re.DOTALL | re.MULTILINE)
    return str(found[number])


@pytest.mark.parametrize("name", PAGES)
def test_the_commands_do_what_the_page_says(name: str, tmp_path: Path) -> None:
    runner = CliRunner()
    for line in block(name, "sh").splitlines():
        words = shlex.split(line)[1:]
        if "revoke" in words:
            with access_store(tmp_path) as store:
                words[-1] = Keys(store).listed()[0].id
        done = runner.invoke(PROGRAM, [*words, "--home", str(tmp_path)])
        assert done.exit_code == 0, done.output
    with access_store(tmp_path) as store:
        made = {str(key.grant): key.revoked is None for key in Keys(store).listed()}
    assert made == {"admin": False, "platform": True, "department:109001": True}


@pytest.mark.parametrize("name", PAGES)
def test_the_settings_of_tokens_are_read(name: str, tmp_path: Path) -> None:
    file = tmp_path / "tokens.yaml"
    file.write_text(block(name, "yaml"), encoding="utf-8")
    settings = token_settings(file)
    assert settings.jwks == tmp_path / "jwks.json"
    claims = {"realm_access": {"roles": ["declarer"]}, "dept_code": "109001"}
    assert str(settings.grant_of(claims)) == "department:109001"
    told = set(re.findall(r"`(\w+)`", "".join(re.findall(r"^\| (`.*?) \|", page(name), re.M))))
    assert set(type(settings).model_fields) <= told


@pytest.mark.parametrize("name", PAGES)
def test_the_table_of_roles_is_the_policy(name: str) -> None:
    told = dict(re.findall(r"^\| `(\w+)(?::[^`]*)?`[^|]*\| (.*) \|$", page(name), re.MULTILINE))
    for role in Role:
        may = {path for (_, path), roles in POLICY.items() if role in roles} & TOLD_IN_THE_TABLE
        if role is Role.ADMIN:
            assert may == TOLD_IN_THE_TABLE
        else:
            assert set(re.findall(r"`(/\w+)`", told[role.value])) == may, role


@pytest.mark.parametrize("name", PAGES)
def test_the_ration_is_the_default(name: str) -> None:
    assert f" {ServiceSettings().what_ifs_a_day} " in page(name)
    assert "LINGJI_WHAT_IFS" in page(name)
