"""A round arrives: retrain, review, two signatures, release, a service that follows, return; by the
commands of the page that tells of it, and nothing of it is pretended."""

from __future__ import annotations

import asyncio
import json
import re
import shlex
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from anyio.from_thread import BlockingPortal, start_blocking_portal
from typer.testing import CliRunner

from models.registry import Registry
from models.review.round import KeptRound
from serving.access.access import opened_access
from serving.assembly import around
from serving.command_line.program import PROGRAM
from serving.page.words import page_words
from serving.records.database import SERVICE
from serving.records.record_log import RecordLog
from serving.service import bare_questions
from serving.settings import Limits
from tests.reviews import judged
from tests.rulers import ruler
from tests.serving.conftest import Caller, running
from tests.small_model import ROUNDS, small_document, small_outcomes

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "docs" / name for name in ("journey.md", "journey.zh-CN.md")]
COUNT = 900
WITHOUT_CATALOGUE = ("people", "keys")
PROJECT = small_document(np.random.default_rng(3), 1, 2025) | {"level": "city"}
_BLOCK = re.compile(r"^```sh\n(.*?)^```", re.DOTALL | re.MULTILINE)


def commands(page: Path) -> list[list[str]]:
    """The commands of a page, without the program's name."""
    text = "".join(_BLOCK.findall(page.read_text(encoding="utf-8")))
    return [shlex.split(line)[1:] for line in text.splitlines()]


@dataclass
class Journey:
    """A folder in which the commands run, and the service that runs beside them.

    said: what each command said, by its first words.
    """

    portal: BlockingPortal
    stack: ExitStack
    said: dict[str, list[Any]] = field(default_factory=dict)
    served: list[tuple[int, bool]] = field(default_factory=list)
    service: Caller | None = None
    key: str = ""

    @property
    def registry(self) -> Registry:
        return Registry(Path("var"), "small")

    def run(self, words: list[str]) -> None:
        """One command of the page; what people do beside it is done before."""
        if words[0] == "simulate":
            write_past()
        elif words[0] == "serve":
            self.serve()
        else:
            if words[:2] == ["review", "conclude"]:
                self.judge()
            if words[0] == "approve" and "approve 2" not in self.said:
                words = [*words, *self.waivers()]
            self.keep(words, lingji(words))
        if self.service is not None and words[0] in ("serve", "promote", "rollback"):
            self.look()

    def keep(self, words: list[str], said: Any) -> None:
        self.said.setdefault(" ".join(words[:2]), []).append(said)

    def serve(self) -> None:
        """The whole service, which follows the registry and records what it answers."""
        access = self.stack.enter_context(closing(opened_access(Path("var"), None, 20)))
        log = RecordLog.open("sqlite:///var/records.db")
        limits = Limits(follow_seconds=0.05)
        given = (self.registry.champion_release(), limits, access, log, Path("var"))
        app = around(bare_questions(), *given, follows=self.registry)
        self.stack.enter_context(self.portal.wrap_async_context_manager(running(app)))
        self.service = Caller(app, self.portal)

    def call(self, method: str, path: str, **given: Any) -> Any:
        """What the service answers to whoever may call everything."""
        if self.said.get("keys create") and not self.key:
            asked = ["keys", "create", "--role", "admin", "--label", "a", "--days", "1"]
            self.key = lingji(asked)["key"]
        headers = {"authorization": f"Bearer {self.key}"} if self.key else {}
        assert self.service is not None
        headers |= given.pop("headers", {})
        return self.service.call(method, path, headers=headers, **given)

    def look(self) -> None:
        """Wait until what is in service answers, and see that every answer says what it is."""
        serving, reviewed = self.registry.verified_champion()
        ready = self.until(lambda said: said["model"]["version"] == str(serving.number))
        assert ready["model"]["reviewed"] is reviewed
        answer = self.call("POST", "/score", json={"project": PROJECT}).json()
        assert answer["model"]["version"] == str(serving.number)
        assert answer["model"]["digest"] == serving.digest
        assert answer["model"]["reviewed"] is reviewed
        page = self.call("GET", "/?lang=en", headers={"accept": "text/html"}).text
        assert (page_words("en")["not_reviewed"] in page) is not reviewed
        if (serving.number, reviewed) not in self.served[-1:]:
            self.served.append((serving.number, reviewed))

    def until(self, holds: Callable[[Any], bool]) -> Any:
        for _ in range(1_200):
            said = self.call("GET", "/readyz").json()
            if holds(said):
                return said
            self.portal.call(asyncio.sleep, 0.05)
        raise AssertionError(said)

    def judge(self) -> None:
        """What two experts do on pages; tests/serving/review is about that."""
        (opened,) = self.said["review open"]
        kept = KeptRound.at(Path(opened["path"]))
        assert len(kept.round.cases) == opened["cases"] > 20
        with RecordLog.open("sqlite:///var/records.db") as log:
            for expert in ("k-1", "k-2"):
                judged(kept, log, expert, lambda n: {"axis": 50.0 + n % 7, "second": 60.0})

    def waivers(self) -> list[str]:
        """What is still open on so few invented projects, each with a reason."""
        verdicts = self.said["gates 2"][-1]["verdicts"]
        open_ = [verdict["name"] for verdict in verdicts if verdict["status"] == "fail"]
        waived = (f"{name}=invented data of {COUNT} projects" for name in open_)
        return [word for each in waived for word in ("--waive", each)]


