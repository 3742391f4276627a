"""The record of a what-if: that it was asked, of which project, and what was answered; no score."""

from __future__ import annotations

from hashlib import sha256

from features.project_document import Document, split_document
from models.appraised_project import AppraisedProject
from models.registry import Release
from serving.asker import Asker
from serving.exact_numbers import written_rows
from serving.explained_score import Json
from serving.records.record import SealedRecord
from serving.score_record import SCORE_FORMAT, model_named, sealed


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
        "before": _values(before),
        "after": _values(after),
        "said": {"form": "what_if", "sha256": sha256(body).hexdigest(), "bytes": len(body)},
        "asked": {"role": asker.role, "way": asker.way},
    }
    return sealed("what_if", before, content, {}, asker, catalogue)


def _changes(old: Document, new: Document) -> Document:
    """The fields that changed, each with its new value; None for one that is gone."""
    names = {**old, **new}
    return {name: new.get(name) for name in names if old.get(name) != new.get(name)}


def _values(appraised: AppraisedProject) -> Json:
    heads, row = appraised.prediction.heads, appraised.row
    standing = appraised.standing
    return {
        "status": appraised.status,
        "grade": None if standing is None else standing.grade,
        "heads": {name: written_rows(head.value[[[row]]])[0] for name, head in heads.items()},
    }
