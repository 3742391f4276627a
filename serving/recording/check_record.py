"""The record of a check before admission: what was declared, by which rules, and what was found."""

from __future__ import annotations

from hashlib import sha256

from features.catalogue import Catalogue
from features.checks.checked import Checked
from features.declared_project import DeclaredProject
from features.project_document import split_document
from serving.asker import Asker
from serving.recording.check_outcomes import recorded_checks
from serving.recording.score_record import sealed, software
from serving.records.record import SealedRecord

CHECK = "check"
CHECK_FORMAT = 1


def check_record(
    project: DeclaredProject,
    checked: Checked | None,
    catalogue: Catalogue,
    core: bytes,
    asker: Asker,
    *,
    withheld: bool = False,
) -> SealedRecord:
    """The sealed record of what a check of a project came to; no score.

    Args:
        core: the answer's bytes without record_id and receipt.
        withheld: whether what other departments declare was left out of it.
    """
    public, personal = split_document(project, catalogue)
    content = {
        "format": CHECK_FORMAT,
        "catalogue": catalogue.identity,
        "catalogue_digest": f"sha256:{catalogue.digest}",
        "software": software(),
        "document": public,
        "admitted": None if checked is None else checked.admitted,
        **recorded_checks(checked),
        "said": {
            "form": CHECK,
            "sha256": sha256(core).hexdigest(),
            "bytes": len(core),
            "withheld": withheld,
        },
        "asked": {"role": asker.role, "way": asker.way},
    }
    return sealed(CHECK, project, content, personal, asker, catalogue)
