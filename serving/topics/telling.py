"""A review of a topic as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from features.catalogue import Catalogue
from features.standards.library import Library
from features.standards.over_standard import Compared
from features.topics.topic import Topic
from features.topics.topic_review import AlertKind, TopicAlert, TopicItem, TopicReview
from serving.standards.telling import told_comparison
from serving.topics.handled_warning import HandledWarning
from serving.wording.envelope import Json
from serving.wording.line_standards import said_beside
from serving.wording.words import LANGUAGES

MOST_TOLD = 200
"""Items and alerts that are told at once; the workbook holds all."""


def told_topic(topic: Topic) -> Json:
    """What a topic is."""
    return {"name": topic.name, "label": topic.label.as_json()}


def told_summary(review: TopicReview, warnings: Sequence[HandledWarning]) -> Json:
    """The counts of a review. open: warnings of which nobody has said anything yet."""
    alerts = Counter(alert.kind for alert in review.alerts)
    return {
        **told_topic(review.topic),
        "projects": review.projects,
        "units": review.units,
        "amount": round(review.amount, 2),
        "items": len(review.items),
        "alerts": {kind.value: alerts[kind] for kind in AlertKind},
        "open": sum(each.open for each in warnings),
    }


def told_review(
    review: TopicReview,
    warnings: Sequence[HandledWarning],
    state: str,
    library: Library | None,
    catalogue: Catalogue,
) -> Json:
    """The whole review, with as many items and alerts as are told at once.

    state: of the alerts that are told; "" for every one.
    """
    shown = in_state(warnings, state)
    return {
        **told_summary(review, warnings),
        "library": None
        if library is None
        else {"version": library.version, "digest": library.digest},
        "alert_list": [told_alert(each, library, catalogue) for each in shown[:MOST_TOLD]],
        "item_list": [told_item(each, library, catalogue) for each in largest(review)[:MOST_TOLD]],
    }


def in_state(warnings: Sequence[HandledWarning], state: str) -> Sequence[HandledWarning]:
    """The warnings that are in a state; all where it is ""."""
    return [each for each in warnings if state in ("", each.course["state"])]


def largest(review: TopicReview) -> list[TopicItem]:
    """The items, those that ask for most first."""
    return sorted(review.items, key=lambda each: (-each.item.amount, each.item.project_id))


def told_item(found: TopicItem, library: Library | None, catalogue: Catalogue) -> Json:
    """One item with its three comparisons, each None where there is nothing to compare with."""
    item, peers = found.item, found.peers
    standard = None
    if found.standard is not None and library is not None:
        standard = told_comparison(found.standard, library, catalogue)
    return {
        "project_id": item.project_id,
        "record_id": found.source,
        "unit": found.unit,
        "year": item.year,
        "place": item.place,
        "task": item.task,
        "economic_code": item.subject.economic_code,
        "price": item.price,
        "measured_in": item.subject.unit,
        "quantity": item.quantity,
        "amount": item.amount,
        "standard": standard,
        "peers": None
        if peers is None
        else {"units": peers.units, "median": peers.median, "ratio": item.price / peers.median},
        "regions": found.regions or None,
    }


def told_alert(warning: HandledWarning, library: Library | None, catalogue: Catalogue) -> Json:
    """One warning, with the words of what says so, and what has become of it."""
    alert = warning.alert
    return {
        "kind": alert.kind.value,
        "project_id": alert.project_id,
        "record_id": alert.source,
        "unit": alert.unit,
        "place": alert.place,
        "task": alert.task,
        "rule": alert.rule,
        "threshold": alert.threshold,
        "actual": alert.actual,
        "excess": round(alert.excess, 2),
        "text": {lang: said_alert(alert, library, catalogue, lang) for lang in LANGUAGES},
        **warning.course,
    }


def said_alert(alert: TopicAlert, library: Library | None, catalogue: Catalogue, lang: str) -> str:
    """What an alert says: the comparison with a standard, or the rule and what it rests on."""
    said_by = alert.said_by
    if isinstance(said_by, Compared):
        return "" if library is None else said_beside(said_by, library, catalogue, lang)
    rule, basis = said_by.label.of(lang), said_by.basis.of(lang)
    return f"{rule}（{basis}）" if lang == "zh" else f"{rule} ({basis})"
