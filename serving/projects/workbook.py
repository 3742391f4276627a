"""The list of projects as an Excel workbook: projects, their reasons, what the file rests on."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

from features.catalogue import Catalogue
from features.head_declaration import HeadKind
from models.priority import GRADES
from models.registry import Release
from serving.access.caller import Caller
from serving.exact_numbers import read_row
from serving.page.words import page_words
from serving.projects.list_page import (
    POSITION_WORDS,
    STATUS_WORDS,
    axis_labels,
    category_label,
    said_acts,
    said_filters,
    said_missing,
    said_time,
)
from serving.projects.query import ProjectQuery
from serving.projects.tendencies import SMALLEST
from serving.projects.view import ListedLine
from serving.recording.recorded_heads import RecordedHead, recorded_heads
from serving.records.record import rfc3339, utc_now
from serving.wording.envelope import Json
from serving.wording.words import said_value
from serving.workbook import Sheet, Table, Workbook, workbook

_REASONS_EACH_WAY = 3
"""Reasons of a head that raise it, and as many that lower it, in the sheet of reasons."""


def project_workbook(
    found: Sequence[tuple[Json, ListedLine]],
    query: ProjectQuery,
    release: Release,
    caller: Caller,
    lang: str,
) -> Workbook:
    """The workbook of these projects, in Chinese or English.

    Args:
        found: the leaf and the line of each project.
        caller: for whom it is made.
    """
    catalogue, words, now = release.model.catalogue, page_words(lang), rfc3339(utc_now())
    projects = _projects([listed for _, listed in found], catalogue, lang)
    reasons = _reasons(found, catalogue, lang)
    about = _about(found, query, release, caller, now, lang)
    return workbook(
        (
            Sheet(words["sheet_projects"], _project_heading(catalogue, lang), projects),
            Sheet(words["sheet_reasons"], _reason_heading(lang), reasons),
            Sheet(words["sheet_about"], (words["about_item"], words["about_says"]), about),
        ),
        "projects",
        now,
    )


def _project_heading(catalogue: Catalogue, lang: str) -> list[str]:
    words, unit = page_words(lang), _currency(catalogue, lang)
    amounts = ("requested", "low", "mid", "high", "excess")
    return [
        *(words[name] for name in ("project", "project_name", "filter_department", "year")),
        *(words[name] for name in ("filter_category", "filter_status", "missing_field")),
        *(words[name] for name in ("grade", "grade_meaning", "rank_score")),
        *axis_labels(catalogue, lang),
        *(f"{words[name]}{unit}" for name in amounts),
        words["filter_position"],
        *(head.label.of(lang) for head in _risks(catalogue)),
        *(words[name] for name in ("by_people", "scored_at", "version", "record")),
    ]


def _currency(catalogue: Catalogue, lang: str) -> str:
    currency = catalogue.currency
    return f"（{currency.unit}）" if lang == "zh" else f" ({currency.unit_en})"


def _risks(catalogue: Catalogue) -> list[Any]:
    return [head for head in catalogue.heads if head.kind is HeadKind.PROBABILITY]


def _projects(lines: Sequence[ListedLine], catalogue: Catalogue, lang: str) -> Table:
    words = page_words(lang)
    for listed in lines:
        line = listed.line
        axes = (line.necessity, line.importance) if catalogue.priority else ()
        yield [
            *(line.project_id, line.name, line.department, line.year),
            category_label(catalogue, line.category, lang),
            words[STATUS_WORDS[line.status]],
            said_missing(line, catalogue, lang) or None,
            line.grade,
            GRADES[line.grade][lang] if line.grade else None,
            line.rank_score,
            *axes,
            *(line.requested, line.low, line.mid, line.high, line.excess),
            words[POSITION_WORDS[line.position]] if line.position else None,
            *(line.risks.get(head.name) for head in _risks(catalogue)),
            *(said_acts(listed.acts, lang) or None, said_time(line.time)),
            *(line.model_version, line.record_id),
        ]


def _reason_heading(lang: str) -> list[str]:
    words = page_words(lang)
    names = ("project", "year", "predicted", "indicator", "dimension", "source", "declared_value")
    return [*(words[name] for name in names), words["effect_alone"], words["unit"], words["record"]]


def _reasons(found: Sequence[tuple[Json, ListedLine]], catalogue: Catalogue, lang: str) -> Table:
    """What moved each project's heads most, either way, in the unit shown."""
    dimensions = {each.name: each.label.of(lang) for each in catalogue.dimensions}
    words = page_words(lang)
    for leaf, listed in found:
        line, values = listed.line, _values(leaf["content"], catalogue)
        for head in recorded_heads(leaf["content"], catalogue).values():
            for name, part in _leading(head):
                indicator = catalogue.by_name.get(name)
                if indicator is None:  # an earlier catalogue's
                    continue
                effect, unit = _effect(part, head.declared.kind)
                yield [
                    *(line.project_id, line.year, head.declared.label.of(lang)),
                    *(indicator.label.of(lang), dimensions[indicator.dimension]),
                    words[f"source_{indicator.source.value}"],
                    _said(catalogue, name, values.get(name), lang),
                    *(effect, words[unit], line.record_id),
                ]


