"""The record of an answer that was made beside the one that was given, and never given itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from models.appraised_project import AppraisedProject
from models.registry import Release, Version
from serving.asker import Asker
from serving.recording.kept_answer import core_of
from serving.recording.score_record import BESIDE, answer_said, kept_name, score_content
from serving.records.record import Record, SealedRecord
from serving.wording.explained_score import told

Purpose = Literal["shadow", "pilot"]
_ASKER = Asker("lingji", "service", "beside")


@dataclass(frozen=True)
class BesideTask:
    """A document that was answered, and the version that is to answer it too.

    served: the record of the answer that was given. served_version: which version gave it.
    purpose: shadow, or pilot where a pilot gave it and the champion answers beside it.
    size: of the document, in bytes. checks: by what the project was checked, as its record names
    it; None for nothing.
    """

    document: Any
    served: str
    served_version: int
    purpose: Purpose
    version: Version
    size: int
    checks: Mapping[str, Any] | None = None


def beside_record(
    release: Release,
    appraised: AppraisedProject,
    served: str,
    served_version: int,
    purpose: Purpose,
) -> SealedRecord:
    """The sealed record: the whole answer, as that of a score, and beside which it was made.

    It belongs to no department: none sees what a challenger says of its project.

    Args:
        served, served_version, purpose: as of a `BesideTask`.
    """
    answer = told(release, appraised)
    content, personal = score_content(
        release, appraised, answer_said(core_of(answer), answer), _ASKER
    )
    content["beside"] = {"served": served, "version": served_version, "purpose": purpose}
    return Record(
        BESIDE,
        _ASKER.actor,
        content,
        private=personal,
        project_id=kept_name(appraised.project.project_id),
        about=(served,),
    ).sealed()
