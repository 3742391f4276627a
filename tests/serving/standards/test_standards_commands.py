"""The commands about standards, from past projects to a version in force."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import openpyxl
from typer.testing import CliRunner

from serving.command_line.program import PROGRAM
from training.province import simulate_province


def run(home: Path, *words: str) -> Any:
    """What a command says as JSON, in a working folder."""
    done = CliRunner().invoke(PROGRAM, [*words, "--home", str(home), "--json"])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_from_past_projects_to_a_version_in_force(tmp_path: Path) -> None:
    simulate_province(tmp_path / "past", 1_500)
    data = str(tmp_path / "past")
    given = "docs/examples/standards.yaml"
    built = run(tmp_path, "standards", "build", "--data", data, "--set", given)
    assert (built["version"]["version"], built["version"]["set"]) == (1, 4)
    assert built["version"]["learning"]["simulated"] is True
    assert built["difference"]["before"] is None
    for name in ("Li", "Wang"):
        key = str(tmp_path / f"{name}.pem")
        run(tmp_path, "people", "add", name, "--account", name.lower(), "--out", key)
        signed = run(tmp_path, "standards", "sign", "1", "--key", key)
    assert signed["status"] == "in_force"
    again = run(tmp_path, "standards", "build", "--data", data)
    moved = again["difference"]
    assert (moved["before"], moved["moved"], moved["newly"]) == (1, [], 0)
    assert run(tmp_path, "standards", "diff", "2") == moved
    listed = run(tmp_path, "standards", "list")["versions"]
    assert [each["status"] for each in listed] == ["in_force", "draft"]
    shown = run(tmp_path, "standards", "show", "编外用工")
    assert shown["version"]["digest"] == built["version"]["digest"]
    prices = [each for each in shown["standards"] if each["kind"] == "learned"]
    assert prices
    assert all(each["low"] < each["mid"] < each["high"] < each["ceiling"] for each in prices)
    book = tmp_path / "standards.xlsx"
    words = ["standards", "export", "--out", str(book), "--home", str(tmp_path), "--lang", "zh"]
    assert CliRunner().invoke(PROGRAM, words).exit_code == 0
    assert openpyxl.load_workbook(book).sheetnames == ["测算标准", "制定标准", "说明"]


def test_what_cannot_be_done_is_refused(tmp_path: Path) -> None:
    for words, said in (
        (["show"], "lingji standards build"),
        (["sign", "1", "--key", str(tmp_path / "none.pem")], "expected a person's key"),
        (["build", "--data", "none", "--catalogue", "japan_review"], "nothing there"),
    ):
        done = CliRunner().invoke(PROGRAM, ["standards", *words, "--home", str(tmp_path)])
        assert (done.exit_code, said in done.output) == (1, True), done.output
