"""What the row of a result file said of a project: its digest, for the record of the row."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256

from models.appraised_project import AppraisedProject
from models.registry import Release
from serving.wording.envelope import encoded
from serving.wording.explained_score import Json
from serving.wording.flat_answer import Cell, flat_answer

FORM = "row"
_NOT_SAID = frozenset({"explained_score", "reviewed"})
"""Cells that the digest leaves out: the whole answer, and what the record says of the model."""


def cells_said(cells: Mapping[str, Cell]) -> Json:
    """What a row's cells said, as compact JSON in their order; without those of _NOT_SAID."""
    shown = {name: value for name, value in cells.items() if name not in _NOT_SAID}
    core = encoded(shown, finite=True)
    return {
        "form": FORM,
        "row": cells["row"],
        "sha256": sha256(core).hexdigest(),
        "bytes": len(core),
    }


def row_said(release: Release, appraised: AppraisedProject, row: int) -> Json:
    """What the row of that number says of a project."""
    return cells_said(flat_answer(row, release, appraised))
