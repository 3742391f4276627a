"""The command `lingji duplicates`: a row for each pair, and a refusal of what it cannot read."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner, Result

from serving.command_line.program import PROGRAM
from tests.serving.duplicates.conftest import library, lights, twin


def lingji(*words: object) -> Result:
    return CliRunner().invoke(PROGRAM, [str(word) for word in words])


def written(folder: Path, *projects: object) -> Path:
    file = folder / "projects.jsonl"
    lines = [json.dumps(project, ensure_ascii=False) for project in projects]
    file.write_text("\n".join(lines), encoding="utf-8")
    return file


def test_a_row_for_each_pair_says_which_and_why(tmp_path: Path) -> None:
    file = written(tmp_path, lights("A1"), library("A2"), {"pro_code": "bad"}, twin("A3"))
    done = lingji("duplicates", file, "--out", tmp_path / "pairs.jsonl", "--json")
    assert done.exit_code == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["projects"], told["bad_rows"], told["pairs"]["declared_twice"]) == (3, 1, 1)
    (line,) = (tmp_path / "pairs.jsonl").read_text(encoding="utf-8").splitlines()
    row = json.loads(line)
    assert (row["project_id_1"], row["row_1"]) == ("A1", 1)
    assert (row["project_id_2"], row["row_2"]) == ("A3", 4)
    assert row["group"] == 1
    assert "1,860,000 元" in row["reasons_zh"]
    assert "1,860,000 yuan" in row["reasons_en"]


def test_continued_projects_are_written_where_asked_for(tmp_path: Path) -> None:
    file = written(tmp_path, lights("A1", exist_status="002"),
                   lights("A2", exist_status="002", fiscal_year=2026))  # fmt: skip
    for options, rows in (((), 0), (("--continued",), 1)):
        done = lingji("duplicates", file, "--out", tmp_path / "pairs.csv", *options)
        assert done.exit_code == 0, done.stderr
        lines = (tmp_path / "pairs.csv").read_text(encoding="utf-8-sig").splitlines()
        assert len(lines) == rows + 1
    assert "Continued from another round 延续项目: 1" in done.stdout


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    done = lingji("duplicates", tmp_path / "none.csv", "--out", tmp_path / "pairs.csv")
    assert done.exit_code == 1
    assert "a file that can be read" in done.stderr
    assert not (tmp_path / "pairs.csv").exists()
