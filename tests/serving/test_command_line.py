"""The command `lingji`: what each command does, and how it says no."""

from __future__ import annotations

import csv
import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import typer
from typer.testing import CliRunner, Result

from models.bundle import save_bundle
from models.registry import Registry
from serving.command_line.program import PROGRAM
from serving.command_line.speech import refusing
from tests.rulers import ruler, text_of
from tests.small_model import ROUNDS, small, small_document, small_outcomes


def lingji(*words: object) -> Result:
    return CliRunner().invoke(PROGRAM, [str(word) for word in words])


def _told(result: Result) -> str:
    """What was said to people, on both streams, without line breaks."""
    return " ".join((result.stdout + result.stderr).split())


@pytest.fixture(scope="module")
def ruled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the small ruler as a file, and a home with its model in service."""
    folder = tmp_path_factory.mktemp("command")
    (folder / "small.yaml").write_text(text_of(ruler()), encoding="utf-8")
    registry = Registry(folder / "home", "small")
    for number in (1, 2):
        waiting = folder / f"waiting{number}"
        save_bundle(small().model, waiting)
        registry.register(waiting, "2025-01-01", f"run{number}")
    registry.promote(1)
    return folder


@pytest.fixture
def options(ruled: Path, tmp_path: Path) -> list[object]:
    """The options that name the small ruler and a home that a test may change."""
    shutil.copytree(ruled / "home", tmp_path / "home")
    return ["--catalogue", ruled / "small.yaml", "--home", tmp_path / "home"]


def _document(**changes: Any) -> dict[str, Any]:
    return small_document(np.random.default_rng(1), 1, 2025) | changes


def _projects(path: Path, *documents: dict[str, Any]) -> Path:
    path.write_text("\n".join(map(json.dumps, documents)), encoding="utf-8")
    return path


# Exit codes


def test_help_names_every_command() -> None:
    told = _told(lingji("--help"))
    for command in ("demo", "simulate", "check", "train", "models", "promote", "rollback", "score",
                    "explain", "serve"):  # fmt: skip
        assert command in told
        assert lingji(command, "--help").exit_code == 0


@pytest.mark.parametrize(
    "words",
    [
        ["paint"],
        ["score"],
        ["score", "in.csv", "--out", "out.csv", "--workers", "0"],
        ["promote", "first"],
        ["explain", "a.json", "--lang", "fr"],
        ["demo", "--lang", "fr"],
        ["demo", "--projects", "3"],
        ["simulate"],
        ["models", "--colour"],
    ],
)
def test_wrong_use_is_exit_code_2(words: list[str]) -> None:
    result = lingji(*words)
    assert result.exit_code == 2
    assert "Usage" in result.stderr


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["check", "nowhere.csv"], "nowhere.csv"),
        (["check", "x.csv", "--catalogue", "zero_bass"], "expected one of zero_base, japan_review"),
        (["models", "--catalogue", "zero_bass"], "expected one of zero_base"),
        (["explain", "nowhere.json"], "nowhere.json"),
    ],
)
def test_what_cannot_be_done_is_exit_code_1(words: list[str], told: str, tmp_path: Path) -> None:
    home = [] if words[0] == "check" else ["--home", tmp_path]
    result = lingji(*words, *home)
    assert result.exit_code == 1
    assert "lingji:" in result.stderr
    assert result.stdout == ""
    if words[0] != "explain":
        assert told in _told(result)


def test_without_a_model_in_service_it_says_what_to_do(tmp_path: Path) -> None:
    file = _projects(tmp_path / "p.json", {"pro_code": "P"})
    result = lingji("explain", file, "--home", tmp_path / "empty")
    assert result.exit_code == 1
    assert "expected a model of zero_base in service; got none; run `lingji train`" in _told(result)


def test_a_very_long_refusal_is_shortened(capsys: pytest.CaptureFixture[str]) -> None:
    from features.errors import Fault, ProjectError

    @refusing
    def many() -> None:
        raise ProjectError([Fault(n, "area", "a number", "[b]x[/b]") for n in range(100)])

    with pytest.raises(typer.Exit) as stopped:
        many()
    assert stopped.value.exit_code == 1
    told = capsys.readouterr().err
    assert "… and 80 more" in told
    assert "[b]x[/b]" in told  # what others wrote is not markup


# check


def test_check_passes_a_good_file(ruled: Path, tmp_path: Path) -> None:
    file = _projects(tmp_path / "good.jsonl", _document(), _document(code="P2"))
    result = lingji("check", file, "--catalogue", ruled / "small.yaml")
    assert result.exit_code == 0
    assert "2" in result.stdout


def test_check_names_every_fault_and_fails(ruled: Path, tmp_path: Path) -> None:
    bad = _document(level="town", area="much")
    file = _projects(tmp_path / "[bad].jsonl", _document(), bad)
    result = lingji("check", file, "--catalogue", ruled / "small.yaml")
    assert result.exit_code == 1
    assert "row 2, level: expected one of zoo, city, alp; got 'town'" in _told(result)
    assert "row 2, area: expected a number" in _told(result)
    assert "[bad].jsonl" in "".join(result.stdout.split())


def test_check_answers_machines_in_json(ruled: Path, tmp_path: Path) -> None:
    file = tmp_path / "p.csv"
    file.write_text("code,year,colour\nP1,2025,red\nP2,x,red\n", encoding="utf-8")
    result = lingji("check", file, "--catalogue", ruled / "small.yaml", "--json")
    told = json.loads(result.stdout)
    assert result.exit_code == 1
    assert (told["rows"], told["good"], told["bad"]) == (2, 1, 1)
    assert told["columns_not_read"] == ["colour"]
    assert told["faults"][0]["field"] == "year"
    assert told["faults"][0]["row"] == 3


def test_check_names_a_project_declared_twice_in_a_round(ruled: Path, tmp_path: Path) -> None:
    twice = _projects(tmp_path / "twice.jsonl", _document(), _document(), _document(year=2024))
    result = lingji("check", twice, "--catalogue", ruled / "small.yaml")
    assert result.exit_code == 1
    assert "row 2: expected each project once in a round" in _told(result)
    assert "3 rows, 2 good, 1 bad" in _told(result)  # another round is another matter


def test_check_says_which_good_rows_cannot_be_rated(ruled: Path, tmp_path: Path) -> None:
    file = _projects(tmp_path / "p.jsonl", _document(), _document(code="P2", type=None))
    result = lingji("check", file, "--catalogue", ruled / "small.yaml")
    assert result.exit_code == 0
    assert "1 good row cannot be rated without type" in _told(result)
    whole = _projects(tmp_path / "whole.jsonl", _document())
    assert "cannot be rated" not in _told(
        lingji("check", whole, "--catalogue", ruled / "small.yaml")
    )


# models, promote, rollback


def test_versions_are_listed_with_the_one_in_service(options: list[object]) -> None:
    told = json.loads(lingji("models", *options, "--json").stdout)
    assert told["champion"] == 1
    assert [version["number"] for version in told["versions"]] == [1, 2]
    assert "run2" in lingji("models", *options).stdout


def test_promote_and_rollback_move_the_service(options: list[object]) -> None:
    promoted = lingji("promote", 2, "--without-review", *options, "--json")
    assert promoted.exit_code == 0, promoted.stderr
    assert json.loads(promoted.stdout)["champion"] == 2
    assert json.loads(lingji("rollback", *options, "--json").stdout)["champion"] == 1
    refused = lingji("rollback", *options)
    assert refused.exit_code == 1
    assert "expected an earlier release of small; got one release only" in _told(refused)


def test_a_release_stands_though_mlflow_cannot_be_reached(options: list[object]) -> None:
    with socket.socket() as probe:  # a port on which nothing answers
        probe.bind(("127.0.0.1", 0))
        uri = f"http://127.0.0.1:{probe.getsockname()[1]}"
    result = lingji("promote", 2, "--without-review", *options, "--tracking-uri", uri, "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout) | {"digest": ""} == {
        "champion": 2,
        "digest": "",
        "reviewed": False,
        "mlflow_alias": False,
    }
    told = _told(lingji("promote", 2, "--without-review", *options, "--tracking-uri", uri))
    assert "Version 2 of small is in service" in told
    assert "The alias champion in MLflow was not moved: expected to track in" in told


def test_promoting_what_is_not_there_is_refused(options: list[object]) -> None:
    result = lingji("promote", 9, *options)
    assert result.exit_code == 1
    assert "expected a version of small (1, 2); got 9" in _told(result)


def test_an_altered_model_is_not_promoted(options: list[object], tmp_path: Path) -> None:
    trees = tmp_path / "home" / "models" / "small" / "2" / "trees" / "axis.central.txt"
    trees.write_text(trees.read_text() + " ")
    result = lingji("promote", 2, "--without-review", *options)
    assert result.exit_code == 1
    assert "expected trees/axis.central.txt with sha256:" in _told(result)
    assert json.loads(lingji("models", *options, "--json").stdout)["champion"] == 1


# score


def test_score_writes_every_row_and_says_how_many(options: list[object], tmp_path: Path) -> None:
    documents = [_document(), _document(code="P2", type=None), _document(code="P3", level="town")]
    source = _projects(tmp_path / "in.jsonl", *documents)
    out, ranking = tmp_path / "out.csv", tmp_path / "ranking.csv"
    result = lingji("score", source, "--out", out, "--ranking", ranking, *options, "--json")
    assert result.exit_code == 0, result.stderr
    told = json.loads(result.stdout)
    assert (told["rows"], told["rated"], told["not_rated"], told["refused"]) == (3, 1, 1, 1)
    with out.open(encoding="utf-8-sig", newline="") as file:
        assert [row["status"] for row in csv.DictReader(file)] == ["rated", "not_rated", "error"]
    with ranking.open(encoding="utf-8-sig", newline="") as file:
        assert [row["project_id"] for row in csv.DictReader(file)] == ["P1"]
    assert "rated" in lingji("score", source, "--out", out, *options).stdout


def test_score_refuses_a_kind_it_cannot_write(options: list[object], tmp_path: Path) -> None:
    source = _projects(tmp_path / "in.jsonl", _document())
    result = lingji("score", source, "--out", tmp_path / "out.doc", *options)
    assert result.exit_code == 1
    assert "expected a file ending in" in _told(result)


def test_score_may_ask_another_version(options: list[object], tmp_path: Path) -> None:
    source = _projects(tmp_path / "in.jsonl", _document())
    out = tmp_path / "out.jsonl"
    assert lingji("score", source, "--out", out, *options, "--version", 2).exit_code == 0
    assert json.loads(out.read_text(encoding="utf-8"))["model_version"] == "2"


# explain


def test_explain_speaks_both_languages(options: list[object], tmp_path: Path) -> None:
    file = _projects(tmp_path / "p.json", _document())
    chinese = lingji("explain", file, *options)
    english = lingji("explain", file, *options, "--lang", "en")
    assert "同类项目" in chinese.stdout
    assert "模型提出建议，由人作出决定。" in "".join(chinese.stdout.split())
    assert "similar projects" in english.stdout
    assert "trained on simulated data" in _told(english)
    answer = json.loads(lingji("explain", file, *options, "--json").stdout)
    assert answer["project_id"] == "P1"


def test_explain_writes_a_page(options: list[object], tmp_path: Path) -> None:
    file, page = _projects(tmp_path / "p.json", _document()), tmp_path / "page.html"
    result = lingji("explain", file, *options, "--html", page)
    assert result.exit_code == 0
    assert "<html" in page.read_text(encoding="utf-8")


def test_explain_says_why_a_project_is_not_rated(options: list[object], tmp_path: Path) -> None:
    file = _projects(tmp_path / "p.json", _document(type=None))
    told = _told(lingji("explain", file, *options, "--lang", "en"))
    assert "Not rated, key evidence is missing: The type" in told


def test_what_others_wrote_is_never_markup(options: list[object], tmp_path: Path) -> None:
    file = _projects(tmp_path / "p.json", _document(code="[red]P[/b] :smile:"))
    result = lingji("explain", file, *options)
    assert result.exit_code == 0
    assert "[red]P[/b] :smile:" in result.stdout


# simulate, dictionary


def test_simulate_is_repeatable_and_says_that_it_is_invented(tmp_path: Path) -> None:
    told = []
    for name in ("a", "b"):
        result = lingji("simulate", "--out", tmp_path / name, "--projects", 60, "--json")
        assert result.exit_code == 0, result.stderr
        told.append(json.loads(result.stdout))
    assert told[0]["simulated"] is True
    assert told[0]["counts"] == told[1]["counts"]
    one, other = ((tmp_path / name / "outcomes.parquet").read_bytes() for name in ("a", "b"))
    assert one == other
    assert "模拟数据" in lingji("simulate", "--out", tmp_path / "c", "--projects", 30).stdout


def test_the_dictionary_is_markdown(ruled: Path) -> None:
    result = lingji("dictionary", "--catalogue", ruled / "small.yaml")
    assert result.exit_code == 0
    assert "The area" in result.stdout
    assert "area（中）" in result.stdout


# train


def _past(folder: Path, count: int = 700) -> Path:
    """Past projects of the small ruler with their outcomes but for the risk, in one file."""
    chance = np.random.default_rng(7)
    documents = [small_document(chance, n, ROUNDS[n % len(ROUNDS)]) for n in range(count)]
    past = [d | small_outcomes(chance, d) for d in documents]
    for project in past:
        del project["outcome_risk"]
    return _projects(folder / "past.jsonl", *past)


def test_train_registers_a_candidate_and_names_what_it_left_out(
    ruled: Path, tmp_path: Path
) -> None:
    rows = _past(tmp_path)
    with rows.open("a", encoding="utf-8") as file:
        file.write('\n{"code": "bad", "year": "soon"}')
    where = ["--catalogue", ruled / "small.yaml", "--home", tmp_path / "home"]
    uri = f"sqlite:///{tmp_path}/runs.db"
    result = lingji("train", "--data", rows, *where, "--tracking-uri", uri, "--json")
    assert result.exit_code == 0, result.stderr
    told = json.loads(result.stdout)
    assert (told["version"], told["rows"], told["rows_left_out"]) == (1, 700, 1)
    assert told["learned"] == ["axis", "second", "cost"]
    assert "expected the outcome column outcome_risk" in told["left_out"]["risk"]
    assert json.loads(lingji("models", *where, "--json").stdout)["champion"] is None


def test_train_refuses_what_it_cannot_learn_from(ruled: Path, tmp_path: Path) -> None:
    rows = _projects(tmp_path / "few.jsonl", _document(), _document(code="P2", year=2024))
    result = lingji(
        "train", "--data", rows, "--catalogue", ruled / "small.yaml", "--home", tmp_path
    )
    assert result.exit_code == 1
    assert "expected at least 3 rounds of outcomes" in _told(result)


# As a program


def test_the_program_itself_ends_with_its_codes(options: list[object], tmp_path: Path) -> None:
    program = [sys.executable, "-c", "from serving.command_line import main; main()"]
    source = _projects(tmp_path / "p.json", _document())
    codes = {}
    for name, words in {
        "done": ["explain", source, *options, "--json"],
        "refused": ["explain", tmp_path / "nowhere.json", *options],
        "wrong": ["explain"],
    }.items():
        done = subprocess.run(
            [*program, *map(str, words)],
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
            cwd=Path(__file__).parents[2],
            env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        )
        codes[name] = done.returncode
        if name == "done":
            assert json.loads(done.stdout)["status"] == "rated"
        else:
            assert done.stdout == ""
            assert "Traceback" not in done.stderr
    assert codes == {"done": 0, "refused": 1, "wrong": 2}
