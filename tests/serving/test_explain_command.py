"""`lingji explain` and `lingji train` refuse what they cannot read, and say what it is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from serving.command_line.program import PROGRAM
from tests.serving.conftest import CATALOGUE, tiny_project


def lingji(*words: object) -> Result:
    return CliRunner().invoke(PROGRAM, [str(word) for word in words])


def explained(home: Path, content: bytes, *more: str) -> Result:
    file = home / "asked.json"
    file.write_bytes(content)
    return lingji("explain", file, "--catalogue", CATALOGUE, "--home", home, *more)


def test_a_sound_project_is_explained(home: Path) -> None:
    content = json.dumps(tiny_project()).encode()
    answer = json.loads(explained(home, content, "--json").stdout)
    assert answer["status"] == "rated"
    assert "Necessity: " in explained(home, content, "--lang", "en").stdout
    assert "同类项目" in explained(home, content, "--lang", "zh").stdout


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'{"code": ', "expected JSON; got"),
        (b'{"code": "P1", "code": "P2"}', "code: expected each key once; got the same key again"),
        (b'{"area": NaN}', "expected a finite number; got NaN"),
        ('{"code": "编码"}'.encode("gb18030"), "expected JSON in UTF-8; got another encoding"),
        (b"[]", "expected an object of fields; got list"),
        (b'{"code": "P1"}', "apply: expected an amount as a number"),
    ],
)
def test_what_is_no_project_is_refused(home: Path, content: bytes, said: str) -> None:
    refused = explained(home, content)
    assert refused.exit_code == 1
    assert said in " ".join(refused.stderr.split())


def test_a_refusal_is_as_wide_as_the_terminal(home: Path) -> None:
    refused = explained(home, b'{"code": "P1"}')
    assert max(map(len, refused.stderr.splitlines())) <= 80


def test_training_data_that_are_not_there_are_told(tmp_path: Path) -> None:
    refused = lingji("train", "--data", tmp_path / "nowhere", "--home", tmp_path)
    assert refused.exit_code == 1
    assert "a folder with projects.* and outcomes.*; got nothing there" in " ".join(
        refused.stderr.split()
    )
