"""The published results on the Japanese programme reviews, written by one call."""

from __future__ import annotations

from pathlib import Path

from training.results.japan_data import Progress, read_japan_review, trained_japan_review
from training.results.japan_page import PICTURES, japan_page
from training.results.japan_results import measured


def write_results(data: Path, out: Path, progress: Progress = lambda step: None) -> None:
    """Train, measure, and write the page `out` with its pictures in a folder beside it.

    `progress` is called with the name of each step. The same data and versions give the same bytes.

    Raises:
        FileError: when the data file is absent or is not what the catalogue describes.
    """
    progress("reading")
    japan = trained_japan_review(read_japan_review(data), progress)
    results = measured(japan, progress)
    progress("writing")
    folder = out.parent / "pictures"
    folder.mkdir(parents=True, exist_ok=True)
    for name, draw in PICTURES.items():
        (folder / name).write_text(draw(results), encoding="utf-8")
    out.write_text(japan_page(results), encoding="utf-8")
