"""A recorded score as one side of a difference: its document, and its model from the registry."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from features.errors import LingjiError
from features.project_document import joined_document
from models.registry import Registry
from serving.score_difference import Side

if TYPE_CHECKING:
    from serving.records.log_reading import StoredRecord


class NoSuchScore(LingjiError):
    """A record that is not in the log, is none of a score, or whose model is not here."""


def recorded_side(stored: StoredRecord, home: Path, version: int | None = None) -> Side:
    """The side that a record is, or would be with another version of its model.

    Raises:
        NoSuchScore: when it is no score, or its version is not the one that was registered.
        RegistryError, BundleError: when the version is not there or not what it was.
    """
    if stored.kind != "score":
        raise NoSuchScore(f"expected the record of a score; got one of kind {stored.kind}")
    content = stored.content()["content"]
    named = content["model"]
    registry = Registry(home, named["catalogue"].partition("@")[0])
    release = registry.release(named["version"] if version is None else version)
    if version is None and release.version.digest != named["digest"]:
        raise NoSuchScore(
            f"expected version {named['version']} of digest {named['digest']}, which gave record "
            f"{stored.record_id}; got {release.version.digest}"
        )
    personal: dict[str, Any] = {
        name: json.loads(kept.value) for name, kept in stored.private.items() if kept is not None
    }
    return Side(joined_document(content["document"], personal), release.model)
