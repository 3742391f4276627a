"""Calibrate the points anew: `python -m training.duplicates [FILE]`, FILE the Japanese reviews."""

from __future__ import annotations

import sys
from pathlib import Path

from features.duplicates import compared_fields
from features.duplicates.compared_fields import Compared, compared_in
from training.duplicates.japan_calibration import CALIBRATED_ON, japan_points, sheets_of
from training.duplicates.planted_calibration import planted_points
from training.duplicates.points_file import write_points

_FOLDER = Path(compared_fields.__file__).parent / "compared"


def main(reviews: Path | None) -> None:
    """Write the points of `zero_base`, and of `japan_review` where its file is given."""
    write_points(_FOLDER / "zero_base.yaml", planted_points(_shipped("zero_base")))
    if reviews is not None:
        compared = _shipped("japan_review")
        points = japan_points(sheets_of(reviews, compared, CALIBRATED_ON))
        write_points(_FOLDER / "japan_review.yaml", points)


def _shipped(catalogue: str) -> Compared:
    compared = compared_in(catalogue)
    assert compared is not None  # noqa: S101 - shipped
    return compared


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
