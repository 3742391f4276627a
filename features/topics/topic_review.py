"""A special topic over many projects: three comparisons of every item, and what to warn about."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from features.added import added
from features.declared_project import DeclaredProject
from features.standards.learned_standard import LearnedStandard
from features.standards.library import Library
from features.standards.over_standard import Compared, Position
from features.standards.priced_item import Family, PricedItem, Subject
from features.standards.unit_cost_fields import UnitCostFields
from features.topics.topic import Beside, Prohibition, ScaleRule, Topic, Topics

LEAST_PEERS = 5
"""With fewer other units a median says more about one of them than about the usual."""


@dataclass(frozen=True)
class DeclaredItem:
    """A project as it was recorded, with what it asks a unit price for.

    source: the id of its record. unit: who declares it. beside: its items beside their standards,
    of each the firmest first.
    """

    project: DeclaredProject
    source: str
    unit: str
    items: tuple[PricedItem, ...]
    beside: tuple[Compared, ...]

    def standards(self, item: PricedItem) -> list[Compared]:
        """One item beside all of its standards."""
        return [each for each in self.beside if each.item is item]

    def learned(self, item: PricedItem) -> LearnedStandard | None:
        """What is learned of an item's like; None where nothing is."""
        found = (each.standard for each in self.standards(item))
        return next((each for each in found if isinstance(each, LearnedStandard)), None)


@dataclass(frozen=True)
class PeerComparison:
    """The unit price beside that of other units of like size and function, in one round.

    units: how many others. median: yuan per unit, at the item's price index.
    """

    units: int
    median: float


@dataclass(frozen=True)
class TopicItem:
    """One item of a topic with its three comparisons; None where there is nothing to compare with.

    regions: the middle of the standard of each other group of regions, at the item's index.
    """

    item: PricedItem
    source: str
    unit: str
    standard: Compared | None
    peers: PeerComparison | None
    regions: dict[str, float]


class AlertKind(StrEnum):
    """What is warned about: 超标准, 超规模, 违反禁止性规定."""

    OVER_STANDARD = "over_standard"
    OVER_SCALE = "over_scale"
    PROHIBITED = "prohibited"


@dataclass(frozen=True)
class TopicAlert:
    """One thing to look at. place: "" for the whole project.

    rule: what says so: a standard, or a rule of the topic. threshold, actual: of a unit price, a
    share or an amount; excess: in yuan.
    """

    kind: AlertKind
    project_id: str
    source: str
    unit: str
    place: str
    task: str
    rule: str
    threshold: float
    actual: float
    excess: float
    said_by: Compared | ScaleRule | Prohibition


@dataclass(frozen=True)
class TopicReview:
    """What one topic holds. amount: yuan asked for by its items."""

    topic: Topic
    projects: int
    units: int
    amount: float
    items: tuple[TopicItem, ...]
    alerts: tuple[TopicAlert, ...]


@dataclass(frozen=True)
class _Member:
    """A project of a topic: its items that belong to it, and whether all do."""

    declared: DeclaredItem
    items: list[PricedItem]
    whole: bool


_Like = tuple[Subject, str, float | None, str, str, int]


def topic_review(
    topic: Topic,
    topics: Topics,
    declared: Sequence[DeclaredItem],
    fields: UnitCostFields,
    library: Library | None,
) -> TopicReview:
    """The review of a topic over declared projects. library: None while none is in force."""
    members = list(_members(topic, declared, fields))
    prices = _prices_of_likes(members, topics)
    items: list[TopicItem] = []
    alerts: list[TopicAlert] = []
    for member in members:
        items += [_item(each, member, topics, prices, library) for each in member.items]
        alerts += _over_standard(member)
        alerts += _over_scale(member, topic, topics, fields)
        alerts += _prohibited(member, topic, fields)
    units = {member.declared.unit for member in members}
    amount = added(added(_asked(member)) for member in members)
    order = list(AlertKind)
    alerts.sort(key=lambda each: (order.index(each.kind), -each.excess, each.project_id))
    return TopicReview(topic, len(members), len(units), amount, tuple(items), tuple(alerts))


def _members(
    topic: Topic, declared: Sequence[DeclaredItem], fields: UnitCostFields
) -> Iterator[_Member]:
    for each in declared:
        whole = topic.has_project(each.project, fields.project_type)
        items = [
            item
            for item in each.items
            if whole or item.subject.economic_code in topic.belongs.economic_codes
        ]
        if items or whole:
            yield _Member(each, items, whole)


def _asked(member: _Member) -> list[float]:
    """The amounts by which a project counts: its own, or those of its lines in the topic."""
    projects = [item.amount for item in member.items if item.subject.family is Family.PROJECT]
    return projects or [item.amount for item in member.items]


