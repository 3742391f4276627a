"""A comparison is read as what it says only if it is of its shape."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from features.errors import FormError
from models.release.comparison import Comparison, comparison_path, write_comparison


def comparison_json() -> dict[str, Any]:
    """A comparison of version 2 with version 1 in which nothing is wrong."""
    metric = {
        "challenger": 4.0, "champion": 4.2, "difference": -0.2, "low": -0.4, "high": 0.0,
        "n": 400, "better": "lower",
    }  # fmt: skip
    covered = {**metric, "challenger": 0.8, "champion": 0.79, "better": "near", "nominal": 0.8}
    metrics = {"mae": metric, "coverage": covered}
    return {
        "format": 1,
        "catalogue": "small@1",
        "made": "2025-11-03T08:00:00Z",
        "challenger": {"version": 2, "digest": f"sha256:{'2' * 64}", "run": "run-2"},
        "champion": {"version": 1, "digest": f"sha256:{'1' * 64}", "run": "run-1"},
        "data": {"digest": "sha256:data", "rounds": [2024], "projects": 400, "simulated": True},
        "heads": {"axis": {"kind": "score", "metrics": metrics, "groups": {"type=road": metrics}}},
        "effects": {"zero_base": {"axis": 0.0}, "identity": {}, "climb": {"axis": 1.5}},
        "same_projects": {
            "grade_flips": 0.02, "rank_correlation": 0.98, "changed_top_reasons": 0.1,
            "projects": 400,
        },
        "data_quality": {"duplicates": [], "impossible": [], "changed": [], "lifted": []},
    }  # fmt: skip


def test_a_comparison_is_the_same_after_writing_and_reading(tmp_path: Path) -> None:
    read = Comparison.parse(json.dumps(comparison_json()).encode(), "here")
    path = write_comparison(read, tmp_path)
    assert path == comparison_path(tmp_path, 2, 1) == tmp_path / "comparisons" / "2-1.json"
    again = Comparison.read(path)
    assert again == read
    assert again.file_digest == read.file_digest
    assert comparison_path(tmp_path, 2, None).name == "2-none.json"


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        (("format",), 2, "format: expected input should be 1"),
        (("unknown",), 1, "unknown: expected extra inputs are not permitted"),
        (("challenger", "digest"), "sha256:2", "challenger.digest"),
        (("challenger", "version"), "2", "challenger.version"),
        (("heads", "axis", "kind"), "grade", "heads.axis.kind"),
        (("heads", "axis", "metrics", "mae", "better"), "near", "a nominal level exactly where"),
        (("heads", "axis", "metrics", "mae", "low"), None, "both ends of the interval or neither"),
        (("heads", "axis", "metrics", "mae", "low"), 1.0, "low at most high"),
        (("made",), "yesterday", "made"),
    ],
)
def test_another_shape_is_refused_with_its_place(
    place: tuple[str, ...], value: object, said: str
) -> None:
    raw = comparison_json()
    inside = raw
    for step in place[:-1]:
        inside = inside[step]
    inside[place[-1]] = value
    with pytest.raises(FormError, match=said.replace(".", r"\.")):
        Comparison.parse(json.dumps(raw).encode(), "here")


def test_what_json_would_let_pass_is_refused(tmp_path: Path) -> None:
    text = json.dumps(comparison_json())
    with pytest.raises(FormError, match="each key once"):
        Comparison.parse(text.replace('"format": 1', '"format": 1, "format": 1').encode(), "here")
    with pytest.raises(FormError, match="a finite number"):
        Comparison.parse(text.replace('"difference": -0.2', '"difference": NaN').encode(), "here")
    with pytest.raises(FormError, match="expected a file; got none"):
        Comparison.read(tmp_path / "absent.json")