def _leading(head: RecordedHead) -> Iterator[tuple[str, float]]:
    parts = sorted(head.parts.items(), key=lambda item: item[1])
    smallest = SMALLEST[head.declared.kind]
    yield from [item for item in parts[::-1] if item[1] >= smallest][:_REASONS_EACH_WAY]
    yield from [item for item in parts if item[1] <= -smallest][:_REASONS_EACH_WAY]


def _effect(part: float, kind: HeadKind) -> tuple[float, str]:
    """A part in the unit shown, and the name of that unit's word."""
    if kind is HeadKind.AMOUNT:
        return round(math.exp(part), 4), "times"
    if kind is HeadKind.PROBABILITY:
        return round(100 * part, 2), "percentage_points"
    return round(part, 2), "points"


def _values(content: Json, catalogue: Catalogue) -> dict[str, Any]:
    """The values of a record's indicators: as the model read them, or as given where they are
    codes."""
    read = zip(content["indicators"].split(" "), read_row(content["values"]), strict=True)
    known = catalogue.by_name
    numbers: dict[str, Any] = {
        name: value
        for name, value in read
        if name in known and known[name].codes is None and not math.isnan(value)
    }
    numbers |= content["document"]
    return numbers


def _said(catalogue: Catalogue, name: str, value: Any, lang: str) -> str | None:
    """A value in words; None where there is none that can be told."""
    if isinstance(value, bool):
        value = float(value)
    if not isinstance(value, str | int | float):
        return None
    return said_value(catalogue, name, value, lang)


def _about(
    found: Sequence[tuple[Json, ListedLine]],
    query: ProjectQuery,
    release: Release,
    caller: Caller,
    now: str,
    lang: str,
) -> Table:
    """What the file is, for whom, when, from which filters, models and records."""
    words, catalogue = page_words(lang), release.model.catalogue
    yield words["advisory"], words["advisory_more"]
    if any(leaf["content"]["model"]["simulated"] for leaf, _ in found):
        yield words["simulated_short"], words["simulated"]
    if not all(leaf["content"]["model"].get("reviewed", False) for leaf, _ in found):
        yield words["releases_review"], words["not_reviewed"]
    yield words["made_at"], now
    yield words["made_for"], str(caller.grant)
    yield words["filters"], said_filters(query, catalogue, lang) or words["all_of_them"]
    yield words["catalogue"], catalogue.identity
    yield words["projects_counted"], len(found)
    yield words["reasons_kept"], words["reasons_kept_text"].format(count=_REASONS_EACH_WAY)
    yield words["adds_up_title"], words["adds_up_text"]
    models = {(leaf["content"]["model"]["version"], leaf["content"]["model"]["digest"])
              for leaf, _ in found}  # fmt: skip
    for version, digest in sorted(models):
        yield f"{words['model']} {words['version']} {version}", digest
    for _, listed in found:
        yield words["record"], listed.line.record_id