def _like(item: PricedItem, member: _Member, function: str) -> _Like:
    """What items have in common that are of like size and function, in one round."""
    cell = member.declared.learned(item)
    least = None if cell is None else cell.least
    return item.subject, item.project_type, least, item.region_level, function, item.year


def _prices_of_likes(members: list[_Member], topics: Topics) -> dict[_Like, dict[str, list[float]]]:
    """The comparable unit prices of each sort of item, by who asks."""
    prices: dict[_Like, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for member in members:
        function = _function(member, topics)
        for item in member.items:
            like = _like(item, member, function)
            comparable = item.price / (item.price_index or 1.0)
            prices[like][member.declared.unit].append(comparable)
    return prices


def _function(member: _Member, topics: Topics) -> str:
    """The class of the function that is served: the first three digits of its code."""
    return str(member.declared.project.values.get(topics.function) or "")[:3]


def _item(
    item: PricedItem,
    member: _Member,
    topics: Topics,
    prices: dict[_Like, dict[str, list[float]]],
    library: Library | None,
) -> TopicItem:
    declared = member.declared
    likes = prices[_like(item, member, _function(member, topics))]
    others = {name: found for name, found in likes.items() if name != declared.unit}
    peers = None
    if len(others) >= LEAST_PEERS:
        median = statistics.median(statistics.median(found) for found in others.values())
        peers = PeerComparison(len(others), median * (item.price_index or 1.0))
    found = declared.standards(item)
    over = next((each for each in found if each.position is Position.OVER), None)
    standard = over or next(iter(found), None)
    regions = _regions(item, declared.learned(item), library)
    return TopicItem(item, declared.source, declared.unit, standard, peers, regions)


def _regions(
    item: PricedItem, own: LearnedStandard | None, library: Library | None
) -> dict[str, float]:
    """What the standard of each other group of regions says of the same thing."""
    if library is None or own is None:
        return {}
    here = library.regions.of(item.division)
    return {
        group: each.mid for group, each in library.by_region(own).items() if group not in ("", here)
    }


def _over_standard(member: _Member) -> Iterator[TopicAlert]:
    declared = member.declared
    for item in member.items:
        if item.subject.family is Family.PROJECT:
            continue
        over = [each for each in declared.standards(item) if each.position is Position.OVER]
        for found in over[:1]:
            yield TopicAlert(
                AlertKind.OVER_STANDARD, declared.project.project_id, declared.source,
                declared.unit, item.place, item.task, found.standard.code, found.threshold,
                found.actual, found.excess, found,
            )  # fmt: skip


def _over_scale(
    member: _Member, topic: Topic, topics: Topics, fields: UnitCostFields
) -> Iterator[TopicAlert]:
    """Requests of whole projects of the topic beside what they had."""
    declared, values = member.declared, member.declared.project.values
    requested = values.get(fields.requested)
    if not member.whole or not isinstance(requested, float):
        return
    for rule in topic.scale:
        had = _had(member, topics, rule.beside)
        if had and requested > had * rule.times:
            threshold = had * rule.times
            yield TopicAlert(
                AlertKind.OVER_SCALE, declared.project.project_id, declared.source, declared.unit,
                "", "", rule.code, threshold, requested, requested - threshold, rule,
            )  # fmt: skip


def _had(member: _Member, topics: Topics, beside: Beside) -> float:
    """Last year's budget, or what was spent in the latest year of the history; 0 for neither."""
    values = member.declared.project.values
    if beside is Beside.LAST_BUDGET:
        budget = values.get(topics.budget)
        return budget if isinstance(budget, float) else 0.0
    records = values.get(topics.history)
    years = [
        (record.get(topics.year), record.get(topics.executed))
        for record in (records if isinstance(records, tuple) else ())
    ]
    spent = [(y, e) for y, e in years if isinstance(y, float) and isinstance(e, float)]
    return max(spent)[1] if spent else 0.0


def _prohibited(member: _Member, topic: Topic, fields: UnitCostFields) -> Iterator[TopicAlert]:
    declared, values = member.declared, member.declared.project.values
    names, kind = fields.lines, str(values.get(fields.project_type) or "")
    lines = values.get(names.part)
    belonging = {item.place for item in member.items}
    for number, line in enumerate(lines if isinstance(lines, tuple) else (), start=1):
        place, amount = f"{names.part}[{number}]", line.get(names.amount)
        if not member.whole and place not in belonging:
            continue
        for rule in topic.prohibited:
            if rule.forbids(line, kind, names):
                actual = amount if isinstance(amount, float) else 0.0
                yield TopicAlert(
                    AlertKind.PROHIBITED, declared.project.project_id, declared.source,
                    declared.unit, place, str(line.get(names.task) or ""), rule.code, 0.0, actual,
                    actual, rule,
                )  # fmt: skip
