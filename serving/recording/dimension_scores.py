"""What a record keeps of the scores of dimensions: by which ruler, every score and deduction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from features.checks.dimensions.rated_dimension import RatedDimension, RatedProject
from serving.wording.shown_number import number


def recorded_dimensions(rated: RatedProject | None) -> dict[str, Any]:
    """The field `dimensions` of a record; none without a ruler.

    scores: of each dimension its name, score, judged points and deductions, as one JSON text,
    because canonical JSON is slow to write.
    """
    if rated is None:
        return {}
    scores = [_scored(each) for each in rated.dimensions]
    return {"dimensions": {"ruler": rated.ruler, "scores": orjson.dumps(scores).decode()}}


def _scored(rated: RatedDimension) -> list[Any]:
    score = None if rated.score is None else number(rated.score)
    deductions = [[each.name, each.points] for each in rated.deductions]
    return [rated.ruled.name, score, rated.judged_points, deductions]


def dimension_differences(
    recorded: Mapping[str, Any] | None, found: Mapping[str, Any] | None
) -> Iterator[tuple[str, str, str]]:
    """In which dimensions two records' `dimensions` differ: its name, and what each side has."""
    if recorded == found:
        return
    if recorded is None or found is None:
        there = ["none" if each is None else "there" for each in (recorded, found)]
        yield "dimensions", there[0], there[1]
        return
    if recorded["ruler"] != found["ruler"]:
        yield "ruler", str(recorded["ruler"]), str(found["ruler"])
    old, new = ({each[0]: each for each in orjson.loads(r["scores"])} for r in (recorded, found))
    for name in {**old, **new}:
        if old.get(name) != new.get(name):
            yield f"dimension {name}", str(old.get(name)), str(new.get(name))
