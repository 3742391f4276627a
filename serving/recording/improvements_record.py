"""The record of advice: that it was asked what to improve of a project, and what was answered."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from features.project_document import split_document
from models.improvements import Change, Improvements
from models.registry import Release
from serving.asker import Asker
from serving.recording.score_record import SCORE_FORMAT, head_values, model_named, sealed
from serving.records.record import SealedRecord
from serving.wording.explained_score import Json


def improvements_record(
    release: Release, found: Improvements, body: bytes, asker: Asker
) -> SealedRecord:
    """The sealed record of what was answered about improvements; no score.

    Args:
        body: the answer's bytes.
    """
    catalogue = release.model.catalogue
    content = {
        "format": SCORE_FORMAT,
        "model": model_named(release),
        "document": split_document(found.before.project, catalogue).public,
        "before": head_values(found.before),
        "suggestions": [_changes(tried.changes) for tried in found.single],
        "ways": [
            {
                "grade": way.grade,
                "axis": way.axis,
                "reachable": way.reached,
                "changes": _changes(way.tried.changes),
            }
            for way in found.ways
        ],
        "said": {"form": "improvements", "sha256": sha256(body).hexdigest(), "bytes": len(body)},
        "asked": {"role": asker.role, "way": asker.way},
    }
    return sealed("improvements", found.before.project, content, {}, asker, catalogue)


def _changes(changes: Sequence[Change]) -> list[Json]:
    return [
        {"indicator": each.lever.indicator.name, "from": each.before, "to": each.after}
        for each in changes
    ]
