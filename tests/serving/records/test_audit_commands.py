"""`lingji audit`: key, checkpoint, export and verify, their exit codes and what they say."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from serving.command_line.program import PROGRAM
from serving.records.record import Record
from serving.records.record_log import RecordLog


def audit(*words: object) -> Result:
    return CliRunner().invoke(PROGRAM, ["audit", *map(str, words)])


def told(result: Result) -> str:
    return " ".join((result.stdout + result.stderr).split())


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A working folder with seven records, and a key pair beside it."""
    with RecordLog.open(f"sqlite:///{tmp_path / 'home' / 'records.db'}") as log:
        for number in range(7):
            log.append(Record("score", "platform", {"number": number})).result()
    made = audit("key", "finance.example/records", "--out", tmp_path / "log.pem")
    assert made.exit_code == 0, told(made)
    return tmp_path / "home"


def test_the_whole_way(home: Path, tmp_path: Path) -> None:
    pem, vkey = tmp_path / "log.pem", tmp_path / "log.vkey"
    assert stat.S_IMODE(pem.stat().st_mode) == 0o600
    kept, log = tmp_path / "kept", tmp_path / "log.jsonl"
    signed = audit("checkpoint", "--key", pem, "--out", kept, "--home", home, "--json")
    assert json.loads(signed.stdout)["size"] == 7
    assert kept.read_text(encoding="utf-8") == json.loads(signed.stdout)["note"]
    exported = audit("export", "--out", log, "--home", home)
    assert "9 lines" in told(exported)
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    for words in ([log], ["--home", home]):
        found = audit("verify", *words, "--key", vkey, "--checkpoint", kept)
        assert found.exit_code == 0
        assert "holds: records 0 to 6, root" in told(found)
        assert "Not shown" not in told(found)
    found = audit("verify", log, "--json")
    assert json.loads(found.stdout)["covered_by_outside_checkpoints"] == 0
    assert [path.name for path in tmp_path.glob("*.part")] == []


def test_a_log_that_does_not_hold_ends_with_1(home: Path, tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    audit("export", "--out", log, "--home", home)
    log.write_text(log.read_text(encoding="utf-8").replace('\\"number\\":3', '\\"number\\":4'))
    found = audit("verify", log)
    assert found.exit_code == 1
    assert "record 3: expected a record that hashes to" in told(found)
    assert audit("verify", log, "--json").exit_code == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["checkpoint", "--key", "no.pem", "--out", "x"], "got no file; make a key pair with"),
        (["checkpoint", "--key", "{pem}", "--out", "x", "--home", "nowhere"], "got no file at"),
        (["export", "--out", "x", "--home", "nowhere"], "got no file at"),
        (["export", "--out", "x", "--home", "{home}", "--start", "9"], "records within 0 to 7"),
        (["verify", "nothing.jsonl"], "nothing.jsonl"),
        (["verify", "--home", "{home}", "--key", "nonsense"], "verifier key: expected"),
        (["key", "two words", "--out", "x"], "without spaces"),
        (["key", "a", "--out", "{pem}"], "never overwritten"),
    ],
)
def test_a_refusal_ends_with_1_and_says_why(
    home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    said: str,
) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    found = audit(*(word.format(home=home, pem=tmp_path / "log.pem") for word in words))
    assert found.exit_code == 1
    assert said in told(found)
    assert list((tmp_path / "elsewhere").iterdir()) == []


@pytest.mark.parametrize(
    "words", [["paint"], ["key"], ["checkpoint"], ["export"], ["verify", "--checkpoint", "x"]]
)
def test_wrong_use_ends_with_2(words: list[str]) -> None:
    assert audit(*words).exit_code == 2


@pytest.fixture
def of_people(home: Path) -> tuple[Path, str]:
    """The same folder with a record that holds private values, and its id."""
    record = Record("score", "platform", {}, private={"phone": "13800000000", "name": "张三"})
    with RecordLog.open(f"sqlite:///{home / 'records.db'}") as log:
        log.append(record).result()
    return home, record.record_id


def test_erasing_is_recorded_and_the_log_holds(of_people: tuple[Path, str], tmp_path: Path) -> None:
    home, record_id = of_people
    words = ["--ground", "当事人申请", "--home", home]
    done = audit("erase", record_id, "--field", "phone", *words, "--json")
    assert done.exit_code == 0, told(done)
    assert json.loads(done.stdout)["erased"] is True
    again = audit("erase", record_id, "--field", "phone", *words)
    assert "Nothing to do" in told(again)
    found = audit("verify", "--home", home)
    assert found.exit_code == 0, told(found)
    assert "1 private values as committed, 1 erased" in told(found)
    log = tmp_path / "log.jsonl"
    audit("export", "--out", log, "--home", home)
    assert '"phone":{"erased":true}' in log.read_text(encoding="utf-8")
    assert "13800000000" not in log.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("field", "ground", "said"),
    [
        ("address", "申请", "expected among the private values of record"),
        ("phone", " ", "a ground of 1 to 500 characters"),
        ("phone", "11010519491231002X", "got one, not shown"),
    ],
)
def test_what_cannot_be_erased_is_refused(
    of_people: tuple[Path, str], field: str, ground: str, said: str
) -> None:
    home, record_id = of_people
    done = audit("erase", record_id, "--field", field, "--ground", ground, "--home", home)
    assert done.exit_code == 1
    assert said in told(done)
    assert "11010519491231002X" not in told(done)
    assert "0 erased" in told(audit("verify", "--home", home)), "control: nothing went"


def test_another_key_is_recorded_and_the_log_holds(of_people: tuple[Path, str]) -> None:
    home, _ = of_people
    before = (home / "records.keys").read_text()
    done = audit("rotate-key", "--home", home, "--json")
    assert done.exit_code == 0, told(done)
    made = json.loads(done.stdout)
    assert made["values"] == 2
    assert (home / "records.keys").read_text().startswith(made["key_id"])
    assert audit("verify", "--home", home).exit_code == 0
    (home / "records.keys").write_text(before)
    found = audit("verify", "--home", home)
    assert found.exit_code == 1
    assert f"expected the key {made['key_id']}" in told(found)
