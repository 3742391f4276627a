"""A service with the model of the invented province, and projects in its log that are pairs."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from anyio.from_thread import BlockingPortal

from models.registry import Release
from serving.access.access import Access
from serving.access.caller import parse_grant
from serving.access.ration import Ration
from serving.access.store import AccessStore
from serving.appraisal import appraised
from serving.asker import Asker
from serving.assembly import around
from serving.questions import questions
from serving.recording.recorded_answer import recorded_answer
from serving.records.record_log import RecordLog
from serving.settings import Limits
from tests.serving.conftest import Caller
from tests.small_model import province

GRANTS = ("platform", "department:212002", "department:213001", "expert", "trainer", "auditor")
TEXT = "青屿市城市管理局更换滨海大道、文昌路高压钠灯，加装单灯控制器，实施规模为1240盏。"


def lights(code: str, **changes: Any) -> dict[str, Any]:
    """A declared project about street lights, with fields changed."""
    project: dict[str, Any] = {
        "pro_code": code,
        "fiscal_year": 2025,
        "pro_name": "青屿市城市管理局路灯照明节能改造项目",
        "pro_desc": TEXT,
        "pro_necessary": "青屿市城市管理局摸排发现，滨海大道照度低于标准，灯具故障率逐年上升。",
        "mof_div_code": "990200",
        "dept_code": "212002",
        "project_type": "urban_upkeep",
        "topic": "urban_upkeep",
        "exp_func_code": "2120104",
        "exist_status": "001",
        "pro_attr": "NEW",
        "apply_amt": 1_860_000,
        "driver_quantity": 1_240,
        "driver_unit": "公里",
        "price_index": 1.1,
        "region_level": "city",
        "beneficiaries": 52_000,
        "statutory_duty": False,
        "policy_basis": [{"doc_title": "亮化办法", "doc_no": "青政发〔2023〕12号"}],
        "kpi": [
            {"level1": "产出指标", "name": name, "target": target}
            for name, target in (("更换灯具数量", "1240"), ("设施完好率", "98"), ("节电率", "41"))
        ],
    }
    return deepcopy(project | changes)


def twin(code: str, **changes: Any) -> dict[str, Any]:
    """The same project as another department declares it."""
    return lights(
        code,
        pro_name="青屿市住建局路灯照明节能改造工程",
        pro_desc=TEXT.replace("城市管理局", "住建局").replace("更换", "换装"),
        dept_code="213001",
        apply_amt=1_910_000,
    ) | changes  # fmt: skip


def library(code: str, **changes: Any) -> dict[str, Any]:
    """Another project."""
    return lights(
        code,
        pro_name="青屿市城市管理局公园座椅更新项目",
        pro_desc="青屿市城市管理局更新人民公园座椅和垃圾桶，规模为86处。",
        pro_necessary="座椅破损较多，市民反映集中。",
        apply_amt=230_000,
        driver_quantity=86,
        beneficiaries=9_000,
        policy_basis=[],
        kpi=[{"level1": "产出指标", "name": "更新座椅数", "target": "86"}],
    ) | changes  # fmt: skip


@pytest.fixture(scope="session")
def release() -> Release:
    return province().release


@pytest.fixture
def log(tmp_path: Path) -> Iterator[RecordLog]:
    with RecordLog.open(f"sqlite:///{tmp_path}/records.db") as opened:
        yield opened


def recorded(project: dict[str, Any], release: Release, log: RecordLog) -> str:
    """The id of the record of a project's score."""
    asker = Asker("k-0", "platform", "POST /score")
    answer = recorded_answer(release, appraised(project, release), log, asker)
    return str(answer["record_id"])


class Keys:
    """A service that asks for keys, and what a role gets from it."""

    def __init__(self, caller: Caller, keys: dict[str, str]) -> None:
        self._caller = caller
        self._keys = keys

    def get(self, grant: str, path: str, **headers: str) -> Any:
        return self._caller.get(path, authorization=f"Bearer {self._keys[grant]}", **headers)

    def post(self, grant: str, path: str, body: Any) -> Any:
        return self._caller.post(path, body, {"authorization": f"Bearer {self._keys[grant]}"})

    def send(self, grant: str, path: str, form: dict[str, str], **headers: str) -> Any:
        """Post a form, as a program does."""
        given = {"authorization": f"Bearer {self._keys[grant]}", **headers}
        return self._caller.call("POST", path, data=form, headers=given)


@pytest.fixture
def keys(release: Release, log: RecordLog, portal: BlockingPortal, tmp_path: Path) -> Keys:
    store = AccessStore(tmp_path, durable=False)
    access = Access(store, None, Ration(store, 1_000))
    made = {g: access.keys.create(parse_grant(g), f"for {g}", 30)[1] for g in GRANTS}
    app = around(questions, release, Limits(), access, log, tmp_path)
    return Keys(Caller(app, portal), made)
