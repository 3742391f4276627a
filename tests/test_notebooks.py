"""The notebooks run from top to bottom, and are kept without what a run leaves in them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
PATIENCE = 300


def left_behind(notebook: str) -> list[str]:
    """The cells of a notebook that hold outputs or counts of a run."""
    cells = json.loads(notebook)["cells"]
    return [cell["id"] for cell in cells if cell.get("outputs") or cell.get("execution_count")]


def run(notebook: Path) -> subprocess.CompletedProcess[str]:
    """What pytest says of a notebook, run in a process of its own."""
    words = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--nbmake"]
    environment = {**os.environ, "MPLBACKEND": "module://matplotlib_inline.backend_inline"}
    return subprocess.run(
        [*words, str(notebook)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs(notebook: Path) -> None:
    done = run(notebook)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_kept_without_outputs(notebook: Path) -> None:
    assert left_behind(notebook.read_text(encoding="utf-8")) == []


def test_control_a_cell_that_fails_and_one_with_an_output_are_noticed(tmp_path: Path) -> None:
    cell = {"cell_type": "code", "id": "one", "metadata": {}, "source": "assert 1 + 1 == 3"}
    kept = {**cell, "outputs": [{"output_type": "stream", "name": "stdout", "text": "2"}]}
    spec = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": spec}
    file = tmp_path / "wrong.ipynb"
    cells = [{**cell, "outputs": [], "execution_count": None}]
    file.write_text(json.dumps({**notebook, "cells": cells}), encoding="utf-8")
    assert run(file).returncode == 1
    assert left_behind(json.dumps({**notebook, "cells": [kept]})) == ["one"]


def test_there_is_a_notebook() -> None:
    assert NOTEBOOKS
