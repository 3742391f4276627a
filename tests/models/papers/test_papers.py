"""The papers say what their sources say, and where that stands; what nobody said they say so."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from features.errors import FormError, ReleaseRefused
from models.papers.papers import PAPERS, write_papers
from models.papers.source import Source
from models.papers.sources import Sources
from models.papers.statements import Statements, statements_source
from models.pilot import PilotApproval, PilotStatement, Regions
from models.pilots import FILE as PILOT
from models.pilots import KEPT, PilotEntry
from models.release.comparison import comparison_path
from tests.models.papers.conftest import COMMENT, Case
from tests.models.papers.looked_up import faults, sha256, stated

LANGUAGES = ("zh", "en")


def found(paper: dict[str, Any], where: str) -> dict[str, Any]:
    return next(each.fact for each in stated(paper) if each.where == where)


def test_every_figure_stands_where_the_paper_says(case: Case) -> None:
    for name, paper in case.papers().items():
        assert faults(paper, case.home) == [], name
        assert sum(bool(each.fact["evidence"]) for each in stated(paper)) > 15, name


def test_control_a_source_that_changed_is_noticed_and_changes_the_paper(case: Case) -> None:
    before = case.papers()
    path = comparison_path(case.waiting.registry.folder, case.version.number, 1)
    told = json.loads(path.read_text(encoding="utf-8"))
    told["heads"]["axis"]["metrics"]["mae"]["challenger"] = 4.5
    path.write_text(json.dumps(told), encoding="utf-8")
    where = "compared/metrics/axis/challenger: 4.0, in its place [4.5]"
    assert where in faults(before["model_card"], case.home)
    after = case.papers()
    assert faults(after["model_card"], case.home) == []
    assert found(after["model_card"], "compared/metrics/axis/challenger")["value"] == 4.5


def test_control_a_figure_that_was_changed_is_noticed(case: Case) -> None:
    paper = case.papers()["model_card"]
    for each in stated(paper):
        value = each.fact["value"]
        if isinstance(value, float) and each.fact["evidence"]:
            each.fact["value"] = value + 1
            assert any(fault.startswith(each.where) for fault in faults(paper, case.home))
            each.fact["value"] = value


def test_digests_are_those_of_the_files(case: Case) -> None:
    manifest = case.waiting.registry.folder / str(case.version.number) / "manifest.json"
    for paper in case.papers().values():
        for source in paper["sources"]:
            own = source["name"] in ("bundle", "catalogue", "version")
            path = manifest if own else case.home / source["place"]
            assert source["digest"] == sha256(path), source["place"]


def test_the_same_sources_are_the_same_bytes(case: Case, tmp_path: Path) -> None:
    first, second = case.files(), case.files()
    assert first == second
    written = write_papers(case.sources(), tmp_path / "out")
    assert {path.name: path.read_text(encoding="utf-8") for path in written} == first
    assert sorted(first) == sorted(
        f"{name}{end}" for name in PAPERS for end in (".json", ".zh.html", ".en.html")
    )


def test_the_model_card_tells_accuracy_by_stage_and_what_is_of_no_use(case: Case) -> None:
    sources = case.sources()
    ruler = sources.release.model.catalogue
    heads = tuple(
        head.model_copy(update={"stage": "appraisal" if head.name == "axis" else None})
        for head in ruler.heads
    )
    model = replace(sources.release.model, catalogue=ruler.model_copy(update={"heads": heads}))
    staged = replace(sources, release=replace(sources.release, model=model))
    paper = PAPERS["model_card"](staged).as_json()
    (accuracy,) = (s for s in paper["sections"] if s["name"] == "accuracy")
    tables = {table["name"]: table for table in accuracy["tables"]}
    assert list(tables) == ["stage_appraisal", "stage_none", "left_out"]
    assert tables["stage_appraisal"]["title"] == {"zh": "项目审核", "en": "Project appraisal"}
    (axis,) = tables["stage_appraisal"]["rows"]
    assert axis["cells"]["error"]["shown"]["en"] == "4.00 points"
    assert axis["cells"]["interval"]["shown"]["zh"] == "3.02分 – 4.98分"
    assert axis["cells"]["skill"]["shown"]["en"] == "62.5%"
    rest = {row["name"]: row["cells"] for row in tables["stage_none"]["rows"]}
    assert rest["cost"]["error"]["shown"]["en"] == "× / ÷ 1.133"
    assert (rest["second"]["skill"]["value"], rest["second"]["skill"]["good"]) == (-0.25, False)
    assert rest["risk"]["skill"]["value"] == pytest.approx(0.375)


def test_the_weak_groups_are_those_worse_than_the_whole(case: Case) -> None:
    paper = case.papers()["model_card"]
    (weak,) = (s for s in paper["sections"] if s["name"] == "weak")
    rows = {t["name"]: [row["name"] for row in t["rows"]] for t in weak["tables"]}
    # Of care the axis errs less than over all; the ranges of roads miss their level.
    assert rows == {
        "weakest": ["axis/type=road", "risk/type=care"],
        "missed": ["cost/type=road"],
    }
    skill = found(paper, "weak/weakest/risk/type=care/skill")
    assert skill["good"] is False
    assert found(paper, "weak/missed/cost/type=road/coverage")["shown"]["en"] == "60.0%"


def test_without_an_evaluation_it_says_that_nothing_is_known(begun: Case) -> None:
    registry = begun.waiting.registry
    paper = PAPERS["model_card"](Sources.of(registry, registry.release(1))).as_json()
    for section in paper["sections"]:
        if section["name"] in ("accuracy", "weak"):
            assert "not known" in section["text"][0]["en"]
    assert found(paper, "accuracy/stage_none/axis/error")["value"] is None
    assert faults(json.loads(json.dumps(paper)), begun.home) == []


def test_the_algorithm_record_names_who_reviewed_and_signed_and_the_card_nobody(case: Case) -> None:
    papers = case.papers()
    record = papers["algorithm_record"]
    signed = json.dumps(record, ensure_ascii=False)
    assert all(name in signed for name in ("Li", "Wang", "Zhao"))
    assert found(record, "reviewed/conclusion")["value"] == "approve"
    assert found(record, "summary/status")["value"] == "in_service"
    waived = "gates/failures/stability/grade_flips/waived"
    assert found(record, waived)["value"] == "thresholds were changed"
    assert found(record, "gates/verdicts/stability/status_fail")["value"] == 1
    card = json.dumps(papers["model_card"], ensure_ascii=False)
    assert not any(name in card for name in ("Wang", "Zhao", "account-", '"trainer"'))


def test_what_the_bureau_states_is_told_and_the_rest_names_who_should(case: Case) -> None:
    record = case.papers()["algorithm_record"]
    assert found(record, "owner_section/organisation")["shown"]["zh"] == "某市财政局"
    assert found(record, "assessments/assessments/0/assessed")["value"] == "2026-01-31"
    supplier = found(record, "owner_section/supplier")
    assert supplier["value"] is None
    assert "信息化管理处室" in supplier["shown"]["zh"]
    (case.home / "papers.yaml").unlink()
    organisation = found(case.papers()["algorithm_record"], "owner_section/organisation")
    assert organisation["value"] is None
    assert "papers.yaml" in organisation["shown"]["en"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("organization: {zh: 局, en: bureau}", "organization"),
        ("owner: {zh: 局}", r"owner\.en"),
        ("owner: somebody", "owner"),
        ("contact: {zh: '', en: x}", r"contact\.zh"),
        ("assessments: [{name: {zh: 评, en: a}, made: yesterday}]", "made"),
        ("owner: {zh: 局, en: b}\nowner: {zh: 局, en: b}", "owner"),
    ],
)
def test_statements_are_read_strictly(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "papers.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(FormError, match=said):
        statements_source(tmp_path)


def test_everything_that_can_be_stated_is_in_a_paper(case: Case) -> None:
    each = {name: {"zh": f"中{name}", "en": f"en {name}"} for name in Statements.model_fields}
    each.pop("assessments")
    text = json.dumps(each, ensure_ascii=False)
    (case.home / "papers.yaml").write_text(text, encoding="utf-8")
    told = json.dumps(case.papers(), ensure_ascii=False)
    assert [name for name in each if f"en {name}" not in told] == []


def test_a_registered_version_says_what_has_not_happened_yet(begun: Case) -> None:
    record = begun.papers()["algorithm_record"]
    assert found(record, "summary/status")["value"] == "never"
    assert found(record, "summary/review")["good"] is False
    text = {s["name"]: " ".join(t["en"] for t in s["text"]) for s in record["sections"]}
    assert "never been released" in text["releases"]
    assert "No verdicts" in text["gates"]
    assert "no signed approval" in text["reviewed"]
    assert faults(record, begun.home) == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_stands_alone_and_shows_what_people_wrote_as_text(case: Case, lang: str) -> None:
    for name, text in case.files().items():
        if not name.endswith(f".{lang}.html"):
            continue
        assert "<script" not in text
        assert "http" not in text
        assert "None" not in text
    record = case.files()[f"algorithm_record.{lang}.html"]
    assert COMMENT.replace("<", "&lt;").replace(">", "&gt;") in record
    number = "62.5%"
    assert number in case.files()[f"model_card.{lang}.html"]


def test_an_altered_approval_is_refused(case: Case) -> None:
    approvals = case.waiting.registry.folder / "approvals"
    (kept,) = (path for path in approvals.glob("*.json") if not path.name.startswith("begun"))
    kept.write_bytes(kept.read_bytes().replace(b"Li", b"Le"))
    with pytest.raises(ReleaseRefused, match="unaltered"):
        case.sources()


def test_releases_of_the_log_are_told_by_record(case: Case) -> None:
    leaf = {
        "time": "2026-01-02T03:04:05Z",
        "content": {
            "catalogue": "small",
            "before": {"version": 1},
            "after": {"version": 2, "digest": "sha256:2"},
            "reviewed": True,
            "asked": {"way": "lingji promote"},
        },
    }
    source = Source("record:r1", "record/r1", "sha256:leaf", leaf)
    paper = case.papers(log=[source])["model_card"]
    assert faults(paper, case.home, {"record/r1": leaf}) == []
    assert found(paper, "logged/log/record:r1/version_after")["value"] == 2
    assert {"name": "record:r1", "place": "record/r1", "digest": "sha256:leaf"} in paper["sources"]


def test_a_pilot_is_told_with_its_regions_and_its_end(case: Case) -> None:
    registry = case.waiting.registry
    entry = registry.releases().in_service
    assert entry is not None
    approval = registry.approvals.kept(entry.approval or "")
    regions = Regions(indicator="type", codes=("road",))
    statement = PilotStatement.model_validate(
        {**dict(approval.statement), "regions": regions, "until": "2027-01-01T00:00:00Z"}
    )
    kept = PilotApproval(statement=statement)
    digits = kept.file_digest.removeprefix("sha256:")
    kept.save(registry.folder / "approvals" / KEPT / f"{digits}.json")
    listed = PilotEntry(approval=kept.file_digest, by="Li", made="2026-12-01T00:00:00Z")
    (registry.folder / PILOT).write_bytes(listed.to_bytes())
    record = case.papers()["algorithm_record"]
    assert found(record, "summary/pilot")["shown"]["zh"] == "type=road"
    assert found(record, "summary/pilot_until")["value"] == "2027-01-01T00:00:00Z"
    assert faults(record, case.home) == []
