"""What a record keeps of the checks of a project: by which rules, every outcome, every finding."""

from __future__ import annotations

from typing import Any

import orjson

from features.checks.checked import Checked
from features.standards.line_standards import ProjectStandards


def recorded_checks(checked: Checked | None) -> dict[str, Any]:
    """The fields `findings` and `checks` of a record; without rules no checks, and no findings.

    findings: their ids. outcomes: of each check's outcome the first letter, in the order of the
    rules. measures: of each finding what it was held against. standards, where lines are told
    beside them: of each line its place, its standard, the most and the actual yuan per unit, and
    the yuan over it. Both are one JSON text, because canonical JSON is slow to write.
    """
    if checked is None:
        return {"findings": []}
    findings = list(checked.findings)
    told = {} if checked.standards is None else {"standards": _lines(checked.standards)}
    return {
        "findings": [finding.finding_id for finding in findings],
        "checks": {
            "rules": checked.rules,
            "reference": checked.reference,
            "outcomes": "".join([result.outcome[0] for result in checked.results]),
            "measures": orjson.dumps([list(finding.measure) for finding in findings]).decode(),
            **told,
        },
    }


def _lines(standards: ProjectStandards) -> str:
    lines = standards.lines.items()
    return orjson.dumps(
        [
            (place, each.standard.code, each.limit, each.item.price, each.excess)
            for place, each in lines
        ]
    ).decode()
