"""What a record keeps of the checks of a project: by which rules, every outcome, every finding."""

from __future__ import annotations

from typing import Any

from features.checks.checked import Checked, Outcome

_LETTERS = {Outcome.PASSED: "p", Outcome.FINDING: "f", Outcome.NOT_APPLICABLE: "n"}


def recorded_checks(checked: Checked | None) -> dict[str, Any]:
    """The fields `findings` and `checks` of a record; without rules no checks, and no findings.

    outcomes: a letter for each check in the order of the rules: passed, finding, not applicable.
    """
    if checked is None:
        return {"findings": []}
    return {
        "findings": [
            {"finding_id": finding.finding_id, "severity": finding.rule.severity.value}
            | {n: v for n, v in finding.measure._asdict().items() if v is not None}
            for finding in checked.findings
        ],
        "checks": {
            "rules": checked.rules,
            "reference": checked.reference,
            "outcomes": "".join([_LETTERS[result.outcome] for result in checked.results]),
        },
    }
