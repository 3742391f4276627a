"""Data to try things out on: an invented province, or the real Japanese reviews where they are."""

from __future__ import annotations

import tempfile
from pathlib import Path

from features.catalogue import load_catalogue
from training.appraisal_data import AppraisalData, read_appraisal_data
from training.province import simulate_province

PROJECTS, SEED = 2_000, 11


def example_data(
    japan_review: Path | str | None = None, projects: int = PROJECTS, seed: int = SEED
) -> AppraisalData:
    """Past projects with outcomes, of which nothing is kept.

    Args:
        japan_review: the file of the Japanese programme reviews; where it is None or "", a province
            of so many projects is invented, by that seed.

    Raises:
        LingjiFaults: when the file cannot be read.
    """
    if japan_review:
        return read_appraisal_data(Path(japan_review), load_catalogue("japan_review"))
    with tempfile.TemporaryDirectory() as folder:
        simulate_province(Path(folder), projects, seed=seed)
        return read_appraisal_data(Path(folder), load_catalogue("zero_base"))
