"""The way from a challenger to a release by command, as docs/release.md tells it."""

from __future__ import annotations

import json
import re
import shlex
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner, Result

from features.catalogue import load_catalogue
from models.registry import Registry
from models.release import releasing
from models.release.release_policy import release_policy
from models.trial import try_bundle
from serving.audit.said_record import said_record
from serving.command_line.program import PROGRAM
from serving.records.database import SERVICE
from serving.records.log_query import LogQuery
from serving.records.record_log import RecordLog
from tests.releases import Waiting, registered
from tests.reviews import judged_challenger
from tests.rulers import ruler
from training.tracking import Tracking

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "docs" / name for name in ("release.md", "release.zh-CN.md")]
_BLOCK = re.compile(r"^```sh\n(.*?)^```", re.DOTALL | re.MULTILINE)


@pytest.fixture(autouse=True)
def _tried_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bundles are tried in this process, each once; the child has tests of its own."""
    monkeypatch.setattr(releasing, "tried", cache(try_bundle))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in, with the small ruler's catalogue and nothing else."""
    monkeypatch.chdir(tmp_path)
    for name in ("LINGJI_HOME", "LINGJI_RECORDS", "MLFLOW_TRACKING_URI"):
        monkeypatch.delenv(name, raising=False)
    text = yaml.safe_dump(ruler(), allow_unicode=True)
    (tmp_path / "small.yaml").write_text(text, encoding="utf-8")
    return tmp_path


def lingji(*words: object) -> Result:
    return CliRunner().invoke(PROGRAM, [str(word) for word in words])


def small(*words: object) -> Result:
    return lingji(*words, "--catalogue", "small.yaml")


def told(result: Result) -> str:
    return " ".join((result.output + (result.stderr or "")).split())


def page_commands(page: Path) -> list[list[str]]:
    """The commands of a page, without the program's name."""
    text = "".join(_BLOCK.findall(page.read_text(encoding="utf-8"))).replace("\\\n", " ")
    return [shlex.split(line, comments=True)[1:] for line in text.splitlines() if line]


@pytest.mark.parametrize("page", PAGES, ids=["en", "zh"])
def test_every_command_of_the_page_does_what_it_says(folder: Path, page: Path) -> None:
    registry = Registry(folder / "var", "small")
    registered(registry, "first")
    people = Waiting(registry, {}, release_policy(None, folder))
    codes = {}
    with RecordLog.open(f"sqlite:///{folder / 'var' / 'records.db'}") as log:
        for words in page_commands(page):
            if words[0] in ("serve", "audit"):
                continue
            if words[:2] == ["review", "conclude"]:
                judged_challenger(registry, 2, log)  # what experts do on pages
            catalogue = [] if words[0] == "people" else ["--catalogue", "small.yaml"]
            result = lingji(*words, *catalogue)
            codes.setdefault(" ".join(words[:2]), []).append(result.exit_code)
            assert result.exit_code == 0 or words[0] == "gates", (words, result.output)
            if words[0] == "promote" and "--without-review" in words:
                people.challenger()  # what `lingji retrain` leaves
        kinds = ("release", "stop", "resume")
        stored = [one for kind in kinds for one in log.records(SERVICE, kind=kind)]
        stored.sort(key=lambda one: one.leaf_index)
        stopped = log.search(SERVICE, LogQuery(kind="stop", model_version="2"))
        kept = [one.content()["content"] for one in stored]
    assert codes["gates 2"] == [1, 0]  # nobody has reviewed it yet; then somebody has
    ways = [each["asked"]["way"] for each in kept]
    assert ways == [
        f"lingji {verb}" for verb in ("promote", "promote", "stop", "resume", "rollback")
    ]
    first, second, *_ = kept
    assert (first["reviewed"], first["approval"]) == (False, None)
    assert second["reviewed"]
    statement = second["approval"]["statement"]
    assert statement["digest"] == registry.version(2).digest
    assert len(second["approval"]["signatures"]) == 2
    assert {"comparison", "policy", "review", "gates", "waivers"} <= statement.keys()
    catalogue = load_catalogue("small.yaml")
    said = [said_record(one, catalogue, "en") for one in stored]
    assert said[0] == "small: none → 1 · without review"
    assert said[1] == "small: 1 → 2 · reviewed and approved"
    assert [one.record_id for one in stopped] == [stored[2].record_id]
    reason = kept[2]["stop"]["reason"]
    assert said[2] == said[3]
    assert said[2].startswith("small, version 2; stopped by ")
    assert said[2].endswith(f", because: {reason}")
    assert len({said_record(one, catalogue, "zh") for one in stored}) == 4


