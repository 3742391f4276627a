"""Access keys: shown once, kept as a digest, refused when expired, revoked or malformed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from serving.access.caller import Caller, Grant, Role, parse_grant, visible
from serving.access.keys import Keys
from serving.access.store import FILE, AccessStore
from serving.errors import AccessError
from tests.serving.access.conftest import GRANTS, Clock

REVOKE = """
import sys
from pathlib import Path
from serving.access.keys import Keys
from serving.access.store import access_store
with access_store(Path(sys.argv[1])) as store:
    Keys(store).revoke(sys.argv[2])
"""


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[AccessStore]:
    opened = AccessStore(tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def keys(store: AccessStore, clock: Clock) -> Keys:
    return Keys(store, clock)


def test_a_key_says_who_holds_it(keys: Keys) -> None:
    key, secret = keys.create(Grant(Role.DEPARTMENT, "D1"), "roads", 7)
    assert keys.holder(secret) == Caller(Grant(Role.DEPARTMENT, "D1"), key.id)
    assert keys.listed() == [key]


def test_a_key_is_256_random_bits_and_never_twice_the_same(keys: Keys) -> None:
    secrets = {keys.create(Grant(Role.ADMIN), "a", 1)[1] for _ in range(50)}
    assert len(secrets) == 50
    assert {len(secret) for secret in secrets} == {len("lingji_") + 43}  # 43 × 6 bits ≥ 256


def test_the_key_itself_is_in_no_file(keys: Keys, tmp_path: Path) -> None:
    _, secret = keys.create(Grant(Role.ADMIN), "label of it", 1)
    kept = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert secret.removeprefix("lingji_").encode() not in kept
    assert b"label of it" in kept, "control: what is kept is found"


def test_nobody_else_reads_the_files(keys: Keys, tmp_path: Path) -> None:
    keys.create(Grant(Role.ADMIN), "a", 1)
    files = list(tmp_path.iterdir())
    assert tmp_path / FILE in files
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}


def test_a_file_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    AccessStore(tmp_path).close()
    (tmp_path / FILE).chmod(0o644)
    AccessStore(tmp_path).close()
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600


def test_a_key_expires_on_the_second(keys: Keys, clock: Clock) -> None:
    key, secret = keys.create(Grant(Role.ADMIN), "a", 2)
    clock.now = key.expires - 1
    assert keys.holder(secret).name == key.id
    clock.now = key.expires
    with pytest.raises(AccessError, match="has expired"):
        keys.holder(secret)
    assert keys.listed()[0].state(clock.now) == "expired"


def test_a_revoked_key_is_refused_and_stays_so(keys: Keys, clock: Clock) -> None:
    key, secret = keys.create(Grant(Role.ADMIN), "a", 2)
    revoked = keys.revoke(key.id)
    clock.now += 5
    assert keys.revoke(key.id) == revoked, "the time of the first revocation is kept"
    with pytest.raises(AccessError, match="has been revoked"):
        keys.holder(secret)
    assert keys.any(), "the door stays closed"


def test_what_another_process_revokes_is_refused_at_once(keys: Keys, tmp_path: Path) -> None:
    key, secret = keys.create(Grant(Role.ADMIN), "a", 2)
    other, kept = keys.create(Grant(Role.ADMIN), "b", 2)
    assert keys.holder(secret).name == key.id
    subprocess.run([sys.executable, "-c", REVOKE, str(tmp_path), key.id], check=True)
    with pytest.raises(AccessError, match="has been revoked"):
        keys.holder(secret)
    assert keys.holder(kept).name == other.id


@pytest.mark.parametrize(
    "change",
    [
        lambda s: "",
        lambda s: s[:-1],
        lambda s: s + "a",
        lambda s: s.upper(),
        lambda s: s.removeprefix("lingji_"),
        lambda s: s + "\n",
        lambda s: " " + s,
        lambda s: s.replace("lingji_", "lingji-"),
        lambda s: "lingji_" + "é" * 43,
        lambda s: "lingji_" + "' OR 1=1 --".ljust(43, "a"),
        lambda s: s * 10_000,
    ],
)
def test_a_malformed_key_is_no_key(keys: Keys, change: object) -> None:
    _, secret = keys.create(Grant(Role.ADMIN), "a", 2)
    with pytest.raises(AccessError, match=r"is not an access key|is not known"):
        keys.holder(change(secret))  # type: ignore[operator]


def test_a_key_of_another_service_is_not_known(keys: Keys, tmp_path: Path) -> None:
    elsewhere = AccessStore(tmp_path / "elsewhere")
    _, secret = Keys(elsewhere).create(Grant(Role.ADMIN), "a", 2)
    elsewhere.close()
    with pytest.raises(AccessError, match="is not known"):
        keys.holder(secret)


@pytest.mark.parametrize("days", [0, -1, 3_661, float("nan"), float("inf")])
def test_a_key_must_expire(keys: Keys, days: float) -> None:
    with pytest.raises(AccessError, match="expected 1 to 3,660 days"):
        keys.create(Grant(Role.ADMIN), "a", days)


@pytest.mark.parametrize("label", ["", "  ", "a\nb", "a" * 201])
def test_a_key_must_have_a_label_of_one_line(keys: Keys, label: str) -> None:
    with pytest.raises(AccessError, match="expected a label"):
        keys.create(Grant(Role.ADMIN), label, 1)


def test_revoking_what_is_no_key_is_refused(keys: Keys) -> None:
    with pytest.raises(AccessError, match="expected the id of a key"):
        keys.revoke("k-none")


@pytest.mark.parametrize("text", GRANTS)
def test_a_grant_is_written_as_it_is_read(text: str) -> None:
    assert str(parse_grant(text)) == text


@pytest.mark.parametrize(
    "text",
    ["", "root", "ADMIN", "department", "department:", "department: D1", "admin:D1", "expert:",
     "department:D1\n", "department:" + "9" * 65, "admin "],
)  # fmt: skip
def test_another_word_is_no_role(text: str) -> None:
    with pytest.raises(AccessError, match="expected a role, one of platform, department:CODE"):
        parse_grant(text)


def test_a_department_is_of_the_role_department_only() -> None:
    for role, department in ((Role.DEPARTMENT, None), (Role.ADMIN, "D1"), (Role.DEPARTMENT, "")):
        with pytest.raises(AccessError, match="expected a code with the role department"):
            Grant(role, department)


def test_a_department_sees_its_own_and_others_see_all() -> None:
    seen = {
        g: [visible(Caller(parse_grant(g), "x"), d) for d in ("D1", "D2", None)] for g in GRANTS
    }
    assert seen.pop("department:D1") == [True, False, False]
    assert seen.pop("department:D2") == [False, True, False]
    assert all(seen.values())
    assert {tuple(row) for row in seen.values()} == {(True, True, True)}


MAKE = """
import sys
from pathlib import Path
from serving.access.store import AccessStore
print("ready", flush=True)
for folder in sys.stdin.readline().split():
    AccessStore(Path(folder)).close()
"""


def test_processes_that_begin_together_find_one_database(tmp_path: Path) -> None:
    folders = [tmp_path / str(number) for number in range(40)]
    command = [sys.executable, "-W", "error", "-c", MAKE]
    pipe = subprocess.PIPE
    started = [
        subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True) for _ in range(3)
    ]
    for process in started:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    told = [
        process.communicate(" ".join(map(str, folders)) + "\n", timeout=60) for process in started
    ]
    assert [error for _, error in told] == ["", "", ""]
    assert [sorted(f.name for f in folder.iterdir()) for folder in folders] == [[FILE]] * 40


def test_another_format_is_not_touched(tmp_path: Path, store: AccessStore) -> None:
    store.execute("PRAGMA user_version = 9")
    with pytest.raises(AccessError, match="format 9, which this version does not read"):
        AccessStore(tmp_path)


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"not a database" * 100)
    with pytest.raises(AccessError, match=r"expected to open the access keys in .*access\.db"):
        AccessStore(tmp_path)
