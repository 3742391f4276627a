"""The notebooks as pairs: percent scripts that people write, and notebooks with what a run gave.

`python -m tests.kept_notebooks` runs the scripts and writes the notebooks beside them; `--out DIR`
writes them there, and with scripts named it takes those alone.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jupytext
import nbformat
from nbclient import NotebookClient

FOLDER = Path(__file__).parents[1] / "notebooks"
PATIENCE = 300
_TEXT = re.compile(r"<text[^>]*>([^<]*)</text>")
_TICK = re.compile(r"[−-]?\d+(\.\d+)?")
Notebook = Any


def scripts() -> list[Path]:
    """Every notebook's script."""
    return sorted(FOLDER.glob("*.py"))


def from_script(script: Path) -> Notebook:
    """The notebook that a script is, without outputs; a cell's id is its place."""
    notebook = jupytext.read(script)
    for place, cell in enumerate(notebook.cells):
        cell.id = f"cell-{place:02}"
        cell.metadata = {}
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    return notebook


def run(notebook: Notebook) -> Notebook:
    """The notebook with what a run in a kernel of its own gives, where this process stands.

    Raises:
        CellExecutionError: when a cell fails.
    """
    NotebookClient(notebook, timeout=PATIENCE, kernel_name="python3").execute()
    for cell in notebook.cells:
        cell.metadata = {}  # when it ran
    return notebook


def shown(notebook: Notebook) -> list[list[str]]:
    """What the outputs of each code cell say, as far as machines agree on it.

    Text, and of a picture its words; where lines and letters lie depends on the fonts there are,
    and so does how many ticks an axis has room for.
    """
    cells = (cell for cell in notebook.cells if cell.cell_type == "code")
    return [[text for output in cell.outputs for text in _said(output)] for cell in cells]


def _said(output: Any) -> Iterator[str]:
    if output.output_type == "stream":
        yield f"{output.name}: {output.text.rstrip()}"
    elif output.output_type == "error":
        yield f"{output.ename}: {output.evalue}"
    else:
        data = output.data
        picture = data.get("image/svg+xml")
        words = [word for word in _TEXT.findall(picture or "") if not _TICK.fullmatch(word)]
        yield " | ".join(words) if picture else data.get("text/plain", "")


def main() -> None:
    """Run the scripts and write what they give."""
    parser = argparse.ArgumentParser()
    parser.add_argument("scripts", nargs="*", type=Path)
    parser.add_argument("--out", type=Path, default=FOLDER)
    given = parser.parse_args()
    for script in given.scripts or scripts():
        nbformat.write(run(from_script(script)), given.out / f"{script.stem}.ipynb")


if __name__ == "__main__":
    main()
