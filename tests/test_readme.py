"""The two READMEs say the same, and the two commands are those that newcomers and CI use."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
ENGLISH, CHINESE = (
    (ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "README.zh-CN.md")
)


def shell(text: str) -> list[str]:
    return re.findall(r"^```sh\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def links(text: str) -> list[str]:
    found = re.findall(r"\]\(([^)]+)\)", text)
    return [link for link in found if not link.startswith("README")]


def headings(text: str) -> int:
    return len(re.findall(r"^## ", text, re.MULTILINE))


def test_both_languages_give_the_same_commands_links_and_sections() -> None:
    given = [block.replace("--lang zh", "--lang en") for block in shell(CHINESE)]
    assert given == shell(ENGLISH)
    assert [link.replace(".zh-CN", "") for link in links(CHINESE)] == links(ENGLISH)
    assert headings(CHINESE) == headings(ENGLISH)


def test_two_commands_are_enough_and_ci_runs_the_second() -> None:
    demo, test = shell(ENGLISH)[0].splitlines()
    assert (demo, test) == ("make demo", "make test")
    steps = [line for line in (ROOT / ".ci" / "run").read_text().splitlines() if "make" in line]
    assert steps == [test]


def test_the_file_tree_is_there() -> None:
    (tree,) = re.findall(r"^```text\n(features/.*?)^```", ENGLISH, re.DOTALL | re.MULTILINE)
    folders = [line.split()[0] for line in tree.splitlines()]
    made_while_working = {"var/"}
    assert [f for f in folders if f not in made_while_working and not (ROOT / f).is_dir()] == []
