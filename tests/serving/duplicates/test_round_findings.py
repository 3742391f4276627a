"""What a signed search over a round found is a finding of each of its projects' answers."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from anyio.from_thread import BlockingPortal
from typer.testing import CliRunner

from features.checks.checked import NotApplicable, Outcome
from features.declared_project import parse_project
from features.duplicates.compared_fields import compared_of
from features.duplicates.traits import traits_of
from features.errors import ReleaseRefused
from features.field import Label
from models.duplicates.round_shelf import RoundError, RoundShelf
from models.people import People, Person, PersonKey
from models.registry import Release
from serving.access.access import Access
from serving.access.caller import parse_grant
from serving.access.ration import Ration
from serving.access.store import AccessStore
from serving.appraisal import appraised
from serving.asker import Asker
from serving.assembly import around
from serving.command_line.program import PROGRAM
from serving.duplicates.dismissal import dismissal_record
from serving.page.pages import explained_fragment
from serving.questions import questions
from serving.recording.kept_rules import KeptRules, RulesInForce
from serving.recording.recorded_answer import recorded_answer
from serving.recording.recorded_side import personal_values
from serving.recording.remade_answer import NotRemade, remade_answer
from serving.recording.remade_check import remade_check
from serving.records.database import SERVICE
from serving.records.record_log import RecordLog
from serving.settings import Limits
from serving.wording.explained_score import told
from tests.serving.conftest import Caller
from tests.serving.duplicates.conftest import GRANTS, Keys, library, lights, recorded, twin

MADE = "2026-01-02T00:00:00Z"
LIGHTS, TWIN, LIBRARY = lights("A1"), twin("B1"), library("C1")
PARTS = [
    lights(f"D{n}", pro_name=f"青屿市城市管理局滨江步道修缮项目（{part}期）", apply_amt=amount,
           pro_desc="青屿市城市管理局修缮滨江步道，规模为310米。", driver_quantity=quantity,
           pro_necessary="步道沉降，存在安全隐患。", beneficiaries=7_000,
           policy_basis=[{"doc_title": "步道规划", "doc_no": "青政发〔2024〕3号"}],
           kpi=[{"level1": "产出指标", "name": "修缮步道", "target": "310"}])
    for n, (part, amount, quantity) in enumerate((("一", 310_000, 160), ("二", 290_000, 150)))
]  # fmt: skip
ROUND = [LIGHTS, TWIN, LIBRARY, *PARTS]


def lingji(*words: str) -> Any:
    """The JSON that a command says."""
    done = CliRunner().invoke(PROGRAM, [*words, "--json"])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory, release: Release) -> Path:
    """A working folder with the result of a round, a draft, and the rules that ship."""
    folder = tmp_path_factory.mktemp("round")
    RulesInForce(folder).attached(release)
    file = folder / "round.jsonl"
    lines = [json.dumps(project, ensure_ascii=False) for project in ROUND]
    file.write_text("\n".join(lines), encoding="utf-8")
    said = lingji("pairs", "keep", str(file), "--year", "2025", "--home", str(folder))
    assert (said["projects"], said["signed_by"], said["bad_rows"]) == (5, [], 0)
    assert said["pairs"]["declared_twice"] == 1
    assert said["pairs"]["split"] == 1
    return folder


@pytest.fixture
def home(kept: Path, tmp_path: Path) -> Path:
    """A copy of it for one test."""
    shutil.copytree(kept, tmp_path, dirs_exist_ok=True)
    return tmp_path


def sign(home: Path, version: int = 1) -> None:
    """Have a person who is listed from now on sign a result, by the command."""
    key = PersonKey.generate()
    file = home / f"{key.public[:8].replace('/', '-')}.pem"
    key.save(file)
    person = Person(name=key.public[:8], account=key.public[:8], key=key.public, since=MADE)
    People.of(home).joined_by(person).save(home)
    given = ["--year", "2025", "--version", str(version), "--key", str(file), "--home", str(home)]
    assert lingji("pairs", "sign", *given)["signed_by"] == [key.public[:8]]


@pytest.fixture
def checking(home: Path, release: Release) -> Callable[[], Release]:
    """The release that checks with what is in force now."""
    return lambda: RulesInForce(home).attached(release)


def outcome(release: Release, project: dict[str, Any], code: str) -> tuple[Any, Any]:
    assert release.checks is not None
    checked = release.checks.checked(parse_project(project, release.model.catalogue))
    (result,) = [each for each in checked.results if each.rule.code == code]
    return result.outcome, result.why


def test_a_draft_says_nothing_and_a_signed_result_does(
    home: Path, checking: Callable[[], Release]
) -> None:
    assert outcome(checking(), LIGHTS, "DUP-01") == (
        Outcome.NOT_APPLICABLE, NotApplicable.NO_ROUND,
    )  # fmt: skip
    sign(home)
    now = checking()
    assert outcome(now, LIGHTS, "DUP-01") == (Outcome.FINDING, None)
    assert outcome(now, TWIN, "DUP-01") == (Outcome.FINDING, None)
    assert outcome(now, LIBRARY, "DUP-01") == (Outcome.PASSED, None)
    assert outcome(now, LIGHTS, "DUP-02") == (Outcome.PASSED, None)
    for part in PARTS:
        assert outcome(now, part, "DUP-02") == (Outcome.FINDING, None)
    not_told = {
        NotApplicable.NOT_IN_ROUND: lights("Z9"),
        NotApplicable.CHANGED_SINCE: LIGHTS | {"apply_amt": 1_860_001},
        NotApplicable.NO_ROUND: LIGHTS | {"fiscal_year": 2024},
    }
    for why, project in not_told.items():
        for code in ("DUP-01", "DUP-02", "DUP-03"):
            assert outcome(now, project, code) == (Outcome.NOT_APPLICABLE, why)
    (listed,) = lingji("pairs", "list", "--home", str(home))["results"]
    assert (listed["year"], listed["version"], len(listed["signed_by"])) == (2025, 1, 1)


def test_a_finding_names_the_other_project_and_what_agrees(
    home: Path, checking: Callable[[], Release]
) -> None:
    sign(home)
    now = checking()
    answer = told(now, appraised(LIGHTS, now))
    (finding,) = [each for each in answer["findings"] if each["code"] == "DUP-01"]
    assert finding["finding_id"] == "DUP-01"
    assert "青屿市住建局路灯照明节能改造工程”（B1，2025年度）" in finding["text"]["zh"]
    assert "(B1, 2025)" in finding["text"]["en"]
    pair = finding["pair"]
    assert pair["kind"] == "declared_twice"
    assert (pair["project"]["project_id"], pair["project"]["department"]) == ("B1", "213001")
    assert pair["probability"] == finding["actual"] > 0.9
    assert any("更换灯具数量" in each["zh"] for each in pair["agrees"])
    kept = RoundShelf(home, "zero_base").pairs(2025, 1)
    assert pair["round"] == {
        "year": 2025, "version": 1, "made": kept.made, "digest": kept.digest,
    }  # fmt: skip
    split = [
        each for each in told(now, appraised(PARTS[0], now))["findings"] if each["code"] == "DUP-02"
    ]
    assert [(f["threshold"], f["actual"], f["excess"]) for f in split] == [
        (500_000.0, 600_000.0, None)
    ]
    for lang in ("zh", "en"):
        page = explained_fragment(answer, now.model.catalogue, lang)
        assert "DUP-01" in page
        assert "青屿市住建局路灯照明节能改造工程" in page


def test_copies_are_told_with_what_is_shared(home: Path, checking: Callable[[], Release]) -> None:
    """A result made by hand: among five projects copies are not sought."""
    shelf = RoundShelf(home, "zero_base")
    first = shelf.pairs(2025, 1)
    copied = first.pairs[0].model_copy(
        update={
            "kind": "copied_text",
            "probability": None,
            "agrees": (Label(zh="均有“甲{乙}”", en="Both say “甲{乙}”"),),
        }
    )
    again = copied.model_copy(update={"kind": "copied_targets"})
    shelf.put(first.model_copy(update={"version": 2, "pairs": (copied, again)}))
    sign(home, 2)
    now = checking()
    (finding,) = [
        each
        for each in told(now, appraised(LIGHTS, now))["findings"]
        if each["code"].startswith("DUP")
    ]
    assert (finding["code"], finding["actual"], finding["pair"]["more"]) == ("DUP-03", 15.954, 1)
    assert finding["text"]["zh"].endswith("均有“甲{乙}”。另有1对。")


@pytest.fixture
def log(tmp_path: Path) -> Iterator[RecordLog]:
    with closing(RecordLog.open(f"sqlite:///{tmp_path / 'records.db'}")) as opened:
        yield opened


def test_the_record_names_the_result_and_is_made_again_with_it(
    home: Path, checking: Callable[[], Release], log: RecordLog
) -> None:
    asker = Asker.at_command_line("test")
    before = checking()
    recorded_answer(before, appraised(LIGHTS, before), log, asker)
    sign(home)
    first = checking()
    recorded_answer(first, appraised(LIGHTS, first), log, asker)
    shelf = RoundShelf(home, "zero_base")
    result = shelf.pairs(2025, 1)
    shelf.put(result.model_copy(update={"version": 2, "pairs": ()}))
    sign(home, 2)
    now = checking()
    assert outcome(now, LIGHTS, "DUP-01") == (Outcome.PASSED, None)
    without, with_it = log.records(SERVICE, kind="score")
    assert "duplicates" not in without.content()["content"]["checks"]["reference"]
    kept = with_it.content()["content"]
    assert kept["checks"]["reference"]["duplicates"] == result.digest
    assert "DUP-01" in kept["findings"]
    assert "B1" not in json.dumps(kept["checks"])  # whoever may read the record is not told of it
    for stored, found in ((without, False), (with_it, True)):
        remade = remade_answer(
            now, KeptRules(home), stored.content(), personal_values(stored), None
        )
        assert remade.as_said
        codes = {each["code"] for each in remade.answer["findings"]}
        assert ("DUP-01" in codes) is found
    shutil.rmtree(shelf.folder / "2025" / "1")
    with pytest.raises(NotRemade):  # control: no other result takes its place
        remade_answer(now, KeptRules(home), with_it.content(), personal_values(with_it), None)


@pytest.fixture
def keys(
    home: Path, checking: Callable[[], Release], log: RecordLog, portal: BlockingPortal
) -> Keys:
    sign(home)
    store = AccessStore(home, durable=False)
    access = Access(store, None, Ration(store, 1_000))
    made = {g: access.keys.create(parse_grant(g), f"for {g}", 30)[1] for g in GRANTS}
    app = around(questions, checking(), Limits(), access, log, home)
    return Keys(Caller(app, portal), made)


SECRET = ("“青屿市住建局", "住建局", "213001", "换装", "1,910,000", "191万")
"""What another department declares; no text that a digest may hold by chance."""


@pytest.mark.parametrize("path", ["/score", "/check"])
def test_a_department_is_told_of_a_pair_and_not_of_anothers_project(keys: Keys, path: str) -> None:
    body = {"project": LIGHTS}
    seen = keys.post("platform", path, body)
    assert all(each in seen.text for each in SECRET[:3])  # control
    answer = keys.post("department:212002", path, body)
    (finding,) = [each for each in answer.json()["findings"] if each["code"] == "DUP-01"]
    assert finding["pair"]["project"] is None
    assert finding["pair"]["agrees"] == []
    assert "其他部门" in finding["text"]["zh"]
    assert "another department" in finding["text"]["en"]
    record = keys.get("department:212002", f"/record/{answer.json()['record_id']}")
    assert record.status_code == 200
    for said in (answer.text, record.text):
        assert not any(each in said for each in SECRET)
    page = keys.get(
        "department:212002", f"/record/{answer.json()['record_id']}?lang=zh", accept="text/html"
    )
    assert not any(each in page.text for each in SECRET)


def test_a_department_is_told_of_both_when_both_are_its_own(keys: Keys) -> None:
    answer = keys.post("department:212002", "/score", {"project": PARTS[0]}).json()
    (finding,) = [each for each in answer["findings"] if each["code"] == "DUP-02"]
    assert finding["pair"]["project"]["project_id"] == "D1"
    assert "滨江步道修缮项目（二期）" in finding["text"]["zh"]


def test_the_list_of_findings_and_the_records_tell_a_department_no_more(keys: Keys) -> None:
    records = [
        keys.post("platform", path, {"project": LIGHTS}).json()["record_id"]
        for path in ("/score", "/check")
    ]
    page = {"accept": "text/html"}
    told = [
        keys.get(grant, path, **headers).text
        for grant in ("department:212002", "auditor")
        for path, headers in (
            ("/findings?rule=DUP-01&lang=zh", {}),
            ("/findings?rule=DUP-01&of=check&lang=zh", page),
            ("/findings/export?format=csv&lang=zh", {}),
            *((f"/record/{record}?lang=zh", page) for record in records),
        )
    ]
    own, others = told[: len(told) // 2], told[len(told) // 2 :]
    for said in own:
        assert "其他部门" in said
        assert not any(each in said for each in SECRET)
    for said in others:
        assert all(each in said for each in SECRET[:2]), "control: the bureau is told"
    for word in ("B1", *SECRET[1:3]):
        found = keys.get("department:212002", f"/findings?words={word}").json()
        assert found["total"] == 0, "nor does a search tell"
    found = keys.get("department:212002", "/findings?words=DUP-01").json()
    assert found["total"] == 1, "control"


def test_a_check_that_a_department_was_told_is_made_again(
    keys: Keys, home: Path, release: Release, log: RecordLog
) -> None:
    answers = [
        keys.post(grant, "/check", {"project": LIGHTS}).json()
        for grant in ("department:212002", "platform")
    ]
    catalogue, rules = release.model.catalogue, KeptRules(home)
    for stored, answer in zip(log.records(SERVICE, kind="check"), answers, strict=True):
        leaf, personal = stored.content(), personal_values(stored)
        again = remade_check(rules, leaf, catalogue, personal, answer["receipt"])
        assert again == answer
    leaf["content"]["said"]["withheld"] = True
    with pytest.raises(NotRemade):  # control: the platform was told more
        remade_check(rules, leaf, catalogue, personal, None)


def test_what_a_department_was_told_is_made_again(
    keys: Keys, checking: Callable[[], Release], home: Path, log: RecordLog
) -> None:
    keys.post("department:212002", "/score", {"project": LIGHTS})
    (stored,) = log.records(SERVICE, kind="score")
    remade = remade_answer(
        checking(), KeptRules(home), stored.content(), personal_values(stored), None
    )
    assert remade.as_said


def test_a_dismissed_pair_is_kept_as_such_and_not_told(
    home: Path, checking: Callable[[], Release], release: Release, log: RecordLog
) -> None:
    subjects = []
    for project in (LIGHTS, TWIN):
        found = log.record(recorded(project, release, log))
        assert found is not None
        subjects.append(found)
    catalogue = release.model.catalogue
    fields = compared_of(catalogue).fields
    traits = [traits_of(parse_project(each, catalogue), fields) for each in (LIGHTS, TWIN)]
    form = {"reason": "coordinated", "comment": "分工明确"}
    said = dismissal_record(form, subjects, traits, Asker("k-1", "expert", "test"))
    log.append(said).result()
    again = ["pairs", "keep", str(home / "round.jsonl"), "--year", "2025", "--home", str(home)]
    kept = lingji(*again)
    assert (kept["version"], kept["pairs"]["declared_twice"], kept["dismissed"]) == (2, 0, 1)
    (pair,) = [
        each for each in RoundShelf(home, "zero_base").pairs(2025, 2).pairs if each.dismissed
    ]
    assert pair.dismissed is not None
    assert (pair.dismissed.reason, pair.dismissed.record_id) == ("coordinated", said.record_id)
    sign(home, 1)
    assert outcome(checking(), LIGHTS, "DUP-01")[0] is Outcome.FINDING  # control: before it
    sign(home, 2)
    assert outcome(checking(), LIGHTS, "DUP-01") == (Outcome.PASSED, None)


def test_a_result_that_was_altered_or_that_its_maker_signs_is_refused(home: Path) -> None:
    sign(home)
    shelf = RoundShelf(home, "zero_base")
    result = shelf.pairs(2025, 1)
    shelf.put(result.model_copy(update={"version": 2, "made_by": "maker"}))
    key = PersonKey.generate()
    person = Person(name="Maker", account="maker", key=key.public, since=MADE)
    People.of(home).joined_by(person).save(home)
    with pytest.raises(ReleaseRefused, match="another person than the maker"):
        shelf.sign(2025, 2, key, MADE)
    with pytest.raises(RoundError, match="is there"):
        shelf.put(result)
    with pytest.raises(RoundError, match="a result of 2025: 1, 2; got 3"):
        shelf.pairs(2025, 3)
    assert [each.digest for each in shelf.in_force()] == [result.digest]  # the draft is not
    file = shelf.folder / "2025" / "1" / "pairs.json"
    file.write_text(file.read_text(encoding="utf-8").replace("B1", "B2"), encoding="utf-8")
    with pytest.raises(RoundError, match="it was altered"):
        shelf.in_force()


def test_the_command_that_checks_reads_what_is_in_force(home: Path) -> None:
    words = ("check", str(home / "round.jsonl"), "--home", str(home))
    assert "DUP-01" not in lingji(*words)["rules"]["projects_with_finding"]  # control: a draft
    sign(home)
    found = lingji(*words)["rules"]["projects_with_finding"]
    assert (found["DUP-01"], found["DUP-02"]) == (2, 2)


def test_a_round_without_projects_is_refused(home: Path) -> None:
    words = ["pairs", "keep", str(home / "round.jsonl"), "--year", "2031", "--home", str(home)]
    done = CliRunner().invoke(PROGRAM, words)
    assert done.exit_code == 1
    assert "projects of 2031" in done.output


def test_checks_of_a_release_know_only_the_result_of_the_projects_round(
    home: Path, checking: Callable[[], Release]
) -> None:
    sign(home)
    now = checking()
    assert now.checks is not None
    assert set(now.checks.digests(2025)) == {"duplicates"}
    assert now.checks.digests(2024) == {}
