"""Warnings of topics as matters that people look into, whichever topic says so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from features.standards.library import Library
from features.standards.over_standard import Compared
from features.topics.topic_review import TopicAlert
from serving.recording.handling import Handled, Matter, handled, measured
from serving.wording.envelope import Json
from serving.wording.findings import SUSPECTED


@dataclass(frozen=True)
class HandledWarning:
    """A warning with what has become of it, as `handled` of `serving.recording.handling` has it."""

    alert: TopicAlert
    course: Json

    @property
    def open(self) -> bool:
        """Whether nobody has decided about it yet."""
        return bool(self.course["state"] == SUSPECTED)


def matter_of(alert: TopicAlert, library: Library | None) -> Matter:
    """What is looked into when a warning is."""
    place = f":{alert.place}" if alert.place else ""
    rule = alert.rule.replace("/", "_").replace(":", "_")  # a unit of measure may have them
    held = measured((alert.threshold, alert.actual, round(alert.excess, 2), None))
    by_standard = library is not None and isinstance(alert.said_by, Compared)
    digest = library.digest if library is not None and by_standard else ""
    return Matter(f"{alert.kind.value}/{rule}{place}", held, digest)


def handled_warnings(
    alerts: Iterable[TopicAlert],
    library: Library | None,
    sources: Mapping[str, Handled],
    acts: Mapping[str | None, Sequence[Json]],
) -> tuple[HandledWarning, ...]:
    """Warnings with what has become of each, in their order.

    Args:
        sources: the records that warnings come from, by their ids.
        acts: what people said, oldest first, by project.
    """
    found = []
    for alert in alerts:
        source = sources[alert.source]
        said = acts.get(source.project_id, ())
        [course] = handled(source, [matter_of(alert, library)], said)
        found.append(HandledWarning(alert, course))
    return tuple(found)
