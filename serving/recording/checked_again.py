"""A project checked again: what the record of a check would say of it now."""

from __future__ import annotations

from features.catalogue import Catalogue
from features.checks.checks import Checks
from features.declared_project import DeclaredProject
from serving.recording.check_outcomes import recorded_checks
from serving.recording.kept_answer import core_of
from serving.wording.check_answer import check_answer
from serving.wording.envelope import Json
from serving.wording.own_answer import own_findings

RESULTS = ("admitted", "findings", "checks")
"""What a record of a check says of its project."""


def checked_again(
    project: DeclaredProject, checks: Checks | None, catalogue: Catalogue, said: Json
) -> tuple[Json, bytes]:
    """RESULTS as they are found now, and the answer's bytes without record_id and receipt.

    said: what the record says of the answer, such as whether something was withheld.
    """
    checked = None if checks is None else checks.checked(project)
    admitted = None if checked is None else checked.admitted
    answer = check_answer(project, checked, catalogue)
    if said.get("withheld", False):
        answer["findings"] = own_findings(answer["findings"])
    core = core_of(answer)
    return {"admitted": admitted, **recorded_checks(checked)}, core
