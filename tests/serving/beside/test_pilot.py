"""A pilot serves the regions that two people signed, until the day they signed, and no other."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from typer.testing import CliRunner

from features.errors import FileError, ReleaseRefused
from models.approval import Approval
from models.people import People
from models.pilot import PilotApproval, Regions
from models.pilots import PilotRelease, Pilots
from models.release.piloting import PilotCandidate, end_of
from serving.asker import Asker
from serving.command_line.program import PROGRAM
from serving.files.scored_file import score_file
from serving.page.words import page_words
from serving.recording.file_records import FileRecords
from serving.recording.replay import Replay
from serving.records.database import SERVICE
from serving.records.record_log import RecordLog
from serving.records.verification import leaf_hash
from tests.releases import Waiting, registered
from tests.rulers import catalogue_of, ruler
from tests.serving.beside.conftest import CARE, PROJECT, Besides

ROADS = Regions.of("type=road")


def candidate(waiting: Waiting, regions: Regions = ROADS, days: int = 30) -> PilotCandidate:
    """Version 2, compared and reviewed, as a pilot of some regions."""
    if len(waiting.registry.versions()) == 1:
        version = waiting.challenger()
        waiting.review(version.number)
    today = datetime.now().astimezone().date()
    return PilotCandidate(waiting.candidate(2), regions, end_of(today + timedelta(days=days)))


def approved(waiting: Waiting, regions: Regions = ROADS, days: int = 30) -> PilotApproval:
    """The approval of that pilot, signed by two people and in force."""
    pilot = candidate(waiting, regions, days)
    for name in ("Li", "Wang"):
        pilot.approve(waiting.keys[name], {})
    return pilot.start("Li")[1]


def test_it_serves_its_regions_only_and_each_answer_says_by_which_version(beside: Besides) -> None:
    before = beside.score(CARE)
    approval = approved(beside.waiting)
    said = beside.until(lambda said: said["pilot"] is not None)
    assert said["pilot"]["regions"] == "type=road"
    road, care = beside.score(PROJECT), beside.score(CARE)
    assert (road["model"]["version"], care["model"]["version"]) == ("2", "1")
    assert road["model"]["pilot"] == approval.file_digest
    assert "pilot" not in care["model"]
    assert care["priority"] == before["priority"]
    beside.counted(recorded=1)
    (counterpart,) = beside.records("shadow")
    content = counterpart.content()["content"]
    assert content["model"]["version"] == 1
    wanted = {"served": road["record_id"], "version": 2, "purpose": "pilot"}
    assert content["beside"] == wanted
    records = [*beside.records("score"), counterpart]
    pairs = [(record, leaf_hash(record.leaf)) for record in records]
    replayed = Replay(beside.waiting.registry.root).replayed(pairs)
    assert [each.differences for each in replayed] == [()] * 4


def test_a_page_says_that_it_comes_from_a_pilot(beside: Besides) -> None:
    approved(beside.waiting)
    beside.until(lambda said: said["pilot"] is not None)
    headers = {"accept": "text/html"}
    road, care = (
        beside.service.post("/score?lang=en", {"project": each}, headers).text
        for each in (PROJECT, CARE)
    )
    note = page_words("en")["pilot_note"].format(version="2")
    assert note in road
    assert note not in care
    assert all('class="report"' in page for page in (road, care))  # control: both are answers


def test_without_its_approval_an_answer_of_a_pilot_is_not_replayed_as_reviewed(
    beside: Besides,
) -> None:
    approved(beside.waiting)
    beside.until(lambda said: said["pilot"] is not None)
    beside.score(PROJECT)
    People().save(beside.waiting.registry.root)  # whoever signed is not listed any more
    (record,) = beside.records("score")
    (found,) = Replay(beside.waiting.registry.root).replayed([(record, leaf_hash(record.leaf))])
    assert [each.name for each in found.differences] == ["reviewed"]


def test_a_batch_mixes_versions_row_by_row_and_says_so(beside: Besides) -> None:
    approved(beside.waiting)
    beside.until(lambda said: said["pilot"] is not None)
    projects = [PROJECT, CARE, {"code": 1}, PROJECT | {"code": "P3"}]
    batch = beside.service.post("/score_batch", {"projects": projects}).json()
    versions = [each.get("model", {}).get("version") for each in batch["results"]]
    assert versions == ["2", "1", None, "2"]
    assert batch["versions"] == {"1": 1, "2": 2}
    (record,) = beside.records("batch")
    assert record.content()["content"]["versions"] == {"1": 1, "2": 2}
    own = beside.service.post("/score_batch", {"projects": [CARE]}).json()
    assert "versions" not in own  # control: one ruler


@pytest.mark.parametrize(
    ("path", "more", "shown"),
    [
        ("/what_if", {"changes": {"type": "care"}}, lambda said: said["after"]),
        ("/improvements", {}, lambda said: said),
    ],
)
def test_what_is_asked_about_a_project_is_answered_by_the_version_that_serves_it(
    beside: Besides, path: str, more: dict[str, Any], shown: Callable[[Any], Any]
) -> None:
    approved(beside.waiting)
    beside.until(lambda said: said["pilot"] is not None)
    for project, version in ((PROJECT, "2"), (CARE, "1")):
        answer = beside.service.post(path, {"project": project, **more})
        assert answer.status_code == 200, answer.text
        assert shown(answer.json())["model"]["version"] == version


def test_it_ends_by_itself_at_its_day(beside: Besides, monkeypatch: pytest.MonkeyPatch) -> None:
    approval = approved(beside.waiting)
    beside.until(lambda said: said["pilot"] is not None)
    assert beside.score(PROJECT)["model"]["version"] == "2"
    over = approval.statement.ends
    monkeypatch.setattr("models.pilot._now", lambda: over)
    assert beside.score(PROJECT)["model"]["version"] == "1"  # at the very next request
    beside.until(lambda said: said["pilot"] is None)
    assert Pilots(beside.waiting.registry).in_force() is None
    monkeypatch.setattr("models.pilot._now", lambda: over - timedelta(seconds=1))
    assert Pilots(beside.waiting.registry).in_force() is not None  # control


def test_it_ends_when_another_champion_comes(beside: Besides) -> None:
    approved(beside.waiting)
    beside.until(lambda said: said["pilot"] is not None)
    registered(beside.waiting.registry, "third")
    beside.waiting.registry.promote(3)
    said = beside.until(lambda said: said["pilot"] is None)
    assert said["refused"] == {"pilot": "not_approved"}
    assert beside.score(PROJECT)["model"]["version"] in ("1", "3")


@pytest.mark.parametrize("signers", [[], ["Li"]])
def test_what_two_people_have_not_signed_does_not_start(tmp_path: Path, signers: list[str]) -> None:
    waiting = Waiting.at(tmp_path)
    pilot = candidate(waiting)
    for name in signers:
        pilot.approve(waiting.keys[name], {})
    with pytest.raises(ReleaseRefused, match=r"expected (an approval|2 people)"):
        pilot.start("Li")
    assert Pilots(waiting.registry).entry() is None


def test_the_trainer_does_not_sign_and_nobody_signs_twice(tmp_path: Path) -> None:
    waiting = Waiting.at(tmp_path)
    pilot = candidate(waiting)
    with pytest.raises(ReleaseRefused, match="another person than the maker"):
        pilot.approve(waiting.keys["trainer"], {})
    pilot.approve(waiting.keys["Li"], {})
    with pytest.raises(ReleaseRefused, match="different people"):
        pilot.approve(waiting.keys["Li"], {})


def test_what_was_signed_for_other_regions_or_another_end_is_not_started(tmp_path: Path) -> None:
    waiting = Waiting.at(tmp_path)
    pilot = candidate(waiting)
    pilot.approve(waiting.keys["Li"], {})
    for other in (candidate(waiting, Regions.of("type=care")), candidate(waiting, days=31)):
        with pytest.raises(ReleaseRefused, match=r"changed since: (regions|until)"):
            other.approve(waiting.keys["Wang"], {})
    pilot.approve(waiting.keys["Wang"], {})  # control
    pilot.start("Li")


def test_an_approval_of_a_pilot_releases_nothing_and_one_of_a_release_starts_no_pilot(
    tmp_path: Path,
) -> None:
    waiting = Waiting.at(tmp_path)
    approval = approved(waiting)
    plain = {n: getattr(approval.statement, n) for n in type(approval.statement).model_fields}
    del plain["regions"], plain["until"]
    statement = type(waiting.candidate(2).statement())(**plain)
    forged = Approval(statement=statement, signatures=approval.signatures)
    with pytest.raises(ReleaseRefused, match="does not hold"):
        waiting.registry.promote(2, forged)
    waiting.approve(2)
    release = waiting.candidate_begun(2)
    whole = approval.model_copy(update={"signatures": release.signatures})
    with pytest.raises(ReleaseRefused, match="does not hold"):
        Pilots(waiting.registry).start(whole)
    waiting.registry.promote(2, release)  # control


def test_a_statement_altered_after_signing_does_not_serve(beside: Besides) -> None:
    approval = approved(beside.waiting)
    registry = beside.waiting.registry
    wider = approval.statement.model_copy(update={"regions": Regions.of("type=care,road")})
    altered = approval.model_copy(update={"statement": wider})
    with pytest.raises(ReleaseRefused, match="does not hold"):
        Pilots(registry).start(altered)
    path = next((registry.folder / "approvals" / "pilots").glob("*.json"))
    registry.write(path, altered.to_bytes())  # at once: it may be looked at meanwhile
    (registry.folder / "pilot.json").touch()
    said = beside.until(lambda said: "pilot" in said["refused"])
    assert said["refused"] == {"pilot": "not_approved"}
    assert beside.score(CARE)["model"]["version"] == "1"


def test_a_pilot_that_is_stopped_answers_no_more(beside: Besides) -> None:
    approved(beside.waiting)
    beside.until(lambda said: said["pilot"] is not None)
    Pilots(beside.waiting.registry).stop()
    beside.until(lambda said: said["pilot"] is None)
    assert beside.score(PROJECT)["model"]["version"] == "1"


def test_regions_are_codes_of_a_given_fact() -> None:
    catalogue = catalogue_of(ruler())
    ROADS.require_in(catalogue)
    Regions.of("office=O1*").require_in(catalogue)
    for text, wrong in (("type=rail", "got rail"), ("area=3", "got area"), ("ty=x", "got ty")):
        with pytest.raises(ReleaseRefused, match=wrong):
            Regions.of(text).require_in(catalogue)
    for text in ("type", "type=", "=x", "type=a b"):
        with pytest.raises(ReleaseRefused, match="an indicator and its codes"):
            Regions.of(text)
    counties = Regions.of("code=330106, 3302*")
    held = [counties.hold(each) for each in ("330106", "330107", "330203", None, 3302.0)]
    assert held == [True, False, True, False, False]


def test_a_pilot_lasts_a_year_at_most() -> None:
    today = date(2027, 3, 1)
    assert end_of(date(2027, 3, 31), today)[:10] == "2027-04-01"
    for day in (date(2027, 2, 28), date(2028, 3, 3)):
        with pytest.raises(ReleaseRefused, match="expected a last day from"):
            end_of(day, today)


def _piloted(waiting: Waiting) -> PilotRelease:
    approved(waiting)
    pilot = Pilots(waiting.registry).release()
    assert pilot is not None
    return pilot


def test_a_file_mixes_versions_row_by_row_and_each_row_says_which(tmp_path: Path) -> None:
    waiting = Waiting.at(tmp_path)
    pilot, release = _piloted(waiting), waiting.registry.release()
    source, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    projects = [PROJECT, CARE, {"code": 1}, PROJECT | {"code": "P3"}]
    source.write_bytes(b"\n".join(map(orjson.dumps, projects)))
    with RecordLog.open(f"sqlite:///{tmp_path / 'records.db'}") as log:
        records = FileRecords(log, release, Asker.at_command_line("lingji score"))
        done = score_file(source, out, release, records=records, pilot=pilot)
        rows = [orjson.loads(line) for line in out.read_bytes().splitlines()]
        assert [row.get("model_version") for row in rows] == ["2", "1", None, "2"]
        assert done.versions == {"1": 1, "2": 2}
        kinds = [each.kind for each in log.records(SERVICE)]
        assert sorted(kinds) == ["run", "score", "score", "score", "shadow", "shadow"]
        (run,) = log.records(SERVICE, kind="run")
        content = run.content()["content"]
        assert (content["versions"], content["complete"]) == ({"1": 1, "2": 2}, True)
        stored = [each for each in log.records(SERVICE) if each.kind != "run"]
        pairs = [(each, leaf_hash(each.leaf)) for each in stored]
        replayed = Replay(tmp_path).replayed(pairs)
        assert [each.differences for each in replayed] == [()] * 5
    with pytest.raises(FileError, match="one ruler for an order"):
        score_file(source, out, release, pilot=pilot, ranking=tmp_path / "ranking.csv")
    score_file(source, out, release, ranking=tmp_path / "ranking.csv")  # control


def test_the_command_line_goes_the_whole_way(tmp_path: Path) -> None:
    waiting = Waiting.at(tmp_path)
    waiting.review(waiting.challenger().number)
    catalogue = tmp_path / "small.yaml"
    catalogue.write_bytes(orjson.dumps(ruler()))
    given = ["--catalogue", str(catalogue), "--home", str(tmp_path), "--json"]
    run, until = CliRunner(), str(date.today() + timedelta(days=9))
    terms = ["--where", "type=road", "--until", until]
    for name in ("Li", "Wang"):
        key = tmp_path / f"{name}.pem"
        waiting.keys[name].save(key)
        signed = run.invoke(PROGRAM, ["pilot", "approve", "2", *terms, "--key", str(key), *given])
        assert signed.exit_code == 0, signed.output
    wrong = run.invoke(PROGRAM, ["pilot", "start", "2", "--where", "type=care", *given])
    assert wrong.exit_code == 1
    started = run.invoke(PROGRAM, ["pilot", "start", "2", "--where", "type=road", *given])
    assert started.exit_code == 0, started.output
    shown = run.invoke(PROGRAM, ["pilot", "status", *given])
    assert orjson.loads(shown.stdout)["pilot"]["regions"]["codes"] == ["road"]
    assert run.invoke(PROGRAM, ["pilot", "stop", *given]).exit_code == 0
    assert orjson.loads(run.invoke(PROGRAM, ["pilot", "status", *given]).stdout) == {"pilot": None}
