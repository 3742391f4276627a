"""Expert review by command: report, findings, conclusion and handing over, with their refusals."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner, Result

from features.catalogue import load_catalogue
from models.people import PersonKey
from models.release import releasing
from models.release.review import newest_review
from models.review.finding import Answered, Closed
from models.review.round import KeptRound, rounds_in
from models.trial import try_bundle
from serving.audit.said_record import said_record
from serving.command_line.program import PROGRAM
from serving.records.database import SERVICE
from serving.records.record_log import RecordLog
from tests.releases import REVIEWER, Waiting
from tests.reviews import found, judged, judged_challenger
from tests.rulers import ruler


@pytest.fixture(autouse=True)
def _tried_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bundles are tried in this process, each once; the child has tests of its own."""
    monkeypatch.setattr(releasing, "tried", cache(try_bundle))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("LINGJI_HOME", "LINGJI_RECORDS", "LINGJI_PERSON_KEY", "MLFLOW_TRACKING_URI"):
        monkeypatch.delenv(name, raising=False)
    text = yaml.safe_dump(ruler(), allow_unicode=True)
    (tmp_path / "small.yaml").write_text(text, encoding="utf-8")
    return tmp_path


@pytest.fixture
def waiting(folder: Path) -> Waiting:
    """A challenger waits; who concludes has a key in a file."""
    waiting = Waiting.at(folder / "var")
    waiting.challenger()
    waiting.keys[REVIEWER].save(folder / "zhao.pem")
    return waiting


@pytest.fixture
def log(folder: Path) -> Iterator[RecordLog]:
    with RecordLog.open(f"sqlite:///{folder / 'var' / 'records.db'}") as log:
        yield log


def review(*words: object) -> Result:
    given = [str(word) for word in words]
    return CliRunner().invoke(PROGRAM, ["review", *given, "--catalogue", "small.yaml"])


def told(result: Result) -> str:
    return " ".join((result.output + (result.stderr or "")).split())


def only(waiting: Waiting) -> KeptRound:
    (kept,) = rounds_in(waiting.registry.folder)
    return kept


APPROVE = ("--key", "zhao.pem", "--conclusion", "approve", "--comment", "sound")


def test_the_report_says_what_was_judged_and_is_a_page(waiting: Waiting, log: RecordLog) -> None:
    judged_challenger(waiting.registry, 2, log)
    made = json.loads(review("report", 2, "--json").stdout)
    assert (made["cases"], made["judged"], made["experts"]) == (20, 20, {"k-1": 20, "k-2": 20})
    (between,) = made["between"]
    difference = between["groups"]["all"]["scores"]["axis"]["difference"]
    assert difference["value"] == pytest.approx(-4.0), "as it was planted"
    assert between["groups"]["all"]["scores"]["axis"]["spearman"]["value"] == pytest.approx(1.0)
    whose = [(pair["first"], pair["second"]) for pair in made["models"]]
    assert whose[0] == ("panel", "challenger")
    assert len(whose) == 6
    entry = only(waiting).round.cases[0]
    side = only(waiting).answers(entry).sides[0]
    assert side.figures["axis"].value != side.figures["second"].value
    for lang, word in (("zh", "加权κ"), ("en", "weighted κ")):
        page = (only(waiting).path / f"report.{lang}.html").read_text(encoding="utf-8")
        assert word in page
        assert "http" not in page.replace('xmlns="http', "")
    assert "20 cases of 20 judged by 2 experts" in told(review("report", 2))


def test_a_conclusion_is_signed_recorded_and_passes_the_gate(
    waiting: Waiting, log: RecordLog
) -> None:
    judged_challenger(waiting.registry, 2, log)
    done = review("conclude", 2, *APPROVE)
    assert done.exit_code == 0, done.output
    candidate = waiting.candidate(2)
    made = newest_review(waiting.registry.folder, 2, candidate.comparison)
    assert made is not None
    assert made.cases is not None
    assert (made.cases.cases, made.cases.experts, made.reviewers) == (20, 2, (REVIEWER,))
    assert made.cases.round == only(waiting).round.file_digest
    (verdict,) = [v for v in candidate.verdicts() if v.gate == "reviewed"]
    assert (verdict.status.value, "20 cases judged by 2 experts" in verdict.reason) == (
        "pass",
        True,
    )
    (stored,) = log.records(SERVICE, kind="review_concluded")
    assert stored.content()["content"]["review_digest"] == made.file_digest
    said = said_record(stored, load_catalogue("small.yaml"), "en")
    assert said == f"version 2: approved ({REVIEWER})"


