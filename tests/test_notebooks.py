"""The notebooks: each script runs, its notebook holds what the run gives, and nothing is left."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import matplotlib
import nbformat
import pytest

from tests.kept_notebooks import FOLDER, PATIENCE, Notebook, from_script, scripts, shown
from tests.village_roads import HEADER, OUTCOMES, rounds, write_table

ROOT = FOLDER.parent
EXAMPLE = ROOT / "docs" / "examples" / "village_roads" / "past.csv"
NOT_OURS = {"var", "__pycache__", "build"}
"""Folders into which other tests, or Python, may write meanwhile; hidden ones are passed over."""


def read(path: Path) -> Notebook:
    return nbformat.read(path, nbformat.NO_CONVERT)


def cells(notebook: Notebook) -> list[tuple[str, str]]:
    """What people wrote."""
    return [(cell.cell_type, cell.source) for cell in notebook.cells]


def tree(folder: Path) -> set[str]:
    """Every file below a folder."""
    found = set()
    for place, inside, files in os.walk(folder):
        inside[:] = [n for n in inside if n not in NOT_OURS and not n.startswith(".")]
        found |= {str(Path(place, n).relative_to(folder)) for n in files if not n.startswith(".")}
    return found


def run_in(folder: Path, script: Path) -> subprocess.CompletedProcess[str]:
    """A run of a script in an empty folder, by a process that finds all temporary places there."""
    places = {name: folder / name.lower() for name in ("HOME", "TMPDIR", "IPYTHONDIR")}
    places["JUPYTER_RUNTIME_DIR"] = folder / "runtime"
    for path in (*places.values(), folder / "cwd", folder / "out"):
        path.mkdir()
    environment = {name: value for name, value in os.environ.items() if "LINGJI" not in name}
    environment |= {name: str(path) for name, path in places.items()}
    # The list of fonts takes seconds to make: that of this machine is used.
    environment |= {"PYTHONPATH": str(ROOT), "MPLCONFIGDIR": matplotlib.get_cachedir()}
    words = [sys.executable, "-m", "tests.kept_notebooks", "--out", str(folder / "out")]
    return subprocess.run(
        [*words, str(script)],
        cwd=folder / "cwd",
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


@pytest.mark.parametrize("script", scripts(), ids=lambda path: path.stem)
def test_a_notebook_runs_and_holds_what_it_gives_and_leaves_nothing(
    script: Path, tmp_path: Path
) -> None:
    before, notebook = tree(ROOT), script.with_suffix(".ipynb").read_bytes()
    done = run_in(tmp_path, script)
    assert done.returncode == 0, done.stderr[-3_000:]
    assert tree(ROOT) - before == set()
    assert script.with_suffix(".ipynb").read_bytes() == notebook
    for place in ("cwd", "home", "tmpdir"):
        assert tree(tmp_path / place) == set(), place
    kept, given = (read(folder / f"{script.stem}.ipynb") for folder in (FOLDER, tmp_path / "out"))
    assert cells(kept) == cells(given)
    assert shown(kept) == shown(given), "run `make notebooks` and look at what has changed"


@pytest.mark.parametrize("script", scripts(), ids=lambda path: path.stem)
def test_the_pair_is_in_step_and_nothing_in_it_is_an_error_or_a_warning(script: Path) -> None:
    kept = read(script.with_suffix(".ipynb"))
    assert cells(kept) == cells(from_script(script))
    outputs = [output for cell in kept.cells for output in cell.get("outputs", ())]
    assert any("image/svg+xml" in output.get("data", {}) for output in outputs)
    wrong = [o for o in outputs if o.output_type == "error" or o.get("name") == "stderr"]
    assert wrong == []


@pytest.mark.parametrize("script", scripts(), ids=lambda path: path.stem)
def test_cells_are_short_and_headings_in_both_languages(script: Path) -> None:
    for kind, source in cells(from_script(script)):
        if kind == "code":
            assert source.count("\n") < 25, source
        else:
            heading = source.splitlines()[0]
            assert " · " in heading
            assert any("一" <= letter <= "鿿" for letter in heading), heading


def test_every_notebook_has_its_script_and_there_are_six() -> None:
    assert [s.with_suffix(".ipynb") for s in scripts()] == sorted(FOLDER.glob("*.ipynb"))
    assert len(scripts()) == 6


CONTROL = """
# %% [markdown]
# # 对照 · Control

# %%
{code}
"""


@pytest.mark.parametrize(
    ("code", "noticed"),
    [
        ("print(1 + 1)", "nothing"),
        ("print(1 + 2)", "another output"),
        ("assert 1 + 1 == 3", "a failure"),
        ("from pathlib import Path\nprint(1 + Path('left.txt').write_text('2'))", "a file"),
    ],
)
def test_control_an_output_a_failure_and_a_file_are_noticed(
    tmp_path: Path, code: str, noticed: str
) -> None:
    script = tmp_path / "control.py"
    script.write_text(CONTROL.format(code=code).lstrip(), encoding="utf-8")
    done = run_in(tmp_path, script)
    if noticed == "a failure":
        assert done.returncode != 0
        return
    assert done.returncode == 0, done.stderr
    same = shown(read(tmp_path / "out" / "control.ipynb")) == [["stdout: 2"]]
    assert same is (noticed != "another output")
    assert bool(tree(tmp_path / "cwd")) is (noticed == "a file")


def test_the_example_table_is_the_invented_one(tmp_path: Path) -> None:
    made = tmp_path / "past.csv"
    write_table(made, rounds(range(2021, 2026), 120, seed=3), (*HEADER, *OUTCOMES))
    assert made.read_bytes() == EXAMPLE.read_bytes()
