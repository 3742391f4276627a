"""Scores of dimensions in answers, records, files and pages, made again by the ruler then."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from anyio.from_thread import BlockingPortal
from typer.testing import CliRunner, Result

from features.checks.checks import Checks
from features.checks.dimensions.ruler import Ruler
from features.checks.rule_files import kept_rule_book
from features.yaml_form import yaml_form
from models.registry import Release
from serving.appraisal import appraise, appraised
from serving.command_line.program import PROGRAM
from serving.page.pages import explained_page
from serving.recording.dimension_scores import dimension_differences
from serving.recording.kept_rules import KeptRules, RulesInForce
from serving.recording.replay import Replay
from serving.wording.envelope import encoded
from serving.wording.explained_score import told
from serving.wording.flat_answer import columns, flat_answer
from tests.serving.access.conftest import Keyed, keyed_service
from tests.serving.conftest import CATALOGUE, HERE, RULER, Caller, tiny_project
from tests.serving.test_site import validator

BODY = {"project": tiny_project()}


@pytest.fixture
def keyed(tmp_path: Path, home: Path, release: Release, portal: BlockingPortal) -> Iterator[Keyed]:
    """A service with a log of its own, and keys for every role."""
    made = keyed_service(tmp_path, release, portal, home=home)
    yield made
    made.store.close()
    made.records.close()


def ruled(release: Release, *changes: tuple[str, str]) -> Release:
    """The release with its ruler changed."""
    text = RULER.read_text(encoding="utf-8")
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    ruler, now = yaml_form(Ruler, text.encode(), "ruler"), release.checks
    assert now is not None
    checks = Checks(now.book, release.model.catalogue, now.reference, ruler)
    return replace(release, checks=checks)


def dimension(answer: dict[str, Any], name: str) -> dict[str, Any]:
    (found,) = [each for each in answer["dimensions"] if each["name"] == name]
    return dict(found)


def test_an_answer_tells_each_dimension_with_its_deductions(service: Caller) -> None:
    answer = service.post("/score", BODY).json()
    necessity, execution = answer["dimensions"]
    assert necessity["score"] == answer["priority"]["necessity"]["score"]
    assert necessity["contributions"] == answer["priority"]["necessity"]["dimensions"]
    moved = sum(each["contribution"] for each in necessity["contributions"])
    assert necessity["base"] + moved == pytest.approx(necessity["score"])
    assert (execution["base"], execution["score"]) == (100, 93)
    assert {finding["dimension"] for finding in answer["findings"]} == {"execution"}
    assert [(d["rule"], d["points"], d["findings"]) for d in execution["deductions"]] == [
        ("TNY-01", 5, ["TNY-01"]),
        ("TNY-03", 2, ["TNY-03:lines[1]"]),
    ]
    assert execution["deductions"][0]["text"] == {
        "zh": "明细合计等于申报金额：发现1处，扣5分。",
        "en": "The lines add up to the request: 1 finding, 5 points off.",
    }
    assert [(s["name"], s["points"], s["deducted"]) for s in execution["sections"]] == [
        ("basis", 30, 0), ("lines", 20, 7), ("spent", 50, 0)
    ]  # fmt: skip
    ruler = answer["ruler"]
    assert ruler["total"] == round(0.6 * necessity["score"] + 0.4 * 93 + 1e-9, 1)
    assert "不改变等级和排序" in ruler["orientation"]["zh"]


def test_what_is_told_is_described(service: Caller, release: Release) -> None:
    """Each with a control: the same without a field is not what the document describes."""
    document = service.get("/openapi.json").json()
    for project in (tiny_project(), tiny_project(type=None, lines=None, executed_share=0.3)):
        answer = json.loads(encoded(appraise(project, release)))
        for name, some in (
            ("RulerTotal", [answer["ruler"]]),
            ("DimensionScore", answer["dimensions"]),
        ):
            described = validator(document, name)
            for one in some:
                described.validate(one)
                assert not described.is_valid({k: v for k, v in one.items() if k != "weight"})
                assert not described.is_valid(one | {"weight": 1.5})


def test_grade_and_rank_do_not_depend_on_the_ruler(release: Release) -> None:
    strict = ruled(release, ("warn: {each: 5, most: 15}", "warn: {each: 20, most: 20}"))
    one, other = appraise(tiny_project(), release), appraise(tiny_project(), strict)
    assert one["ruler"]["total"] != other["ruler"]["total"]  # the control
    assert str(one["priority"]) == str(other["priority"])


def test_a_dimension_of_which_nothing_is_known_has_no_score(release: Release) -> None:
    bare = tiny_project(lines=None, policy=None, executed_share=None)
    execution = dimension(appraise(bare, release), "execution")
    assert (execution["score"], execution["why"]) == (None, "too_little_judged")
    assert execution["why_text"]["zh"] == "不评分：这一维度没有申报或核实的内容足以评判"
    assert [section["judged"] for section in execution["sections"]] == [False] * 3


def test_a_project_that_is_not_rated_is_told_what_was_checked(release: Release) -> None:
    answer = appraise(tiny_project(type=None), release)
    assert answer["status"] == "not_rated"
    assert dimension(answer, "necessity")["why"] == "not_rated"
    assert dimension(answer, "execution")["score"] == 93
    assert answer["ruler"]["total"] is None


def test_deductions_say_why_they_are_limited(release: Release) -> None:
    poor = tiny_project(
        policy="none", executed_share=0.3, lines=[{"task": "a", "amount": 60_000.0}] * 5
    )
    said = {d["rule"] or d["indicator"]: d for d in dimension(appraise(poor, release), "execution")[
        "deductions"
    ]}  # fmt: skip
    assert said["TNY-02"]["text"]["en"] == (
        "A policy basis is given: nothing of “Basis” to judge, 30 points off."
    )
    assert (said["TNY-03"]["count"], said["TNY-03"]["points"], said["TNY-03"]["limited"]) == (
        5, 6, "rule"
    )  # fmt: skip
    assert (
        said["TNY-03"]["text"]["zh"] == "明细单项金额：发现5处，每处扣2分，单项最多扣6分，扣6分。"
    )
    assert said["executed_share"]["text"] == {
        "zh": "上年执行率：30%，低于50%，扣20分。",
        "en": "Last year's execution: 30%, below 50%, 20 points off.",
    }
    tight = ruled(
        release,
        ("note: {each: 2, most: 6}", "note: {each: 5, most: 50}"),
    )
    last = dimension(appraise(poor, tight), "execution")["deductions"][1]
    assert (last["rule"], last["points"], last["limited"]) == ("TNY-03", 20, "section")
    assert last["text"]["zh"].endswith("“明细”部分的20分已扣完，扣20分。")


def test_what_was_deducted_is_written_once_for_the_same_ruler_and_rules(release: Release) -> None:
    """Another ruler calls the section otherwise, and takes as much: its own words are told."""
    renamed = ruled(release, ("zh: 依据", "zh: 文件依据"))
    bare = tiny_project(policy="none")

    def told_by(by: Release) -> Any:
        taken = dimension(appraise(bare, by), "execution")["deductions"]
        return next(each for each in taken if each["rule"] == "TNY-02")

    first, again, other = told_by(release), told_by(release), told_by(renamed)
    assert first == again
    assert {**other, "text": None} == {**first, "text": None}
    assert "“依据”" in first["text"]["zh"]
    assert "“文件依据”" in other["text"]["zh"]


def test_a_record_keeps_the_ruler_and_every_score(keyed: Keyed) -> None:
    answer = keyed.post("platform", "/score", BODY).json()
    shown = keyed.call("admin", "GET", f"/record/{answer['record_id']}").json()
    kept = shown["record"]["content"]["dimensions"]
    assert kept["ruler"] == answer["ruler"]["digest"]
    assert json.loads(kept["scores"]) == [
        ["necessity", answer["dimensions"][0]["score"], 0, []],
        ["execution", 93, 100, [["TNY-01", 5], ["TNY-03", 2]]],
    ]


def test_a_score_is_made_again_by_the_ruler_that_it_names(
    keyed: Keyed, home: Path, release: Release
) -> None:
    answer = keyed.post("platform", "/score", BODY).json()
    log = keyed.records
    stored, receipt = log.record(answer["record_id"]), log.receipt(answer["record_id"])
    assert stored is not None
    assert receipt is not None
    assert release.checks is not None
    assert release.checks.rating is not None
    digest = release.checks.rating.digest
    own, kept = home / "dimensions" / "tiny.yaml", home / "rulers" / f"{digest[7:]}.json"
    bureau, content = own.read_text(encoding="utf-8"), kept.read_bytes()
    try:
        # Another ruler in force changes nothing of what was said by this one.
        own.write_text(bureau.replace("each: 5", "each: 7"), encoding="utf-8")
        changed = RulesInForce(home, HERE / "tiny_rules.yaml").attached(release)
        assert changed.checks is not None
        assert changed.checks.rating is not None
        assert changed.checks.rating.digest != digest
        (done,) = Replay(home).replayed([(stored, receipt.leaf_hash)])
        assert done.same, done.differences
        kept.write_bytes(content.replace(b'"each": 5.0', b'"each": 6.0'))
        (altered,) = Replay(home).replayed([(stored, receipt.leaf_hash)])
        kept.unlink()
        (gone,) = Replay(home).replayed([(stored, receipt.leaf_hash)])
    finally:
        own.write_text(bureau, encoding="utf-8")
        kept.write_bytes(content)
    for control in (altered, gone):
        (named,) = control.differences
        assert (named.part, named.recorded) == ("ruler", digest)


def test_a_record_from_before_there_was_a_ruler_is_made_again_as_it_was(
    tmp_path: Path, home: Path, release: Release, portal: BlockingPortal
) -> None:
    """Its rules had no dimension yet, and the book was kept in those bytes."""
    now = release.checks
    assert now is not None
    bare = now.book.to_bytes().replace(b'"dimension":"execution",', b"")
    book = kept_rule_book(bare, f"sha256:{sha256(bare).hexdigest()}")
    assert book.digest != now.book.digest
    KeptRules(home).keep(book)
    without = Checks(book, release.model.catalogue, now.reference)
    old = keyed_service(tmp_path, replace(release, checks=without), portal)
    answer = old.post("platform", "/score", BODY).json()
    assert "checks" in answer
    assert not {"dimensions", "ruler"} & answer.keys()
    assert [each.get("dimension") for each in answer["findings"]] == [None, None]
    log = old.records
    stored, receipt = log.record(answer["record_id"]), log.receipt(answer["record_id"])
    assert stored is not None
    assert receipt is not None
    (done,) = Replay(home).replayed([(stored, receipt.leaf_hash)])
    old.store.close()
    old.records.close()
    assert done.same, done.differences


def test_differences_are_named_by_dimension() -> None:
    one = {"ruler": "sha256:a", "scores": '[["necessity",70,0,[]],["execution",93,100,[]]]'}
    other = {"ruler": "sha256:b", "scores": '[["necessity",70,0,[]],["execution",91,100,[]]]'}
    assert list(dimension_differences(one, one)) == []
    assert [name for name, *_ in dimension_differences(one, other)] == [
        "ruler", "dimension execution"
    ]  # fmt: skip
    assert list(dimension_differences(None, one)) == [("dimensions", "none", "there")]


def test_a_files_row_has_every_score_and_what_was_taken(release: Release) -> None:
    cells = flat_answer(1, release, appraised(tiny_project(), release))
    assert cells["dimension_execution"] == 93
    assert cells["dimension_necessity"] == cells["necessity"]
    assert cells["deductions"] == "TNY-01 −5, TNY-03 −2"
    assert cells["dimensions_total"] == appraise(tiny_project(), release)["ruler"]["total"]
    assert set(cells) <= set(columns(release.model, checks=release.checks))
    # The control: without rules there is nothing to deduct by.
    assert not [name for name in columns(release.model) if name.startswith("dimension")]


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("zh", ("各维度得分", "权重", "扣分2项", "20分，扣7分", "模型评分：", "不改变等级和排序")),
        ("en", ("Scores of the dimensions", "deductions: 2", "20 points, 7 off", "By the model: ")),
    ],
)
def test_the_page_shows_a_bar_for_each_dimension_and_its_deductions(
    release: Release, lang: str, words: tuple[str, ...]
) -> None:
    answer = told(release, appraised(tiny_project(), release))
    page = explained_page(json.loads(_text(answer)), release.model.catalogue, lang)
    for word in (*words, "TNY-03", "−2", "tiny_form@1"):
        assert word in page, word
    bare = told(release, appraised(tiny_project(type=None), release))
    unrated = explained_page(json.loads(_text(bare)), release.model.catalogue, lang)
    assert {"zh": "缺少关键信息，模型不予评分", "en": "the model gives no score"}[lang] in unrated


def _text(answer: dict[str, Any]) -> str:
    return encoded(answer).decode()


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("zh", ("各维度得分", "权重40%", "TNY-01 −5、TNY-03 −2", "加权得分")),
        (
            "en",
            ("Scores of the dimensions", "weight 40%", "TNY-01 −5, TNY-03 −2", "Weighted total"),
        ),
    ],
)
def test_explain_tells_the_dimensions(home: Path, lang: str, words: tuple[str, ...]) -> None:
    file = home / "dimensions.json"
    file.write_text(json.dumps(tiny_project()), encoding="utf-8")
    where = ["--catalogue", str(CATALOGUE), "--home", str(home), "--lang", lang]
    more = ["--no-record", "--rules", str(HERE / "tiny_rules.yaml")]
    result = CliRunner().invoke(PROGRAM, ["explain", str(file), *where, *more])
    assert result.exit_code == 0, result.output
    for word in words:
        assert word in result.stdout, word


def test_the_command_shows_the_ruler_and_tries_one_of_your_own(tmp_path: Path) -> None:
    def lingji(*words: str) -> Result:
        return CliRunner().invoke(PROGRAM, ["ruler", *words])

    shown = lingji("--home", str(tmp_path), "--json")
    ruler = json.loads(shown.stdout)
    assert [each["weight"] for each in ruler["dimensions"]] == [0.25, 0.2, 0.15, 0.15, 0.15, 0.1]
    told = lingji("--home", str(tmp_path)).stdout
    assert ruler["digest"] in told
    assert "POL-01 takes all" in " ".join(told.split())
    own = tmp_path / "own.yaml"
    own.write_text(lingji("--text").stdout.replace("weight: 0.2,", "weight: 0.3,"), "utf-8")
    refused = lingji(str(own))
    assert refused.exit_code == 1
    assert "weights: they add up to 1.10, and not to 1" in " ".join(refused.stderr.split())
    own.write_text(lingji("--text").stdout.replace("least_judged: 30", "least_judged: 50"), "utf-8")
    assert json.loads(lingji(str(own), "--json").stdout)["digest"] != ruler["digest"]
    absent = lingji("--home", str(tmp_path), "--catalogue", str(CATALOGUE))
    assert "expected a ruler for tiny; got none" in " ".join(absent.stderr.split())
