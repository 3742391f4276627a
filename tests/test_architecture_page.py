"""The pages about the code name what exists: modules, functions, files, the main path itself."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import textwrap
from pathlib import Path

import pytest

from serving.appraisal import appraise

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "ARCHITECTURE.md", *sorted((ROOT / "docs" / "decisions").glob("*.md"))]
_DOTTED = re.compile(r"`((?:features|models|training|serving)(?:\.\w+)+)`")
_FILE = re.compile(r"`((?:tests|docs|features|models|training|serving)/[\w/]+\.\w+)`")


def unknown_names(text: str) -> list[str]:
    """The dotted names of a text that are neither a module nor something in one."""
    return [name for name in _DOTTED.findall(text) if not exists(name)]


def exists(name: str) -> bool:
    try:
        importlib.import_module(name)
    except ModuleNotFoundError:
        module, _, attribute = name.rpartition(".")
        if not module:
            return False
        try:
            return hasattr(importlib.import_module(module), attribute)
        except ModuleNotFoundError:
            outer, _, kind = module.rpartition(".")  # a method of a class
            return hasattr(getattr(importlib.import_module(outer), kind, None), attribute)
    return True


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_name_in_the_page_exists(page: Path) -> None:
    assert unknown_names(page.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_in_the_page_exists(page: Path) -> None:
    named = _FILE.findall(page.read_text(encoding="utf-8"))
    assert [name for name in named if not (ROOT / name).is_file()] == []


def test_control_names_that_do_not_exist_are_noticed() -> None:
    text = "`models.head.Head.value` `models.bundle` `models.nothing` `models.head.Head.pray`"
    assert unknown_names(text) == ["models.nothing", "models.head.Head.pray"]


def test_the_main_path_is_listed_as_it_is() -> None:
    page = PAGES[0].read_text(encoding="utf-8")
    (listed,) = re.findall(r"^```python\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    function = ast.parse(textwrap.dedent(inspect.getsource(appraise))).body[0]
    assert isinstance(function, ast.FunctionDef)
    del function.body[0]  # the docstring
    assert ast.unparse(ast.parse(listed)) == ast.unparse(function)