def test_an_approval_needs_cases_experts_and_closed_findings(
    waiting: Waiting, log: RecordLog
) -> None:
    refused = review("conclude", 2, *APPROVE)
    assert (refused.exit_code, "rests on no judged cases" in told(refused)) == (1, True)
    judged_challenger(waiting.registry, 2, log, cases=19)
    refused = review("conclude", 2, *APPROVE)
    assert "19 cases were judged, fewer than the policy asks for" in told(refused)
    rejected = review("conclude", 2, *APPROVE[:2], "--conclusion", "reject", "--comment", "bad")
    assert rejected.exit_code == 0, "control: a rejection needs no number"


def test_a_grave_finding_stands_in_the_way_until_it_is_closed(
    waiting: Waiting, log: RecordLog
) -> None:
    judged_challenger(waiting.registry, 2, log)
    kept = only(waiting)
    finding = found(log, kept, "k-1", severity="major")
    assert "findings are open: major" in told(review("conclude", 2, *APPROVE))
    answer = Answered(text="trained without them", fixed_in=2, evidence="tests/test_roads.py")
    found(log, kept, "k-trainer", answer, finding)
    assert "findings are open: major" in told(review("conclude", 2, *APPROVE))
    found(log, kept, "k-1", Closed(text="seen"), finding)
    assert review("conclude", 2, *APPROVE).exit_code == 0


def test_who_trained_cannot_review(waiting: Waiting, log: RecordLog, folder: Path) -> None:
    judged_challenger(waiting.registry, 2, log)
    waiting.keys["trainer"].save(folder / "trainer.pem")
    words = ("--key", "trainer.pem", *APPROVE[2:])
    assert "trained it and reviewed it" in told(review("conclude", 2, *words))
    stranger = PersonKey.generate()
    stranger.save(folder / "stranger.pem")
    assert "expected the key of a listed person" in told(
        review("conclude", 2, "--key", "stranger.pem", *APPROVE[2:])
    )


def test_findings_are_listed_the_overdue_first(waiting: Waiting, log: RecordLog) -> None:
    judged_challenger(waiting.registry, 2, log)
    assert told(review("findings")) == "No findings."
    kept = only(waiting)
    found(log, kept, "k-1", text="next")
    late = found(log, kept, "k-1", due="2020-01-31", owner="Sun", text="late")
    answered = found(log, kept, "k-1", due="2020-01-31", text="done")
    done = Answered(text="put right", fixed_in=2, evidence="tests/test_x.py")
    found(log, kept, "k-trainer", done, answered)
    found(log, kept, "k-1", Closed(text="seen"), answered)
    listed = told(review("findings", 2))
    assert listed.index("late") < listed.index("next") < listed.index("done")
    assert "OVERDUE" in listed
    overdue = json.loads(review("findings", "--overdue", "--json").stdout)
    assert [each["id"] for each in overdue["findings"]] == [late]
    assert (overdue["overdue"], overdue["findings"][0]["owner"]) == (1, "Sun")
    assert json.loads(review("findings", 1, "--json").stdout)["findings"] == []


def test_judgements_are_handed_over_once_and_after_the_conclusion(
    waiting: Waiting, log: RecordLog
) -> None:
    judged_challenger(waiting.registry, 2, log)
    refused = review("outcomes", 2)
    assert "expected a concluded review of version 2; got an open one" in told(refused)
    assert review("conclude", 2, *APPROVE).exit_code == 0
    first = json.loads(review("outcomes", 2, "--json").stdout)
    assert first["added"] is True
    assert first["contribution"]["kind"] == "expert_judgement"
    judged(only(waiting), log, "k-late", lambda n: {"axis": 1.0, "second": 1.0})
    again = json.loads(review("outcomes", 2, "--json").stdout)
    assert again["added"] is False, "what came after the conclusion is no part of it"
    assert again["contribution"]["number"] == first["contribution"]["number"]


def test_cases_that_were_changed_are_refused(waiting: Waiting, log: RecordLog) -> None:
    judged_challenger(waiting.registry, 2, log)
    kept = only(waiting)
    answers = kept.path / "001.answers.json"
    sound = answers.read_text(encoding="utf-8")
    answers.write_text(sound.replace('"chance": 0.5', '"chance": 0.4'), encoding="utf-8")
    assert "the file was changed" in told(review("report", 2))
    answers.write_text(sound, encoding="utf-8")
    assert review("report", 2).exit_code == 0, "control"
    listed = (kept.path / "round.json").read_text(encoding="utf-8")
    other = listed.replace('"projects": 100', '"projects": 1000')
    (kept.path / "round.json").write_text(other, encoding="utf-8")
    assert "expected the cases that were opened" in told(review("report", 2))


def test_without_a_round_there_is_nothing_to_report(waiting: Waiting, log: RecordLog) -> None:
    assert "`lingji review open 2` chooses its cases" in told(review("report", 2))
    assert "expected a version of small" in told(review("report", 9))
