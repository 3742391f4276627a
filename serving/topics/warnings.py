"""What all topics together warn about the project of one record."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from features.catalogue import Catalogue
from features.standards.library import Library
from features.topics.topic_review import AlertKind, TopicAlert
from serving.inquiry import Desk
from serving.page.words import page_words
from serving.recording.handling import Matter
from serving.standards.library_in_service import StandardsInService
from serving.topics.handled_warning import matter_of
from serving.topics.telling import said_alert
from serving.topics.topic_gathering import TopicGround, gathered_projects, topic_ground
from serving.wording.envelope import Json
from serving.wording.words import said_amount


@dataclass(frozen=True)
class ToldWarning:
    """A warning as a matter, with its words in one language."""

    matter: Matter
    text: str
    kind: tuple[str, str]
    rule: str
    place: str

    @property
    def shown(self) -> tuple[str, tuple[str, str], str, str]:
        """What a page shows of it: its words, its kind with the word for it, rule and place."""
        return self.text, self.kind, self.rule, self.place


def warnings_about(desk: Desk, leaf: Json) -> list[Matter]:
    """Everything that any topic warns about the project of a recorded score, once each."""
    ground = _ground(desk)
    if ground is None:
        return []
    alerts = _alerts(desk, leaf, ground)
    return list(dict.fromkeys(matter_of(alert, ground.library) for alert in alerts))


def told_warnings(desk: Desk, leaf: Json, lang: str) -> list[ToldWarning]:
    """The same in words.

    Raises:
        FormError: when the file of topics cannot be used.
    """
    ground, catalogue = _ground(desk), desk.release.model.catalogue
    if ground is None:
        return []
    found = {matter_of(a, ground.library): a for a in _alerts(desk, leaf, ground)}
    return [
        ToldWarning(
            matter,
            said_warning(alert, ground.library, catalogue, lang),
            (alert.kind.value, page_words(lang)[f"topics_{alert.kind.value}"]),
            alert.rule,
            alert.place,
        )
        for matter, alert in found.items()
    ]


def said_warning(
    alert: TopicAlert, library: Library | None, catalogue: Catalogue, lang: str
) -> str:
    """What a warning says, with the amounts where it is about a whole request."""
    says = said_alert(alert, library, catalogue, lang)
    if alert.kind is not AlertKind.OVER_SCALE:
        return says
    amounts = (said_amount(catalogue, value, lang) for value in (alert.actual, alert.threshold))
    return page_words(lang)["topics_scale_says"].format(*amounts, rule=says)


def _ground(desk: Desk) -> TopicGround | None:
    catalogue = desk.release.model.catalogue.catalogue
    return topic_ground(desk, StandardsInService(desk.home, catalogue))


def _alerts(desk: Desk, leaf: Json, ground: TopicGround) -> Iterator[TopicAlert]:
    """The warnings of every topic about one project; none about what is no score."""
    if leaf["kind"] != "score":
        return
    catalogue = desk.release.model.catalogue
    gathered = gathered_projects([(leaf, leaf["record_id"])], catalogue, ground)
    for topic in ground.topics.topics:
        yield from gathered.review(topic, ground).alerts
