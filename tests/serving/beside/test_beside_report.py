"""What differs beside the champion, from the log: by hand, by group, in both languages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest
from typer.testing import CliRunner

from models.appraised_project import appraised_project
from models.registry import Release
from serving.asker import Asker
from serving.beside.beside_pairs import Pair, Read, Side, pairs
from serving.beside.beside_record import beside_record
from serving.beside.beside_report import beside_report
from serving.beside.beside_report_page import beside_report_page
from serving.command_line.program import PROGRAM
from serving.page.words import page_words
from serving.recording.score_record import score_record
from serving.records.record_log import RecordLog
from tests.models.monitoring.answered import projects_of
from tests.releases import Waiting, registered
from tests.rulers import catalogue_of, ruler

RULER = catalogue_of(ruler())
_SAID = {"form": "explained_score", "sha256": "", "bytes": 0, "reasons": {}, "withheld": []}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log: 5 answers before a shadow ran, 60 with one, 4 that it did not manage."""
    folder = tmp_path_factory.mktemp("beside")
    registry = Waiting.at(folder).registry
    registered(registry, "second")
    champion, challenger = registry.release(1), registry.release(2)
    with RecordLog.open(f"sqlite:///{folder / 'records.db'}") as log:
        _answered(log, champion, None, 5, 21)
        _answered(log, champion, challenger, 40, 22)
        _answered(log, champion, None, 4, 23)
        _answered(log, champion, challenger, 20, 24)
    return folder


def _answered(
    log: RecordLog, release: Release, shadow: Release | None, count: int, seed: int
) -> None:
    projects, asker = projects_of(count, seed), Asker("a", "platform", "POST /score")
    prediction = release.model.predict(projects)
    given = [
        score_record(release, appraised_project(release.model, prediction, row), _SAID, asker)
        for row in range(count)
    ]
    log.append_all(given).result()
    if shadow is not None:
        prediction = shadow.model.predict(projects)
        beside = [
            beside_record(
                shadow,
                appraised_project(shadow.model, prediction, row),
                record.record_id,
                1,
                "shadow",
            )
            for row, record in enumerate(given)
        ]
        log.append_all(beside).result()


def test_the_log_gives_each_answer_its_other_half_and_counts_those_without(home: Path) -> None:
    read = Read()
    with RecordLog.open(f"sqlite:///{home / 'records.db'}") as log:
        found = list(pairs(log, RULER, "shadow", "type", read))
        assert list(pairs(log, RULER, "pilot", "type", Read())) == []
        newest = list(pairs(log, RULER, "shadow", "type", Read(), most=7))
    assert (len(found), read.answers, read.missing, read.versions) == (60, 64, 4, (2, 1))
    assert read.waiting == {}
    assert newest == found[:7]
    report = beside_report(found, read, RULER, "shadow", "type")
    assert report["answers"] == {"given": 64, "compared": 60, "without": 4}
    assert {group["group"] for group in report["groups"]} <= {"road", "care"}
    axis = next(head for head in report["all"]["heads"] if head["head"] == "axis")
    moved = [pair.beside.values["axis"] - pair.given.values["axis"] for pair in found]
    assert axis["mean"] == pytest.approx(sum(moved) / 60)
    assert axis["mean"] != 0
    cost = next(head for head in report["all"]["heads"] if head["head"] == "cost")
    assert (cost["mean"], cost["changed_reasons"]) == (0, 0)  # control: only the axis was moved


def _side(grade: str, rank: float, cost: float, reasons: tuple[str, ...]) -> Side:
    return Side("rated", grade, rank, {"cost": cost}, {"cost": reasons})


def test_figures_are_those_worked_out_by_hand() -> None:
    found = [
        Pair("P1", "road", _side("A", 9.0, 100.0, ("a", "b")), _side("A", 8.0, 100.0, ("a", "b"))),
        Pair("P2", "road", _side("B", 8.0, 100.0, ("a", "b")), _side("A", 9.0, 200.0, ("b", "a"))),
        Pair("P3", "care", _side("C", 7.0, 200.0, ("a", "b")), _side("D", 7.0, 100.0, ("c", "d"))),
        Pair("P4", "care", _side("C", 6.0, 200.0, ("a",)), _side("C", 6.0, 200.0, ("a",))),
    ]
    read = Read(4, 0, (2, 1), ("b", "a"), "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z")
    report = beside_report(found, read, RULER, "shadow", "type")
    whole = report["all"]
    assert whole["grade_flips"] == 0.5
    assert whole["flips"] == [
        {"given": "B", "beside": "A", "count": 1},
        {"given": "C", "beside": "D", "count": 1},
    ]
    assert whole["rank_correlation"] == pytest.approx(0.8)  # of four, two neighbours swapped
    assert whole["amounts"] == {"given": 600.0, "beside": 600.0, "n": 4}
    (cost,) = whole["heads"]
    assert (cost["mean"], cost["changed_reasons"]) == (0, 0.25)
    assert [each["project_id"] for each in report["most_affected"]] == ["P2", "P3", "P1"]
    assert (report["groups"], report["small_groups"]) == ([], 2)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_tells_it_in_both_languages_and_needs_nothing_beside_it(
    home: Path, lang: str
) -> None:
    read = Read()
    with RecordLog.open(f"sqlite:///{home / 'records.db'}") as log:
        found = list(pairs(log, RULER, "shadow", "type", read))
    report = beside_report(found, read, RULER, "shadow", "type")
    page = beside_report_page(report, RULER, lang, simulated=True)
    words = page_words(lang)
    for word in ("beside_title", "advisory", "simulated", "beside_flips"):
        assert words[word] in page
    assert "<script" not in page
    assert "http" not in page
    nothing = beside_report([], Read(), RULER, "pilot", "type")
    assert words["beside_nothing"] in beside_report_page(nothing, RULER, lang, simulated=False)


def test_the_command_writes_json_and_pages(home: Path, tmp_path: Path) -> None:
    catalogue = tmp_path / "small.yaml"
    catalogue.write_bytes(orjson.dumps(ruler()))
    given = ["--catalogue", str(catalogue), "--home", str(home)]
    run = CliRunner()
    shown = run.invoke(PROGRAM, ["shadow", "report", *given, "--out", str(tmp_path / "out")])
    assert shown.exit_code == 0, shown.output
    assert "4 of 64 have none beside" in shown.stdout
    written: dict[str, Any] = orjson.loads((tmp_path / "out" / "shadow.json").read_bytes())
    assert written["beside"]["version"] == 2
    for lang in ("zh", "en"):
        assert (tmp_path / "out" / f"shadow.{lang}.html").is_file()
    nothing = run.invoke(PROGRAM, ["shadow", "report", "--pilot", *given])
    assert "no answers to compare" in nothing.stdout
