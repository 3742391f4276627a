"""The projects that a caller may see, parsed again from their records for a review of topics."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from features.catalogue import Catalogue
from features.declared_project import parse_project
from features.errors import LingjiError, ProjectError
from features.standards.errors import StandardsError
from features.standards.library import Library
from features.standards.over_standard import compared
from features.standards.priced_item import priced_items
from features.standards.unit_cost_fields import UnitCostFields, unit_cost_fields
from features.topics.topic import Topic, Topics, topics_of
from features.topics.topic_review import DeclaredItem, TopicReview, topic_review
from serving.inquiry import Desk
from serving.recording.handling import Handled
from serving.standards.library_in_service import StandardsInService
from serving.wording.envelope import Json


@dataclass(frozen=True)
class TopicGround:
    """What topics are reviewed with. library: None while no version is in force."""

    topics: Topics
    fields: UnitCostFields
    library: Library | None


@dataclass(frozen=True)
class GatheredProjects:
    """Declared projects. unread: how many records hold a project of an earlier catalogue.

    sources: the records that they come from, by their ids.
    """

    declared: tuple[DeclaredItem, ...]
    unread: int
    sources: Mapping[str, Handled] = field(default_factory=dict)

    def review(self, topic: Topic, ground: TopicGround) -> TopicReview:
        """The review of a topic over these projects."""
        return topic_review(topic, ground.topics, self.declared, ground.fields, ground.library)


def topic_ground(desk: Desk, standards: StandardsInService) -> TopicGround | None:
    """What topics are reviewed with; None where the catalogue in service has none.

    Raises:
        FormError: when the file of topics cannot be used.
    """
    catalogue = desk.release.model.catalogue
    topics = topics_of(catalogue, desk.home)
    fields = None if topics is None else _fields(catalogue, standards)
    if topics is None or fields is None:
        return None
    checks = desk.release.checks
    compared = None if checks is None else checks.reference.standards
    return TopicGround(topics, fields, compared.library if compared else standards.in_force())


def _fields(catalogue: Catalogue, standards: StandardsInService) -> UnitCostFields | None:
    """Which fields tell unit costs: as they ship, else as the newest version of standards says."""
    try:
        return unit_cost_fields(catalogue)
    except StandardsError:
        pass
    try:
        newest = standards.shown(None)
    except LingjiError:
        return None
    return None if newest is None else newest[0].fields


def gathered_projects(
    scores: Iterable[tuple[Json, str]], catalogue: Catalogue, ground: TopicGround
) -> GatheredProjects:
    """The projects of some recorded scores: leaves with the ids of their records."""
    declared: list[DeclaredItem] = []
    sources: dict[str, Handled] = {}
    unread = 0
    for leaf, record_id in scores:
        try:
            project = parse_project(leaf["content"]["document"], catalogue)
        except ProjectError:
            unread += 1
            continue
        sources[record_id] = Handled.of(leaf, catalogue)
        group = catalogue.columns.group
        department = project.values[group] if group else ""
        unit = project.values.get(ground.topics.unit) or department or ""
        items = tuple(priced_items(project, catalogue, ground.fields))
        beside = () if ground.library is None else tuple(compared(items, ground.library))
        declared.append(DeclaredItem(project, record_id, str(unit), items, beside))
    return GatheredProjects(tuple(declared), unread, sources)
