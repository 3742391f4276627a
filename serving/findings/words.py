"""What is said of findings in a list: filters, severities, and what has been done."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from serving.findings.query import FindingQuery
from serving.page.words import page_words

ORDER_WORDS = {
    "severity": "findings_by_severity",
    "excess": "findings_by_excess",
    "newest": "findings_by_newest",
    "oldest": "findings_by_oldest",
}
LABELS: Mapping[str, str] = {
    "of": "findings_of",
    "state": "finding_state",
    "severity": "severity",
    "rule": "findings_rule",
    "department": "filter_department",
    "region": "findings_region",
    "year": "filter_year",
    "words": "findings_words",
}
"""The word for each filter."""


def said_severity(severity: str | None, lang: str) -> str:
    """A severity in words; of a rule that is not kept here, that it is not."""
    words = page_words(lang)
    return words["findings_no_rules" if severity is None else f"severity_{severity}"]


def said_filter(name: str, value: str, lang: str) -> str:
    """The value of a filter in words."""
    words = page_words(lang)
    told: Mapping[str, Callable[[str], str]] = {
        "of": lambda kind: words[f"findings_of_{kind}"],
        "state": lambda state: words[f"state_{state}"],
        "severity": lambda severity: words[f"severity_{severity}"],
    }
    return told.get(name, str)(value)


def said_filters(query: FindingQuery, lang: str) -> str:
    """What narrows a list in words; "" for nothing."""
    words = page_words(lang)
    colon, joint = ("：", "；") if lang == "zh" else (": ", "; ")
    return joint.join(
        f"{words[LABELS[name]]}{colon}{said_filter(name, value, lang)}"
        for name, value in query.filters.items()
    )
