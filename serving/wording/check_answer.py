"""The answer to a check: whether the project may be admitted, and what every rule says of it."""

from __future__ import annotations

from features.catalogue import Catalogue
from features.checks.checked import Checked
from features.checks.targets_in_text import StatedTarget, targets_of
from features.declared_project import DeclaredProject
from serving.wording.envelope import Json
from serving.wording.findings import check_told, checks_summed, findings_told


def check_answer(project: DeclaredProject, checked: Checked | None, catalogue: Catalogue) -> Json:
    """What checking a project came to, for a program; without rules nothing is admitted or not.

    targets: what the project promises in words and in its table of targets, each taken apart.
    """
    name = project.values[catalogue.columns.name] if catalogue.columns.name else None
    summed: Json = {"rules": None, "admitted": None, "counts": {}, "not_listed": 0}
    if checked is not None:
        summed = checks_summed(checked)
    return {
        "project_id": project.project_id,
        "project_name": name if isinstance(name, str) else None,
        "year": project.year,
        "catalogue": catalogue.identity,
        **summed,
        "findings": [] if checked is None else findings_told(checked),
        "checks": [] if checked is None else [check_told(each) for each in checked.results],
        "targets": [_target(each) for each in targets_of(project)],
        "advisory": True,
        "record_id": None,  # these two stand last: serving.recording.kept_answer writes them
        "receipt": None,
    }


def _target(target: StatedTarget) -> Json:
    return {
        "name": target.name,
        "level1": target.level1,
        "level2": target.level2,
        "direction": target.direction,
        "value": target.value,
        "unit": target.unit,
        "source": target.source,
        "text": target.text,
        "in_table": target.in_table,
    }
