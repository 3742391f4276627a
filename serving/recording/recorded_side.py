"""A recorded score as one side of a difference: its document, and its model from the registry."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from features.project_document import joined_document
from serving.recording.recorded_releases import NoSuchScore, RecordedReleases
from serving.recording.score_difference import Side
from serving.recording.score_record import SCORES

if TYPE_CHECKING:
    from serving.records.log_reading import StoredRecord


def recorded_side(
    stored: StoredRecord, releases: RecordedReleases, version: int | None = None
) -> Side:
    """The side that a record is, or would be with another version of its model.

    Raises:
        NoSuchScore: when it is no score, or its version is not the one that was registered.
        RegistryError, BundleError: when the version is not there or not what it was.
    """
    if stored.kind not in SCORES:
        raise NoSuchScore(f"expected the record of a score; got one of kind {stored.kind}")
    content = stored.content()["content"]
    named = content["model"]
    release = (
        releases.named(named) if version is None else releases.version(named["catalogue"], version)
    )
    return Side(joined_document(content["document"], personal_values(stored)), release.model)


def personal_values(stored: StoredRecord) -> dict[str, Any]:
    """The personal values of a record that are still there, by name."""
    return {
        name: json.loads(kept.value) for name, kept in stored.private.items() if kept is not None
    }
