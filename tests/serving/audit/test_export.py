"""An exported record: one file that is verified with one other file, and not when it is altered."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import serving.records.verification as verification
from serving.records.checkpoint import SigningKey
from tests.serving.audit.conftest import Audited
from tests.serving.conftest import IDENTITY_NUMBER
from tests.serving.test_bad_requests import assert_refused


@pytest.fixture(scope="module")
def key() -> SigningKey:
    return SigningKey.generate("finance.example/records")


def exported(audited: Audited, record_id: str, grant: str = "auditor") -> str:
    answer = audited.keyed.call(grant, "GET", f"/audit/records/{record_id}/export?lang=en")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-disposition"] == (
        f'attachment; filename="lingji-{record_id}.html"'
    )
    return answer.text


def evidence_of(page: str) -> dict[str, Any]:
    (found,) = re.findall(r'<pre id="evidence">(.*?)</pre>', page, re.DOTALL)
    told: dict[str, Any] = json.loads(html.unescape(found))
    return told


def run(folder: Path, page: str, key: SigningKey, note: str | None) -> tuple[int, str]:
    """What a copy of the auditor's file says of an exported page, with nothing of the project."""
    shutil.copy(verification.__file__, folder / "verification.py")
    (folder / "record.html").write_text(page, encoding="utf-8")
    command = [sys.executable, "-I", "verification.py", "--record", "record.html"]
    command += ["--key", key.verifier.text()]
    if note is not None:
        (folder / "checkpoint.txt").write_text(note, encoding="utf-8")
        command += ["--checkpoint", "checkpoint.txt"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    return done.returncode, done.stdout


def test_the_file_is_verified_offline_against_a_checkpoint(
    audited: Audited, key: SigningKey, tmp_path: Path
) -> None:
    record_id = audited.score()
    audited.score(2)
    note = audited.keyed.records.checkpoint(key)
    audited.score(3)
    page = exported(audited, record_id)
    code, said = run(tmp_path, page, key, note)
    assert code == 0
    assert "holds: record 0" in said
    assert "Proven: it is one of the 2 records that finance.example/records signed" in said
    code, said = run(tmp_path, page, key, None)
    assert (code, "Not shown" in said, "Proven" in said) == (0, True, False)
    leaf = audited.keyed.records.record(record_id)
    assert leaf is not None
    assert evidence_of(page)["leaf"].encode() == leaf.leaf


def test_receipts_meet_the_first_and_the_newest_checkpoint(
    audited: Audited, key: SigningKey, tmp_path: Path
) -> None:
    record_id = audited.score()
    notes = []
    for number in range(2, 6):
        notes.append(audited.keyed.records.checkpoint(key))
        audited.score(number)
    page = exported(audited, record_id)
    assert [run(tmp_path, page, key, note)[0] for note in notes] == [0, 1, 1, 0]
    assert "export the record again" in run(tmp_path, page, key, notes[1])[1]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("&#34;people\\&#34;:500", "&#34;people\\&#34;:501"),
        (IDENTITY_NUMBER, "110105194912310038"),
        ("&#34;leaf_index&#34;:0", "&#34;leaf_index&#34;:1"),
    ],
    ids=["record", "personal value", "place"],
)
def test_control_an_altered_file_is_not_verified(
    audited: Audited, key: SigningKey, tmp_path: Path, old: str, new: str
) -> None:
    record_id = audited.score()
    audited.score(2)
    note = audited.keyed.records.checkpoint(key)
    page = exported(audited, record_id)
    start = page.index('<pre id="evidence">')
    assert old in page[start:]
    altered = page[:start] + page[start:].replace(old, new)
    code, said = run(tmp_path, altered, key, note)
    assert code == 1
    assert "DOES NOT HOLD" in said


def test_personal_values_go_with_it_only_where_they_may_be_seen(audited: Audited) -> None:
    record_id = audited.score()
    for grant, given in (("auditor", True), ("department:D1", True), ("expert", False)):
        page = exported(audited, record_id, grant)
        assert (IDENTITY_NUMBER in page) is given
        assert ("contact" in evidence_of(page)["private"]) is given
    leaf = json.loads(evidence_of(page)["leaf"])
    assert list(leaf["private"]) == ["contact"], "its commitment stands for it"


def test_a_department_exports_its_own(audited: Audited) -> None:
    own, foreign = audited.score(), audited.score(2, department="D2")
    assert "difference?" not in exported(audited, own, "department:D1")
    path = f"/audit/records/{foreign}/export"
    assert_refused(audited.keyed.call("department:D1", "GET", path), 404)
    page = audited.page("department:D1", f"/record/{own}?lang=en")
    assert f"audit/records/{own}/export" in page


@pytest.mark.parametrize("text", ["", "{}", "<p>no record</p>", '{"type": "record", "format": 9}'])
def test_what_is_no_exported_record_is_not_verified(
    key: SigningKey, tmp_path: Path, text: str
) -> None:
    code, said = run(tmp_path, text, key, None)
    assert code == 1
    assert said.startswith("does not hold: ")
