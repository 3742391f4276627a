"""Calibrated points, written into the file that says what is compared."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import yaml

from features.duplicates.compared_fields import Relation
from features.duplicates.points import Points

_BEGIN = "\npoints:\n"


def write_points(file: Path, points: Mapping[Relation, Points]) -> None:
    """Put the points in the place of those that the file has; the rest stays as it is."""
    kept = file.read_text(encoding="utf-8").partition(_BEGIN)[0].rstrip("\n")
    plain = {
        name: {
            "base": one.base,
            "limit": one.limit,
            "steps": {key: list(values) for key, values in one.steps.items()},
            "unknown": dict(one.unknown),
        }
        for name, one in points.items()
    }
    told = yaml.safe_dump({"points": plain}, sort_keys=False, default_flow_style=None, width=100)
    file.write_text(f"{kept}\n{told}", encoding="utf-8")
