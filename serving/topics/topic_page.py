"""The pages of special topics: all of them with their counts, and one with its comparisons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from features.catalogue import Catalogue
from features.standards.library import Library
from features.standards.naming import region_label
from features.standards.over_standard import Position
from features.topics.topic_review import AlertKind, TopicItem, TopicReview
from serving.page.frame import Frame
from serving.page.templates import rendered
from serving.page.words import page_words
from serving.projects.list_page import said_time
from serving.recording.handling import STATES
from serving.records.project_list import Choices
from serving.routes import STANDARD, TOPIC, TOPIC_EXPORT, TOPICS
from serving.topics.handled_warning import HandledWarning
from serving.topics.telling import MOST_TOLD, in_state, largest
from serving.topics.topic_gathering import GatheredProjects
from serving.topics.topic_query import TopicQuery
from serving.topics.warnings import said_warning
from serving.wording.findings import SUSPECTED
from serving.wording.line_standards import price_text, said_beside
from serving.wording.words import said_amount


@dataclass(frozen=True)
class SummaryView:
    """A topic with its counts. alerts: by kind, in the order of the kinds. open: of all kinds."""

    label: str
    address: str
    projects: str
    units: str
    amount: str
    alerts: tuple[int, ...]
    open: int


@dataclass(frozen=True)
class AlertView:
    """A warning as a row of a table."""

    kind: str
    project: str
    record: str
    unit: str
    place: str
    task: str
    says: str
    excess: str
    state: str
    state_word: str
    said: str


@dataclass(frozen=True)
class StateCount:
    """How many warnings are in a state, where only they are shown, and whether they are now."""

    label: str
    count: int
    address: str
    chosen: bool


@dataclass(frozen=True)
class ItemView:
    """An item as a row of a table; texts are "" where there is nothing to compare with.

    standard: the address of its standard. over: whether it is over its standard.
    """

    project: str
    record: str
    unit: str
    place: str
    task: str
    price: str
    amount: str
    says: str
    standard: str
    over: bool
    peers: str
    regions: tuple[tuple[str, str], ...]


def topics_page(
    frame: Frame,
    query: TopicQuery,
    reviews: Sequence[tuple[TopicReview, Sequence[HandledWarning]]],
    gathered: GatheredProjects,
    choices: Choices,
) -> str:
    """All topics as a page."""
    words = page_words(frame.lang)
    views = [
        SummaryView(
            each.topic.label.of(frame.lang),
            frame.to(TOPIC, query.address | {"name": each.topic.name}),
            f"{each.projects:,}",
            f"{each.units:,}",
            f"{each.amount / _TEN_THOUSAND:,.1f}",
            tuple(sum(alert.kind is kind for alert in each.alerts) for kind in AlertKind),
            sum(warning.open for warning in warnings),
        )
        for each, warnings in reviews
    ]
    return rendered(
        "topics/topics.html",
        frame.lang,
        frame=frame,
        query=query,
        topics=views,
        kinds=[words[f"topics_{kind.value}"] for kind in AlertKind],
        projects=f"{len(gathered.declared):,}",
        unread=gathered.unread,
        years=[str(year) for year in choices.years],
        departments=list(choices.departments),
    )


_TEN_THOUSAND = 10_000


def topic_page(
    frame: Frame,
    catalogue: Catalogue,
    query: TopicQuery,
    review: TopicReview,
    warnings: Sequence[HandledWarning],
    library: Library | None,
    gathered: GatheredProjects,
) -> str:
    """One topic as a page."""
    asked = query.address | {"name": review.topic.name}
    shown = in_state(warnings, query.state)
    asked_state = {"state": query.state} if query.state else {}
    return rendered(
        "topics/topic.html",
        frame.lang,
        frame=frame,
        label=review.topic.label.of(frame.lang),
        projects=f"{review.projects:,}",
        units=f"{review.units:,}",
        amount=said_amount(catalogue, review.amount, frame.lang),
        alerts=[_alert(each, library, catalogue, frame) for each in shown[:MOST_TOLD]],
        alert_count=f"{len(shown):,}",
        states=_states(warnings, query, frame, asked),
        items=[_item(each, library, catalogue, frame) for each in largest(review)[:MOST_TOLD]],
        item_count=f"{len(review.items):,}",
        most=MOST_TOLD,
        library=library,
        unread=gathered.unread,
        rules=[
            (code, rule.of(frame.lang), basis.of(frame.lang))
            for code, rule, basis in review.topic.rules
        ],
        back=frame.to(TOPICS, query.address),
        export=frame.to(TOPIC_EXPORT, asked | asked_state),
    )


def _states(
    warnings: Sequence[HandledWarning], query: TopicQuery, frame: Frame, asked: dict[str, str]
) -> list[StateCount]:
    """How many warnings are in each state, and where only those are shown; first of all of them."""
    words, counts = page_words(frame.lang), Counter(each.course["state"] for each in warnings)
    every = StateCount(words["all_of_them"], len(warnings), frame.to(TOPIC, asked), not query.state)
    return [
        every,
        *(
            StateCount(
                words[f"state_{state}"],
                counts[state],
                frame.to(TOPIC, asked | {"state": state}),
                query.state == state,
            )
            for state in (SUSPECTED, *STATES)
        ),
    ]


def _alert(
    warning: HandledWarning, library: Library | None, catalogue: Catalogue, frame: Frame
) -> AlertView:
    alert, course = warning.alert, warning.course
    says = said_warning(alert, library, catalogue, frame.lang)
    last = course["history"][-1] if course["history"] else None
    return AlertView(
        page_words(frame.lang)[f"topics_{alert.kind.value}"],
        alert.project_id,
        frame.to(f"/record/{alert.source}") + "#handling",
        alert.unit,
        alert.place,
        alert.task,
        says,
        said_amount(catalogue, alert.excess, frame.lang),
        course["state"],
        page_words(frame.lang)[f"state_{course['state']}"],
        "" if last is None else f"{last['actor']} {said_time(last['time'])}",
    )


def _item(
    found: TopicItem, library: Library | None, catalogue: Catalogue, frame: Frame
) -> ItemView:
    item, words = found.item, page_words(frame.lang)
    says, address = "", ""
    regions: tuple[tuple[str, str], ...] = ()
    if found.standard is not None and library is not None:
        says = said_beside(found.standard, library, catalogue, frame.lang)
        asked = {"code": found.standard.standard.code, "version": str(library.version)}
        address = frame.to(STANDARD, asked)
    if library is not None:
        regions = tuple(
            (region_label(group, library).of(frame.lang), price_text(mid))
            for group, mid in found.regions.items()
        )
    peers = ""
    if found.peers is not None:
        peers = words["topics_peer_says"].format(
            median=price_text(found.peers.median),
            units=found.peers.units,
            ratio=f"{item.price / found.peers.median - 1:+.0%}",
        )
    return ItemView(
        item.project_id,
        frame.to(f"/record/{found.source}"),
        found.unit,
        item.place,
        item.task,
        f"{price_text(item.price)}/{item.subject.unit}",
        said_amount(catalogue, item.amount, frame.lang),
        says,
        address,
        found.standard is not None and found.standard.position is Position.OVER,
        peers,
        regions,
    )
