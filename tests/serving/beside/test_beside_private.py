"""Personal values in what is answered beside: an erasure reaches them too."""

from __future__ import annotations

from pathlib import Path

import orjson
from typer.testing import CliRunner

from models.appraised_project import appraised_project
from models.registry import Release
from serving.appraisal import appraised
from serving.asker import Asker
from serving.beside.beside_record import beside_record
from serving.command_line.program import PROGRAM
from serving.recording.recorded_answer import recorded_answer
from serving.records.database import SERVICE
from serving.records.record_log import RecordLog
from tests.serving.conftest import IDENTITY_NUMBER, tiny_project


def test_what_is_erased_of_an_answer_is_erased_of_the_answer_beside_it(
    release: Release, tmp_path: Path
) -> None:
    address = f"sqlite:///{tmp_path / 'records.db'}"
    with RecordLog.open(address) as log:
        said = [appraised(tiny_project(number), release) for number in (1, 2)]
        given = [recorded_answer(release, each, log, Asker("a", "platform", "x")) for each in said]
        for each, answer in zip(said, given, strict=True):
            again = appraised_project(release.model, each.prediction, each.row)
            log.append(beside_record(release, again, answer["record_id"], 1, "shadow")).result()
        before = log.records(SERVICE, kind="shadow")
        assert IDENTITY_NUMBER.encode() not in before[0].leaf
        assert all(each.private["contact"] is not None for each in before)
    command = ["audit", "erase", given[0]["record_id"], "--field", "contact", "--ground", "asked"]
    done = CliRunner().invoke(PROGRAM, [*command, "--records", address, "--json"])
    assert done.exit_code == 0, done.output
    assert len(orjson.loads(done.stdout)["beside"]) == 1
    with RecordLog.open(address) as log:
        first, second = log.records(SERVICE, kind="shadow")
        assert first.private["contact"] is None
        assert second.private["contact"] is not None  # control
