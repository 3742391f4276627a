"""A service whose experts have cases to judge."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from anyio.from_thread import BlockingPortal

from models.registry import Registry, Release
from models.review.round import KeptRound
from serving.access.caller import parse_grant
from tests.reviews import made_round
from tests.serving.access.conftest import Keyed, keyed_service
from tests.serving.conftest import tiny_project

PAGE = {"accept": "text/html"}
OTHER = "expert 2"
CHANGES = {"policy": "none", "area": 2400.0}
SCORES = {"score_necessity": "81.5", "score_importance": "44"}
JUDGEMENT = {**SCORES, "low_cost": "200,000", "high_cost": "350000", "comment": "依据充分"}


@dataclass(frozen=True)
class Reviewed:
    """The service, its folder, and the round whose cases wait."""

    keyed: Keyed
    home: Path
    kept: KeptRound

    def id(self, number: int = 1) -> str:
        """The id of a case."""
        return self.kept.round.cases[number - 1].id

    def case(self, grant: str, number: int = 1) -> dict[str, Any]:
        """A case as a program sees it."""
        answer = self.keyed.call(grant, "GET", f"/review/cases/{self.id(number)}")
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told

    def page(self, grant: str, path: str) -> str:
        answer = self.keyed.call(grant, "GET", path, headers=PAGE)
        assert answer.status_code == 200, answer.text
        return answer.text

    def send(self, grant: str, path: str, **fields: str) -> httpx.Response:
        """A form, sent by a program."""
        return self.keyed.call(grant, "POST", path, data=fields)

    def judge(self, grant: str = "expert", number: int = 1, **changes: str) -> httpx.Response:
        path = f"/review/cases/{self.id(number)}/judgement"
        return self.send(grant, path, **{**JUDGEMENT, **changes})

    def compare(self, grant: str = "expert", number: int = 1, **changes: str) -> httpx.Response:
        heads = ("necessity", "importance", "cost", "late")
        stances = {f"stance_{side}_{head}": "agree" for side in (1, 2) for head in heads}
        path = f"/review/cases/{self.id(number)}/opinion"
        return self.send(grant, path, **{**stances, "comment": "", **changes})

    def score(self, number: int) -> str:
        """The id of a record of the score of a case's project, as the platform asks for it."""
        answer = self.keyed.post("platform", "/score", {"project": tiny_project(number)})
        return str(answer.json()["record_id"])


@pytest.fixture
def reviewed(tmp_path: Path, release: Release, portal: BlockingPortal) -> Iterator[Reviewed]:
    keyed = keyed_service(tmp_path, release, portal, home=tmp_path)
    key, keyed.keys[OTHER] = keyed.access.keys.create(parse_grant("expert"), "another", 30)
    keyed.ids[OTHER] = key.id
    folder = Registry(tmp_path, "tiny").folder
    documents = [tiny_project(number) for number in (1, 2, 3)]
    kept = made_round(folder, release, documents, keyed.records, CHANGES)
    with closing(keyed.records), closing(keyed.store):
        yield Reviewed(keyed, tmp_path, kept)
