"""The locks pin with hashes, carry no address, and agree with pyproject.toml and each other."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-bench.lock")
PIN = re.compile(r"^(?P<name>[a-z0-9][a-z0-9._-]*)==(?P<rest>[^\\]+?)\s*\\?$")


def pins(text: str) -> set[tuple[str, str]]:
    """The (name, version and marker) pairs of a lock."""
    found = (PIN.match(line) for line in text.splitlines())
    return {(match["name"], match["rest"].strip()) for match in found if match}


def unhashed(text: str) -> list[str]:
    """The pinned lines that no hash follows."""
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return [
        line
        for line, following in zip(lines, [*lines[1:], ""], strict=True)
        if PIN.match(line) and not following.strip().startswith("--hash=sha256:")
    ]


def addresses(text: str) -> list[str]:
    """The lines that say where to fetch something from."""
    return [line for line in text.splitlines() if re.search(r"[a-z]+://|--(extra-)?index|@ ", line)]


def declared(groups: tuple[str, ...]) -> set[str]:
    """The names of what pyproject.toml asks for, in a lock's spelling."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = list(project["project"]["dependencies"])
    for group in groups:
        wanted += project["dependency-groups"][group]
    return {re.split(r"[<>=!~ ;\[]", name)[0].lower().replace("_", "-") for name in wanted}


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_has_a_hash_and_no_address(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert len(pins(text)) > 100
    assert unhashed(text) == []
    assert addresses(text) == []


def test_control_a_missing_hash_and_an_address_are_noticed() -> None:
    text = "a==1.0 \\\n    --hash=sha256:00\nb==2.0\n--index-url https://mirror.example/simple\n"
    assert pins(text) == {("a", "1.0"), ("b", "2.0")}
    assert unhashed(text) == ["b==2.0"]
    assert addresses(text) == ["--index-url https://mirror.example/simple"]


@pytest.mark.parametrize(
    ("lock", "groups"),
    list(zip(LOCKS, [("build",), ("dev",), ("dev", "bench")], strict=True)),
)
def test_the_lock_holds_what_the_project_declares(lock: str, groups: tuple[str, ...]) -> None:
    names = {name for name, _ in pins((ROOT / lock).read_text(encoding="utf-8"))}
    assert declared(groups) - names == set()


def test_tests_and_benchmarks_run_with_the_versions_that_the_product_runs_with() -> None:
    runtime, dev, bench = (pins((ROOT / lock).read_text(encoding="utf-8")) for lock in LOCKS)
    assert runtime - dev == set()
    assert dev - bench == set()
