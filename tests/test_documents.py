"""The commands and links of the documentation exist.

Examples in Python are run by pytest itself, which collects `>>>` from documents and docstrings.
"""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from serving.command_line.program import PLACES
from serving.command_line.program import command as called

ROOT = Path(__file__).parent.parent
_BLOCK = re.compile(r"^```(?:sh|bash|console|shell)\n(.*?)^```", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(#[^)\s]*)?\)")

Commands = Mapping[str, frozenset[str]]
"""Command names to the options they take."""


def documents() -> list[Path]:
    """Every Markdown document that belongs to the project."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", "*.md"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / name for name in sorted(listed.stdout.split("\0")) if (ROOT / name).is_file()]


def shell_lines(text: str) -> Iterator[list[str]]:
    """The words of each command in the shell blocks of a document."""
    for block in _BLOCK.findall(text):
        for line in block.replace("\\\n", " ").splitlines():
            words = shlex.split(line.removeprefix("$ "), comments=True)
            while words and re.fullmatch(r"[A-Z_]+=.*", words[0]):
                words = words[1:]
            if words:
                yield words


def wrong_command(words: list[str], commands: Commands, targets: set[str]) -> str | None:
    """What is wrong with a command of this project; None if nothing, or if it is another's."""
    program, *rest = words
    if Path(program).name == "make":
        missing = {word for word in rest if "=" not in word and not word.startswith("-")} - targets
        return f"no such target: {', '.join(sorted(missing))}" if missing else None
    if Path(program).name == "lingji" and rest:
        name = " ".join(rest[:2]) if " ".join(rest[:2]) in commands else rest[0]
        if name not in commands:
            return f"no such command: lingji {name}"
        options = {word.split("=")[0] for word in rest if word.startswith("--")}
        missing = options - commands[name]
        return f"lingji {name} has no {', '.join(sorted(missing))}" if missing else None
    return None


def dead_links(document: Path) -> list[str]:
    """The relative links of a document that lead nowhere."""
    links = (found[1] for found in _LINK.finditer(document.read_text(encoding="utf-8")))
    relative = (link for link in links if not re.match(r"[a-z]+:", link))
    return [link for link in relative if not (document.parent / link).exists()]


@cache
def make_targets() -> set[str]:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    return set(re.findall(r"^([a-z][a-z-]*):", makefile, re.MULTILINE))


@cache
def lingji_commands() -> Commands:
    return {
        name: frozenset({option for p in command.params for option in p.opts} | {"--help"})
        for name, command in named_commands({name: called(name) for name in PLACES})
    }


def named_commands(commands: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Every command under its name; one of a group under both names."""
    for name, command in commands.items():
        group = hasattr(command, "commands")
        yield from (
            ((f"{name} {inner}", found) for inner, found in named_commands(command.commands))
            if group
            else [(name, command)]
        )


@pytest.mark.parametrize("document", documents(), ids=lambda path: path.name)
def test_every_command_in_a_document_exists(document: Path) -> None:
    commands = lingji_commands()
    wrong = [
        f"{shlex.join(words)}: {fault}"
        for words in shell_lines(document.read_text(encoding="utf-8"))
        if (fault := wrong_command(words, commands, make_targets()))
    ]
    assert wrong == []


@pytest.mark.parametrize("document", documents(), ids=lambda path: path.name)
def test_every_link_in_a_document_leads_somewhere(document: Path) -> None:
    assert dead_links(document) == []


def test_the_recipes_of_the_makefile_call_commands_that_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    recipes = [shlex.split(line) for line in makefile.splitlines() if ".venv/bin/lingji" in line]
    assert len(recipes) >= 2
    assert [wrong_command(words, lingji_commands(), make_targets()) for words in recipes] == [
        None for _ in recipes
    ]


def test_the_entry_points_of_mlproject_call_commands_that_exist() -> None:
    entries = yaml.safe_load((ROOT / "MLproject").read_text(encoding="utf-8"))["entry_points"]
    assert set(entries) >= {"simulate", "train", "outcomes", "retrain", "report"}
    for entry in entries.values():
        words = shlex.split(entry["command"])
        assert wrong_command(words, lingji_commands(), make_targets()) is None
        asked = set(re.findall(r"{(\w+)}", entry["command"]))
        assert asked == set(entry["parameters"])


def test_control_wrong_commands_and_links_are_noticed(tmp_path: Path) -> None:
    text = (
        "```sh\n$ make demo  # fine\nPYTHON=x make none\nlingji score a.csv \\\n  --out b.csv\n"
        "lingji score --colour red\nlingji scores\nlingji keys cut\nlingji keys list --all\nls\n"
        "```\n[here](a.md) [gone](none.md)\n"
        "[out](https://example.org) [place](a.md#part)\n"
    )
    document = tmp_path / "a.md"
    document.write_text(text, encoding="utf-8")
    commands = {"score": frozenset({"--out"}), "keys list": frozenset({"--json"})}
    faults = [wrong_command(words, commands, {"demo"}) for words in shell_lines(text)]
    assert faults == [
        None,
        "no such target: none",
        None,
        "lingji score has no --colour",
        "no such command: lingji scores",
        "no such command: lingji keys",
        "lingji keys list has no --all",
        None,
    ]
    assert dead_links(document) == ["none.md"]
