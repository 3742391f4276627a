"""The list of findings as a file: an Excel workbook, or lines of CSV."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import sha256

from serving.access.caller import Caller
from serving.files.result_kinds import csv_lines
from serving.findings.query import FindingQuery
from serving.findings.view import FindingLine
from serving.findings.words import said_filters, said_severity
from serving.page.findings import said_basis
from serving.page.words import page_words
from serving.records.record import rfc3339, utc_now
from serving.workbook import Cell, Sheet, Table, Workbook, workbook

CSV_TYPE = "text/csv; charset=utf-8"
_COLUMNS = (
    "project", "project_name", "filter_department", "findings_region", "year", "check_code",
    "check_name", "severity", "findings_place", "finding_text", "topics_threshold",
    "topics_actual", "findings_excess", "check_basis", "finding_state", "findings_since",
    "findings_by", "act_comment", "findings_found_at", "findings_days", "record",
)  # fmt: skip
_SECONDS_A_DAY = 86_400
_DIGITS = 6


def finding_file(
    lines: Sequence[FindingLine], query: FindingQuery, caller: Caller, lang: str
) -> Workbook:
    """The file of these findings, in Chinese or English, of the kind that the query names."""
    words, made = page_words(lang), rfc3339(utc_now())
    heading = [words[name] for name in _COLUMNS]
    if query.format == "csv":
        stamp = made[:19].replace(":", "").replace("-", "")
        body = csv_lines([heading, *_rows(lines, lang)])
        return Workbook(body, f"lingji-findings-{stamp}.csv")
    about = (
        (words["advisory"], words["advisory_more"]),
        (words["made_at"], made),
        (words["made_for"], str(caller.grant)),
        (words["filters"], said_filters(query, lang) or words["all_of_them"]),
        (words["findings_counted"], len(lines)),
        (words["findings_digest"], sha256("".join(_ids(lines)).encode()).hexdigest()),
    )
    return workbook(
        (
            Sheet(words["findings_title"], heading, _rows(lines, lang)),
            Sheet(words["sheet_about"], (words["about_item"], words["about_says"]), about),
        ),
        "findings",
        made,
    )


def _ids(lines: Sequence[FindingLine]) -> Iterator[str]:
    return (f"{line.stored.record_id} {line.found.finding_id}\n" for line in lines)


def _rows(lines: Sequence[FindingLine], lang: str) -> Table:
    words = page_words(lang)
    for line in lines:
        told, course = line.told(), line.course
        last = course["history"][-1] if course["history"] else None
        yield [
            *(line.stored.project_id, line.name or None, line.stored.department),
            *(line.region or None, line.year, line.found.code),
            told["name"][lang] if told["name"] else None,
            said_severity(told["severity"], lang),
            *(line.found.place or None, told["text"][lang] if told["text"] else None),
            *(_plain(told[name]) for name in ("threshold", "actual", "excess")),
            said_basis(told["basis"], lang) if told["basis"] else None,
            words[f"state_{course['state']}"],
            course["since"],
            *((last["actor"], last["comment"]) if last else (None, None)),
            course["found"],
            _days(course["seconds_to_rectified"] or course["seconds_to_decision"]),
            line.stored.record_id,
        ]


def _plain(value: Cell) -> Cell:
    """A measure as people read it: sums of fractions may end in a long tail."""
    return round(value, _DIGITS) if isinstance(value, float) else value


def _days(seconds: float | None) -> Cell:
    return None if seconds is None else round(seconds / _SECONDS_A_DAY, 2)
