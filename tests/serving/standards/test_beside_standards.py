"""A cost tells its lines beside the standards in force: beside the reasons, and no part of them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from features.checks.checks import Checks
from features.checks.reference import Reference
from features.standards.line_standards import LineStandards
from models.registry import Registry, Release
from models.standards.shelf import Shelf
from serving.appraisal import appraised
from serving.asker import Asker
from serving.command_line.program import PROGRAM
from serving.page.pages import explained_page
from serving.page.words import page_words
from serving.recording import kept_rules
from serving.recording.check_outcomes import recorded_checks
from serving.recording.kept_rules import RulesInForce
from serving.recording.recorded_answer import recorded_answer
from serving.recording.replay import Replay
from serving.records.database import SERVICE
from serving.records.record_log import RecordLog
from serving.records.verification import leaf_hash
from serving.settings import ServiceSettings
from serving.wording.explained_score import told
from tests.serving.conftest import tiny_project
from tests.standards import TODAY, difference, learned, library, set_standard, sign

BUILDING = {"task": "修缮施工", "code": "31006", "unit": "平方米"}
LINES = [
    BUILDING | {"price": 180.0, "qty": 10.0, "amount": 1_800.0},
    BUILDING | {"price": 100.0, "qty": 20.0, "amount": 2_000.0},
    {"task": "gravel", "amount": 100_000.0},
    {"task": "meeting", "code": "30215", "unit": "人天", "price": 760.0, "qty": 20.0},
]
PROJECT = tiny_project(lines=LINES)
FIRST = library(**TODAY)
SECOND = library(version=2, **TODAY, learned=(learned(ceiling=200.0),))


@pytest.fixture
def own_home(home: Path, tmp_path: Path) -> Path:
    """A working folder with the first version in force, and the second one as a draft."""
    own = tmp_path / "home"
    shutil.copytree(home / "models", own / "models")
    shelf = Shelf(own, "tiny")
    shelf.put(FIRST, difference(FIRST))
    shelf.put(SECOND, difference(SECOND, FIRST))
    sign(shelf, 1)
    return own


@pytest.fixture
def in_force(own_home: Path, settings: ServiceSettings) -> Callable[[], Release]:
    """The release with what is in force now."""
    rules = RulesInForce(own_home, settings.rules)
    return lambda: rules.attached(Registry(own_home, "tiny").champion_release())


def answer(release: Release, project: dict[str, Any] = PROJECT) -> dict[str, Any]:
    """The whole answer, as a client reads it."""
    said: dict[str, Any] = json.loads(
        json.dumps(told(release, appraised(project, release)), default=list)
    )
    return said


def with_library(release: Release, **changes: Any) -> Release:
    """A release that checks with a made-up library."""
    assert release.checks is not None
    catalogue = release.model.catalogue
    reference = Reference(standards=LineStandards(library(**changes), catalogue))
    now = release.checks
    return replace(release, checks=Checks(now.book, catalogue, reference, now.ruler))


def test_each_line_with_a_standard_is_told_beside_it(release: Release) -> None:
    standards = answer(with_library(release))["cost"]["standards"]
    over, within, meeting = standards["lines"]
    assert [each["place"] for each in standards["lines"]] == ["lines[1]", "lines[2]", "lines[4]"]
    assert (over["standard"], over["kind"], over["n"]) == ("L-31006-平方米-all", "learned", 142)
    assert (over["price"], over["limit"], over["low"], over["high"]) == (180, 170, 80, 120)
    assert (over["excess_per_unit"], over["excess"], over["position"]) == (10, 100, "over")
    assert over["years"] == [2020, 2023]
    assert (within["position"], within["excess"]) == ("within", 0)
    assert (meeting["kind"], meeting["document"]) == ("set", "岚财行〔2023〕12号")
    assert (meeting["limit"], meeting["low"]) == (650, None)
    assert (meeting["excess_per_unit"], meeting["excess"]) == (110, 2_200)
    assert (standards["over"], standards["without"], standards["excess"]) == (2, 1, 2_300)
    assert standards["share"] == round(2_300 / PROJECT["apply"], 4)
    assert standards["library"] == {"version": 1, "digest": library().digest}
    assert over["text"] == {
        "zh": "第1行“修缮施工”：单价180元/平方米，标准80—120，控制上限170（测算标准，全部地区，"
        "2020—2023年样本142个）；每平方米超出10元，合计超出100元。",
        "en": "Line 1, 修缮施工: unit price 180 yuan/平方米, standard 80–120, ceiling 170 "
        "(learned, all regions, n = 142, 2020–2023); 10 yuan over per 平方米, 100 yuan in all.",
    }
    assert standards["text"]["zh"] == (
        "3条明细适用现行支出标准（第1版），其中2条超标准，合计超出2,300元，占申报金额的0.8%；"
        "另有1条没有适用的标准。"
    )


def test_a_text_with_braces_is_told_as_it_is(release: Release) -> None:
    named = learned(task="{0}", region_group="")
    lines = [LINES[0] | {"task": "{amount} {"}]
    project = tiny_project(lines=lines)
    (line,) = answer(with_library(release, learned=(named,)), project)["cost"]["standards"]["lines"]
    assert "{amount} {" in line["text"]["en"]
    assert line["name"]["zh"].startswith("{0}")


def test_standards_move_nothing_of_the_prediction(release: Release) -> None:
    before, after = answer(release), answer(with_library(release))
    standards = after["cost"].pop("standards")
    assert "standards" not in before["cost"]
    del before["checks"]["rules"], after["checks"]["rules"]
    assert before == after
    names = {reason["indicator"] for reason in after["cost"]["reasons"]}
    assert names.isdisjoint(each["standard"] for each in standards["lines"])
    dearer = with_library(release, learned=(learned(ceiling=130.0),))
    moved = answer(dearer)["cost"]
    assert moved.pop("standards")["excess"] > standards["excess"]  # control: it is not constant
    assert moved == after["cost"]


def test_a_project_that_is_not_rated_has_no_cost_and_its_lines_are_not_told(
    release: Release,
) -> None:
    said = answer(with_library(release), tiny_project(type=None, lines=LINES))
    assert (said["status"], said["cost"]) == ("not_rated", None)


@pytest.fixture
def log(tmp_path: Path) -> Iterator[RecordLog]:
    with closing(RecordLog.open(f"sqlite:///{tmp_path / 'records.db'}")) as opened:
        yield opened


def recorded(release: Release, log: RecordLog) -> None:
    asker = Asker.at_command_line("test")
    recorded_answer(release, appraised(PROJECT, release), log, asker)


def replayed(home: Path, log: RecordLog) -> list[list[tuple[str, str]]]:
    """In what each record's replay differs."""
    stored = list(log.records(SERVICE, kind="score"))
    found = Replay(home).replayed([(record, leaf_hash(record.leaf)) for record in stored])
    return [[(each.part, each.name) for each in one.differences] for one in found]


