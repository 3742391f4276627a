"""What is answered about special topics: pages for people, JSON for programs, a workbook."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from features.topics.topic_review import TopicReview
from serving.inquiry import Desk
from serving.page.words import language_of
from serving.page_visitor import Answer, caller_of, frame_of, shown, wants_page
from serving.projects.record_view import sight_of
from serving.projects.turn import Turn
from serving.projects.view import ProjectView
from serving.recording.handling import HANDLING
from serving.recording.kept_answer import refused
from serving.records.errors import RecordsError
from serving.routes import TOPIC, TOPIC_EXPORT, TOPICS
from serving.standards.library_in_service import StandardsInService
from serving.topics.handled_warning import HandledWarning, handled_warnings
from serving.topics.telling import in_state, told_review, told_summary
from serving.topics.topic_gathering import (
    GatheredProjects,
    TopicGround,
    gathered_projects,
    topic_ground,
)
from serving.topics.topic_page import topic_page, topics_page
from serving.topics.topic_query import OF_ALL, TopicQuery, topic_query
from serving.topics.topic_workbook import topic_workbook
from serving.wording.envelope import Json, Refusal, json_response
from serving.workbook import WORKBOOK_TYPE

Warnings = tuple[HandledWarning, ...]
"""The warnings of one review."""


def topic_answers(desk: Desk) -> Mapping[str, Answer]:
    """What answers each path."""
    reviewing = _Reviewing(desk)
    answers: Mapping[str, Answer] = {
        TOPICS: reviewing.topics,
        TOPIC: reviewing.topic,
        TOPIC_EXPORT: reviewing.export,
    }
    return {path: shown(desk, answer) for path, answer in answers.items()}


class _Reviewing:
    """Reviews of topics over what a caller may see: a department its own projects."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._catalogue = desk.release.model.catalogue
        self._standards = StandardsInService(desk.home, self._catalogue.catalogue)
        self._view = ProjectView(desk.records, self._catalogue)
        self._turn = Turn()

    def topics(self, request: Request) -> Response:
        """All topics, each with its counts."""
        query = topic_query(request.query_params.multi_items(), OF_ALL)
        ground = topic_ground(self._desk, self._standards)
        reviews: list[tuple[TopicReview, Warnings]] = []
        gathered = GatheredProjects((), 0)
        if ground is not None:
            with self._turn.taken():
                gathered = self._gathered(request, query, ground, TOPICS)
                found = [gathered.review(topic, ground) for topic in ground.topics.topics]
                reviews = self._with_warnings(request, found, gathered, ground)
        if wants_page(request):
            frame, choices = frame_of(self._desk, request), self._view.choices(caller_of(request))
            return HTMLResponse(topics_page(frame, query, reviews, gathered, choices))
        told: Json = {
            "topics": [told_summary(*each) for each in reviews],
            "projects": len(gathered.declared),
            "unread": gathered.unread,
            "advisory": True,
        }
        return json_response(told)

    def topic(self, request: Request) -> Response:
        """One topic: comparisons and warnings."""
        query = topic_query(request.query_params.multi_items())
        review, warnings, ground, gathered = self._review(request, query, TOPIC)
        catalogue, library = self._catalogue, ground.library
        if wants_page(request):
            frame = frame_of(self._desk, request)
            return HTMLResponse(
                topic_page(frame, catalogue, query, review, warnings, library, gathered)
            )
        told = told_review(review, warnings, query.state, library, catalogue)
        return json_response(told | {"unread": gathered.unread, "advisory": True})

    def export(self, request: Request) -> Response:
        """One topic as a workbook; that it was given out is recorded with its digest."""
        query = topic_query(request.query_params.multi_items())
        review, warnings, ground, gathered = self._review(request, query, TOPIC_EXPORT)
        lang = language_of(request.scope)
        shown = in_state(warnings, query.state)
        book = topic_workbook(review, shown, ground.library, self._catalogue, lang)
        self._view.note_export(
            caller_of(request),
            query.projects,
            len(gathered.declared),
            book.digest,
            f"GET {TOPIC_EXPORT}",
        )
        headers = {"Content-Disposition": f'attachment; filename="{book.file_name}"'}
        return Response(book.body, media_type=WORKBOOK_TYPE, headers=headers)

    def _review(
        self, request: Request, query: TopicQuery, path: str
    ) -> tuple[TopicReview, Warnings, TopicGround, GatheredProjects]:
        ground = topic_ground(self._desk, self._standards)
        topic = None if ground is None else ground.topics.named(query.name)
        if ground is None or topic is None:
            raise Refusal(404)
        with self._turn.taken():
            gathered = self._gathered(request, query, ground, path)
            found = gathered.review(topic, ground)
            [(review, warnings)] = self._with_warnings(request, [found], gathered, ground)
            return review, warnings, ground, gathered

    def _with_warnings(
        self,
        request: Request,
        reviews: list[TopicReview],
        gathered: GatheredProjects,
        ground: TopicGround,
    ) -> list[tuple[TopicReview, Warnings]]:
        """Reviews with what has become of their warnings."""
        sources = gathered.sources
        named = {sources[a.source].project_id or "" for each in reviews for a in each.alerts}
        acts: dict[str | None, list[Json]] = defaultdict(list)
        try:
            listing, sight = self._desk.records.projects, sight_of(caller_of(request))
            for act in listing.acts_about(sight, (HANDLING,), sorted(named)):
                acts[act.project_id].append(act.content())
        except RecordsError as error:
            raise refused(error) from error
        library = ground.library
        return [(each, handled_warnings(each.alerts, library, sources, acts)) for each in reviews]

    def _gathered(
        self, request: Request, query: TopicQuery, ground: TopicGround, path: str
    ) -> GatheredProjects:
        caller, topic = caller_of(request), query.name or "all"
        scores = self._view.scores(caller, query.projects, f"GET {path}", topic)
        return gathered_projects(scores, self._catalogue, ground)
