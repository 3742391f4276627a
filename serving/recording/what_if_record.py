"""The record of a what-if: that it was asked, of which project, and what was answered; no score."""

from __future__ import annotations

from hashlib import sha256

from features.project_document import Document, split_document
from models.appraised_project import AppraisedProject
from models.registry import Release
from serving.asker import Asker
from serving.recording.score_record import SCORE_FORMAT, head_values, model_named, sealed
from serving.records.record import SealedRecord


def what_if_record(
    release: Release,
    before: AppraisedProject,
    after: AppraisedProject,
    body: bytes,
    asker: Asker,
) -> SealedRecord:
    """The sealed record of a what-if. Of personal values that were changed it holds the names."""
    catalogue = release.model.catalogue
    old, new = (split_document(each.project, catalogue) for each in (before, after))
    personal = sorted(
        name
        for name in old.personal | new.personal
        if old.personal.get(name) != new.personal.get(name)
    )
    content = {
        "format": SCORE_FORMAT,
        "model": model_named(release),
        "document": old.public,
        "changes": _changes(old.public, new.public),
        "personal_changes": personal,
        "before": head_values(before),
        "after": head_values(after),
        "said": {"form": "what_if", "sha256": sha256(body).hexdigest(), "bytes": len(body)},
        "asked": {"role": asker.role, "way": asker.way},
    }
    return sealed("what_if", before.project, content, {}, asker, catalogue)


def _changes(old: Document, new: Document) -> Document:
    """The fields that changed, each with its new value; None for one that is gone."""
    names = {**old, **new}
    return {name: new.get(name) for name in names if old.get(name) != new.get(name)}