def test_the_record_names_the_version_and_is_replayed_when_another_is_in_force(
    own_home: Path, in_force: Callable[[], Release], log: RecordLog
) -> None:
    recorded(in_force(), log)
    sign(Shelf(own_home, "tiny"), 2)
    recorded(in_force(), log)
    kept = [stored.content()["content"]["checks"] for stored in log.records(SERVICE, kind="score")]
    assert [each["reference"] for each in kept] == [
        {"standards": FIRST.digest},
        {"standards": SECOND.digest},
    ]
    lines = json.loads(kept[0]["standards"])
    assert lines[0] == ["lines[1]", "L-31006-平方米-all", 170.0, 180.0, 100.0]
    assert json.loads(kept[1]["standards"])[0][2] == 200.0
    assert replayed(own_home, log) == [[], []]
    shutil.rmtree(own_home / "standards" / "tiny" / "1")
    assert replayed(own_home, log) == [[("rules", "digest")], []]  # control


def test_a_record_from_before_lines_were_told_is_replayed_without_them(
    own_home: Path, in_force: Callable[[], Release], log: RecordLog
) -> None:
    now = in_force()
    assert now.checks is not None
    then = Checks(now.checks.book, now.model.catalogue, now.checks.reference, tells_standards=False)
    recorded(replace(now, checks=then), log)
    (stored,) = log.records(SERVICE, kind="score")
    assert "standards" not in stored.content()["content"]["checks"]
    assert replayed(own_home, log) == [[]]


def test_control_a_replay_that_told_lines_otherwise_would_be_noticed(
    own_home: Path, in_force: Callable[[], Release], log: RecordLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded(in_force(), log)
    monkeypatch.setattr(kept_rules, "_STANDARDS", "no such field")
    (differences,) = replayed(own_home, log)
    assert ("result", "checks") in differences
    assert ("words", "answer") in differences


def test_lines_are_held_against_standards_once(
    release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    from features.standards import line_standards

    held, whole = [], line_standards.beside_firmest

    def counting(*given: Any) -> Any:
        held.append(given)
        return whole(*given)

    monkeypatch.setattr(line_standards, "beside_firmest", counting)
    now = with_library(release)
    found = appraised(PROJECT, now)
    told(now, found)
    recorded_checks(found.checked)
    assert len(held) == 1


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_page_and_terminal_show_lines_beside_their_standards(
    release: Release,
    own_home: Path,
    in_force: Callable[[], Release],
    settings: ServiceSettings,
    tmp_path: Path,
    lang: str,
) -> None:
    words, said = page_words(lang), answer(with_library(release))
    page = explained_page(said, release.model.catalogue, lang)
    for shown in (
        words["standards_of_lines"],
        words["standards_no_contribution"],
        words["standards_is_over"],
        said["cost"]["standards"]["text"][lang],
        "岚财行〔2023〕12号",
    ):
        assert shown in page
    without = explained_page(answer(release), release.model.catalogue, lang)
    assert words["standards_of_lines"] not in without  # control
    file = tmp_path / "project.json"
    file.write_text(json.dumps(PROJECT), encoding="utf-8")
    catalogue = str(Path(__file__).parents[1] / "tiny.yaml")
    asked = ["explain", str(file), "--lang", lang, "--catalogue", catalogue, "--no-record"]
    done = CliRunner().invoke(
        PROGRAM, [*asked, "--home", str(own_home), "--rules", str(settings.rules)]
    )
    assert done.exit_code == 0, done.output
    plain = "".join(done.stdout.split())
    assert "".join(said["cost"]["standards"]["text"][lang].split()) in plain


def test_a_set_share_or_limit_is_told_per_unit_too(release: Release) -> None:
    kept = with_library(
        release,
        set=(
            set_standard(code="S-1", economic_codes=("31006",), unit="", form="limit", value=1500),
        ),
    )
    first, second, *_ = answer(kept)["cost"]["standards"]["lines"]
    assert (first["actual"], first["threshold"], first["limit"]) == (1_800, 1_500, 150)
    assert (first["excess_per_unit"], first["excess"]) == (30, 300)
    assert first["text"]["en"] == (
        "Line 1, 修缮施工: amount 1,800 yuan, limit 1,500 (Meetings, 岚财行〔2023〕12号); "
        "30 yuan over per 平方米, 300 yuan in all."
    )
    assert second["excess"] == 500
