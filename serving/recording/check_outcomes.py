"""What a record keeps of the checks of a project: by which rules, every outcome, every finding."""

from __future__ import annotations

from typing import Any

import orjson

from features.checks.checked import Checked


def recorded_checks(checked: Checked | None) -> dict[str, Any]:
    """The fields `findings` and `checks` of a record; without rules no checks, and no findings.

    findings: their ids. outcomes: of each check's outcome the first letter, in the order of the
    rules. measures: of each finding what it was held against, as one JSON text, because canonical
    JSON is slow to write.
    """
    if checked is None:
        return {"findings": []}
    findings = list(checked.findings)
    return {
        "findings": [finding.finding_id for finding in findings],
        "checks": {
            "rules": checked.rules,
            "reference": checked.reference,
            "outcomes": "".join([result.outcome[0] for result in checked.results]),
            "measures": orjson.dumps([list(finding.measure) for finding in findings]).decode(),
        },
    }
