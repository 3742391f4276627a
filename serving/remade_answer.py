"""The explained score of a record, made again by the model in service where it is the same one."""

from __future__ import annotations

from typing import Any

from features.declared_project import parse_project
from features.errors import ProjectError
from features.project_document import joined_document
from models.appraised_project import appraised_project
from models.registry import Release
from serving.envelope import Json
from serving.explained_score import told
from serving.score_record import computed

_RECEIPT = ("leaf_index", "leaf_hash", "tree_size", "root")


def remade_answer(release: Release, shown: Json) -> Json | None:
    """The answer of a score's record, if the model makes every number of it again, bit for bit.

    None where another version answered, or anything differs: then nothing may be shown as what was
    answered. Records of other versions are replayed by `lingji audit replay`.

    Args:
        shown: as `RecordView.record` gives it.
    """
    content: Json = shown["record"]["content"]
    if content["model"]["digest"] != release.version.digest:
        return None
    kept = shown.get("private", {})
    personal = {name: value for name, value in kept.items() if value is not None}
    try:
        document = joined_document(content["document"], personal)
        project = parse_project(document, release.model.catalogue)
    except ProjectError:
        return None
    appraised = appraised_project(release.model, release.model.predict([project]), 0)
    again: dict[str, Any] = computed(release.model, appraised)
    if any(content.get(name) != value for name, value in again.items()):
        return None
    receipt = {name: shown["receipt"][name] for name in _RECEIPT}
    record_id = shown["record"]["record_id"]
    return told(release, appraised) | {"record_id": record_id, "receipt": receipt}