def lingji(words: list[str]) -> Any:
    """What a command says in JSON, whether it ends with 0 or 1."""
    given = ["past.jsonl" if word == "province" else word for word in words]
    if words[0] not in WITHOUT_CATALOGUE:
        given += ["--catalogue", "small.yaml"]
    result = CliRunner().invoke(PROGRAM, [*given, "--json"])
    assert result.exit_code in (0, 1), result.output
    assert result.stdout.strip().startswith("{"), result.output
    return json.loads(result.stdout)


def write_past() -> None:
    """A small ruler and its past projects, in place of a province that takes minutes to learn."""
    Path("small.yaml").write_text(yaml.safe_dump(ruler(), allow_unicode=True), encoding="utf-8")
    chance = np.random.default_rng(7)
    rows = []
    for number in range(COUNT):
        document = small_document(chance, number, ROUNDS[number % len(ROUNDS)])
        rows.append(document | small_outcomes(chance, document))
    text = "\n".join(json.dumps(row) for row in rows)
    Path("past.jsonl").write_text(text, encoding="utf-8")


@pytest.fixture
def journey(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Journey]:
    monkeypatch.chdir(tmp_path)
    for name in ("LINGJI_HOME", "LINGJI_RECORDS", "LINGJI_TRAINER", "MLFLOW_TRACKING_URI"):
        monkeypatch.delenv(name, raising=False)
    with start_blocking_portal() as portal, ExitStack() as stack:
        yield Journey(portal, stack)


def test_the_page_leads_from_a_round_to_a_reviewed_release_and_back(journey: Journey) -> None:
    for words in commands(PAGES[0]):
        journey.run(words)
    said = journey.said
    assert said["promote 1"][0]["reviewed"] is False
    (compared,) = (each["comparison"] for each in said["retrain --trainer"])
    assert (compared["challenger"]["version"], compared["champion"]["version"]) == (2, 1)
    assert journey.registry.version(2).trainer == "zhang"
    unreviewed, reviewed = (
        {verdict["name"]: verdict["status"] for verdict in found["verdicts"]}
        for found in said["gates 2"]
    )
    assert (unreviewed["reviewed"], reviewed["reviewed"]) == ("fail", "pass")
    for sure in ("challenger", "champion", "distinct", "bundle", "later_rounds"):
        assert reviewed[sure] == "pass", sure
    assert {reviewed[f"from_zero/{head}"] for head in ("axis", "second", "cost")} == {"pass"}
    assert [each["missing"] for each in said["approve 2"]] == [1, 0]
    assert said["promote 2"][0]["reviewed"] is True
    (listed,) = said["models"]
    assert (listed["champion"], listed["reviewed"]) == (2, True)
    assert listed["mlflow_alias"] == {"version": 2, "state": "agrees", "unknown": None}
    assert said["rollback"][0]["champion"] == 1
    assert journey.served == [(1, False), (2, True), (1, False)]
    journey.until(lambda now: now["release_record"] == now["mlflow_alias"] == "agrees")
    with RecordLog.open("sqlite:///var/records.db") as log:
        kept = [each.content()["content"] for each in log.records(SERVICE, kind="release")]
    assert [each["after"]["version"] for each in kept] == [2, 1]
    assert len(kept[0]["approval"]["signatures"]) == 2


def test_both_pages_give_the_same_commands() -> None:
    english, chinese = ([words[:2] for words in commands(page)] for page in PAGES)
    assert english == chinese
    assert len(english) > 15
