"""A review of a topic as an Excel workbook: warnings, items with their comparisons, its ground."""

from __future__ import annotations

from collections.abc import Sequence

from features.catalogue import Catalogue
from features.standards.library import Library
from features.standards.naming import region_label
from features.topics.topic_review import TopicReview
from serving.page.words import page_words
from serving.records.record import rfc3339, utc_now
from serving.topics.handled_warning import HandledWarning
from serving.topics.telling import largest, said_alert
from serving.wording.line_standards import said_beside
from serving.workbook import Sheet, Table, Workbook, workbook

_ALERTS = (
    "topics_kind", "project", "topics_unit", "topics_place", "topics_task", "topics_rule",
    "topics_threshold", "topics_actual", "topics_excess", "topics_says", "finding_state",
    "findings_since", "findings_by", "act_comment", "record",
)  # fmt: skip
_ITEMS = (
    "project", "year", "topics_unit", "topics_place", "topics_task", "standards_economic_code",
    "standards_unit", "topics_price", "topics_quantity", "topics_amount", "topics_standard",
    "topics_peer_median", "topics_peer_units", "topics_regions", "record",
)  # fmt: skip


def topic_workbook(
    review: TopicReview,
    warnings: Sequence[HandledWarning],
    library: Library | None,
    catalogue: Catalogue,
    lang: str,
) -> Workbook:
    """The workbook of a review, with these of its warnings, in Chinese or English."""
    words, made = page_words(lang), rfc3339(utc_now())
    alerts, items = (
        [words[name] for name in _ALERTS],
        [words[name] for name in _ITEMS],
    )
    about = (words["about_item"], words["about_says"])
    return workbook(
        (
            Sheet(words["topics_alerts"], alerts, _alerts(warnings, library, catalogue, lang)),
            Sheet(words["topics_items"], items, _items(review, library, catalogue, lang)),
            Sheet(words["sheet_about"], about, _about(review, library, lang)),
        ),
        f"topic-{review.topic.name}",
        made,
    )


def _alerts(
    warnings: Sequence[HandledWarning], library: Library | None, catalogue: Catalogue, lang: str
) -> Table:
    words = page_words(lang)
    for warning in warnings:
        each, course = warning.alert, warning.course
        last = course["history"][-1] if course["history"] else None
        yield [
            *(words[f"topics_{each.kind.value}"], each.project_id, each.unit, each.place),
            *(each.task, each.rule, each.threshold, each.actual, round(each.excess, 2)),
            said_alert(each, library, catalogue, lang),
            *(words[f"state_{course['state']}"], course["since"]),
            *((last["actor"], last["comment"]) if last else (None, None)),
            each.source,
        ]


def _items(review: TopicReview, library: Library | None, catalogue: Catalogue, lang: str) -> Table:
    for each in largest(review):
        item, standard = each.item, None
        if each.standard is not None and library is not None:
            standard = said_beside(each.standard, library, catalogue, lang)
        yield [
            *(item.project_id, item.year, each.unit, item.place, item.task),
            *(item.subject.economic_code, item.subject.unit, item.price, item.quantity),
            *(item.amount, standard),
            *((None, None) if each.peers is None else (each.peers.median, each.peers.units)),
            *(said_regions(each.regions, library, lang) or None, each.source),
        ]


def said_regions(regions: dict[str, float], library: Library | None, lang: str) -> str:
    """The middles of the standards of other regions, in one line."""
    if library is None:
        return ""
    told = (f"{region_label(group, library).of(lang)} {mid:,.2f}" for group, mid in regions.items())
    return ("；" if lang == "zh" else "; ").join(told)


def _about(review: TopicReview, library: Library | None, lang: str) -> Table:
    words = page_words(lang)
    yield words["advisory"], words["advisory_more"]
    yield words["topics_topic"], review.topic.label.of(lang)
    yield words["topics_projects"], review.projects
    yield words["topics_units"], review.units
    yield words["topics_amount"], round(review.amount, 2)
    yield (
        words["standards_digest"],
        words["topics_no_library"] if library is None else (library.digest),
    )
    for code, rule, basis in review.topic.rules:
        yield f"{code} {rule.of(lang)}", basis.of(lang)