def test_both_pages_give_the_same_commands() -> None:
    english, chinese = (page_commands(page) for page in PAGES)
    assert [words[:2] for words in english] == [words[:2] for words in chinese]
    assert len(english) > 10


@pytest.fixture
def waiting(folder: Path) -> Waiting:
    """A challenger waits in the folder's registry; the keys of two people are in files."""
    waiting = Waiting.at(folder / "var")
    waiting.challenger()
    for name, key in waiting.keys.items():
        key.save(folder / f"{name}.pem")
    return waiting


def test_the_gates_are_a_table_and_json(waiting: Waiting) -> None:
    shown = small("gates", 2)
    assert shown.exit_code == 1
    assert "FAIL reviewed" in told(shown)
    assert "nobody has reviewed this comparison" in told(shown)
    assert "no_worse/axis/mae" not in told(shown)
    assert "no_worse/axis/mae" in told(small("gates", 2, "--all"))
    said = json.loads(small("gates", 2, "--json").stdout)
    assert said["passed"] is False
    failed = [verdict for verdict in said["verdicts"] if verdict["status"] == "fail"]
    assert [verdict["name"] for verdict in failed] == ["reviewed"]
    waiting.review(2)
    passed = small("gates", 2, "--json")
    assert (passed.exit_code, json.loads(passed.stdout)["passed"]) == (0, True)


def test_promote_without_approval_is_refused(waiting: Waiting) -> None:
    refused = small("promote", 2)
    assert refused.exit_code == 1
    assert "expected an approval of version 2; got none; see `lingji gates 2`" in told(refused)
    champion = waiting.registry.champion()
    assert champion is not None
    assert champion.number == 1


def test_once_reviewed_a_release_without_review_is_refused(waiting: Waiting) -> None:
    assert small("promote", 2, "--without-review").exit_code == 0  # control
    waiting.registry.rollback()
    waiting.compare(waiting.registry.version(2))
    waiting.review(2)
    waiting.approve(2)
    assert small("promote", 2).exit_code == 0
    refused = small("promote", 1, "--without-review")
    assert refused.exit_code == 1
    assert "since what serves has been reviewed" in told(refused)


def test_a_waiver_names_a_verdict_and_a_reason(waiting: Waiting) -> None:
    flagged = {"duplicates": [], "impossible": [], "changed": ["P1 2024"], "lifted": []}
    waiting.compare(waiting.registry.version(2), data_quality=flagged)
    waiting.review(2)
    for wrong in ("data_quality/changed", "data_quality/changed=", "changed=a reason"):
        assert small("approve", 2, "--key", "Li.pem", "--waive", wrong).exit_code == 2
    reason = "data_quality/changed=corrected by the audit office, letter 12 = annex"
    done = small("approve", 2, "--key", "Li.pem", "--waive", reason)
    assert "Still needed: 1 signature." in told(done)
    assert "waived" in told(small("gates", 2))
    assert "Waived by Li: data_quality/changed: corrected by the audit office" in told(
        small("gates", 2)
    )
    done = small("approve", 2, "--key", "Wang.pem", "--json")
    assert json.loads(done.stdout) == {"version": 2, "signatures": ["Li", "Wang"], "missing": 0}
    assert json.loads(small("promote", 2, "--json").stdout)["reviewed"] is True


def test_models_shows_what_was_changed_behind_the_gates(waiting: Waiting) -> None:
    said = json.loads(small("models", "--json").stdout)
    assert (said["champion"], said["reviewed"], said["refused"]) == (1, False, None)
    path = waiting.registry.folder / "champion.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"version": 1', '"version": 2'))
    shown = small("models")
    assert shown.exit_code == 1
    assert "it was changed by something else" in told(shown)
    assert json.loads(small("models", "--json").stdout)["champion"] is None


def test_models_shows_an_alias_that_points_elsewhere(waiting: Waiting) -> None:
    tracking = Tracking(waiting.registry.root, "small")
    with tracking.run("by hand") as run:
        run.log_text("nothing", "bundle/manifest.json")
        for version in waiting.registry.versions():
            tracking.register(run, version.number, version.digest)
    tracking.mark_champion(1)
    alias = json.loads(small("models", "--json").stdout)["mlflow_alias"]
    assert alias == {"version": 1, "state": "agrees", "unknown": None}  # control
    tracking.mark_champion(2)  # what anybody can do in MLflow
    assert "MLflow's alias champion is at version 2, which nobody released" in told(small("models"))
    assert waiting.registry.release().version.number == 1


def test_models_says_why_the_alias_is_unknown(waiting: Waiting) -> None:
    said = json.loads(small("models", "--json", "--tracking-uri", "http://127.0.0.1:9").stdout)
    assert said["champion"] == 1
    assert "expected to track in http://127.0.0.1:9" in said["mlflow_alias"]["unknown"]


def test_a_stop_stands_though_it_cannot_be_recorded(waiting: Waiting) -> None:
    words = ("stop", "--reason", "wrong grades", "--records", "postgresql://a@127.0.0.1:9/none")
    assert small(*words).exit_code == 1
    assert waiting.registry.stopped() is not None
    assert "wrong grades" in told(small("models"))
    assert small("resume").exit_code == 0
    refused = small("resume")
    assert refused.exit_code == 1
    assert "expected a model that is stopped; got one in service" in told(refused)


def test_people_are_added_once_listed_and_ended(folder: Path) -> None:
    added = lingji("people", "add", "李明", "--account", "liming", "--out", "li.pem", "--json")
    assert json.loads(added.stdout)["name"] == "李明"
    assert (folder / "li.pem").stat().st_mode & 0o777 == 0o600
    for words in (("李明", "--account", "other"), ("other", "--account", "liming")):
        again = lingji("people", "add", *words, "--out", "again.pem")
        assert again.exit_code == 1
        assert not (folder / "again.pem").exists()
    assert lingji("people", "end", "李明").exit_code == 0
    assert lingji("people", "end", "李明").exit_code == 1
    (person,) = json.loads(lingji("people", "list", "--json").stdout)
    assert person["until"] is not None
    private = (folder / "li.pem").read_text(encoding="utf-8")
    assert private not in (folder / "var" / "people.json").read_text(encoding="utf-8")


def test_a_key_that_others_can_read_is_refused(waiting: Waiting, folder: Path) -> None:
    waiting.review(2)
    (folder / "Li.pem").chmod(0o644)
    refused = small("approve", 2, "--key", "Li.pem")
    assert refused.exit_code == 1
    assert "to be readable by its owner only (0600); got 0644" in told(refused)
    (folder / "Li.pem").chmod(0o600)
    assert small("approve", 2, "--key", "Li.pem").exit_code == 0  # control


def test_another_policy_is_another_measure(waiting: Waiting, folder: Path) -> None:
    shipped = (ROOT / "models" / "release" / "release.yaml").read_text(encoding="utf-8")
    stricter = shipped.replace("grade_flips: 0.15", "grade_flips: 0.01")
    (folder / "strict.yaml").write_text(stricter, encoding="utf-8")
    waiting.review(2)
    assert small("gates", 2).exit_code == 0
    assert "stability/grade_flips" in told(small("gates", 2, "--policy", "strict.yaml"))
    (folder / "var" / "release.yaml").write_text(stricter, encoding="utf-8")
    assert "stability/grade_flips" in told(small("gates", 2))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("approvers: 2", "approvers: 1", "approvers: expected"),
        ("grade_flips: 0.15", "grade_flip: 0.15", "stability.grade_flip: expected"),
        ("least_group: 100", "least_group: 100\nleast_group: 1", "each key once"),
        ("confidence: 0.99", "confidence: .nan", "words and finite numbers"),
    ],
)
def test_a_policy_of_another_shape_is_refused(
    waiting: Waiting, folder: Path, old: str, new: str, said: Any
) -> None:
    shipped = (ROOT / "models" / "release" / "release.yaml").read_text(encoding="utf-8")
    assert old in shipped
    (folder / "odd.yaml").write_text(shipped.replace(old, new), encoding="utf-8")
    refused = small("gates", 2, "--policy", "odd.yaml")
    assert refused.exit_code == 1
    assert said in told(refused)
