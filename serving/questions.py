"""The answers to the questions that the service takes, such as /score and /what_if."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import partial
from typing import Any

from anyio import to_thread
from starlette.responses import HTMLResponse, Response
from starlette.types import Receive, Scope, Send

from features.declared_project import parse_project
from features.errors import Fault, ProjectError
from models.appraised_project import AppraisedProject
from models.priority import Ranked, ranked
from serving.access.own_projects import (
    not_own,
    require_advice,
    require_own,
    require_trial,
    told,
    withheld_from,
    without_others,
)
from serving.access.policy import may_call
from serving.admission.check_page import check_fragment
from serving.appraisal import appraised_batch, before_and_after, difference
from serving.asker import Asker
from serving.beside.beside import Served
from serving.duplicates.asked import find_duplicates
from serving.findings.saying import said_of_finding
from serving.improvements import improved, improvements_of
from serving.inquiry import SCOPE_KEY, Inquiry
from serving.page.pages import explained_fragment, improvements_fragment
from serving.projects.record_view import RecordView
from serving.recording.check_record import check_record
from serving.recording.handling import HANDLING
from serving.recording.human_act import OVERRIDE, REVIEW, human_act
from serving.recording.improvements_record import improvements_record
from serving.recording.kept_answer import (
    KeptAnswer,
    Respond,
    core_of,
    earlier_response,
    recorded_item,
    refused,
    response_once_kept,
)
from serving.recording.run_record import BatchItem, batch_record, rulers
from serving.recording.score_record import answer_said, score_record
from serving.recording.what_if_record import what_if_record
from serving.records.errors import RecordsError
from serving.records.record import SealedRecord, new_record_id
from serving.routes import ACTS, FIND_DUPLICATES, Route, require_route
from serving.unexpected import unexpected
from serving.wording.check_answer import check_answer
from serving.wording.envelope import Json, Refusal, encoded, model_stopped, refused_project
from serving.wording.explained_score import told as explained
from serving.wording.own_answer import own_findings

Question = Callable[[Inquiry], KeptAnswer]

_JSON = "application/json"
_TOGETHER = 50
"""Projects of a batch answered at once: enough to be quick, few enough for a modest memory."""


async def questions(scope: Scope, receive: Receive, send: Send) -> None:
    """The ASGI application that answers the inquiry which the guard has put into the scope.

    One project takes a millisecond or two and is answered where it is, in its turn: to hand it to a
    thread and back would cost as much. Between two turns the server looks for new callers, none of
    whom then waits for all the others again and again. A batch takes long, and goes to a thread so
    that others are not kept waiting. While records are written, others are answered.
    """
    inquiry: Inquiry = scope[SCOPE_KEY]
    response = await answered(require_route(scope["path"], scope["method"]), inquiry)
    await response(scope, receive, send)


async def answered(route: Route, inquiry: Inquiry) -> Response:
    """The response to a question: its recorded answer, or the error answer in the one form."""
    try:
        return await _recorded(route, inquiry)
    except ProjectError as error:
        inquiry.desk.metrics.appraised("refused")
        return refused_project(error).response()
    except Refusal as refusal:
        return refusal.response()
    except Exception as error:
        return unexpected(error).response()


async def _recorded(route: Route, inquiry: Inquiry) -> Response:
    inquiry.require_time()
    log, once = inquiry.desk.records, inquiry.once
    if once is not None:
        respond = _many if route.batch else _one(inquiry) if route.path == "/score" else _plain
        earlier = await earlier_response(log, once, respond)
        if earlier is not None:
            return earlier
    answer = await _answer(route, inquiry)
    if route.path not in ACTS and inquiry.desk.state.stopped:  # it was, while this was answered
        raise model_stopped()
    return await response_once_kept(log, answer, once)


async def _answer(route: Route, inquiry: Inquiry) -> KeptAnswer:
    if route.path == "/score":
        return await score(inquiry)
    question = QUESTIONS[route.path]
    if route.batch or route.path in ACTS:
        return await to_thread.run_sync(question, inquiry)
    async with inquiry.desk.queue.turn():
        return question(inquiry)


async def score(inquiry: Inquiry) -> KeptAnswer:
    """One explained score: JSON, or the part of a page that shows it.

    Raises:
        Refusal: 422 when the body is not `{"project": …}`, 403 when a department asks about
            another's project, 429 when it has asked about too many versions of one.
        ProjectError: when the project does not meet the catalogue.
    """
    (project,) = _fields(inquiry.document, "project")
    champion, inquiry = inquiry.desk.release, inquiry.about(project)
    desk, caller = inquiry.desk, inquiry.caller
    require_own(caller, project, desk.release.model.catalogue)
    async with desk.queue.appraised(project, desk.release) as found:
        answer = told(caller, project, explained(desk.release, found), desk.access.ration)
        inquiry.made_of.extend((found, answer))
        desk.metrics.appraised(answer["status"])
        record, item = _kept(found, answer, inquiry, "POST /score")
        served = [Served(project, record.record_id, desk.release, len(record.leaf))]
        beside = partial(desk.beside.answered, served, champion)
        return KeptAnswer([record], [item], _one(inquiry), beside)


def _one(inquiry: Inquiry) -> Respond:
    """Makes the response with one answer, in the form that was asked for."""

    def respond(items: list[bytes]) -> Response:
        if inquiry.page is None:
            return Response(items[0], media_type=_JSON)
        catalogue, answer = inquiry.desk.release.model.catalogue, json.loads(items[0])
        may_improve = may_call(inquiry.caller, "POST", "/improvements")
        page = explained_fragment(answer, catalogue, inquiry.page, may_improve=may_improve)
        return HTMLResponse(page)

    return respond


def score_batch(inquiry: Inquiry) -> KeptAnswer:
    """Explained scores in the order of the projects, and the ids of the rated ones as ranked.

    The batch has a record of its own, which says what became of each project; their records are
    about it.

    Raises:
        Refusal: 422 when the body is not `{"projects": […]}`, 413 when there are too many.
    """
    (projects,) = _fields(inquiry.document, "projects")
    _require_list(projects, inquiry.desk.limits.batch_projects)
    batch = new_record_id()
    catalogue = inquiry.desk.release.model.catalogue
    records: list[SealedRecord] = []
    items: list[bytes] = []
    listed: list[BatchItem] = []
    places: list[Ranked] = []
    served: list[Served] = []
    for start in range(0, len(projects), _TOGETHER):
        inquiry.require_time()
        some = projects[start : start + _TOGETHER]
        for project, found in zip(some, _block(some, inquiry), strict=True):
            if isinstance(found, Refusal):
                inquiry.desk.metrics.appraised("refused")
                items.append(encoded(found.body(), finite=True))
                listed.append(BatchItem.refused(found, items[-1], catalogue))
                continue
            one, answer, asked = found
            release = asked.desk.release
            inquiry.desk.metrics.appraised(answer["status"])
            record, item = _kept(one, answer, asked, "POST /score_batch", batch)
            served.append(Served(project, record.record_id, release, len(record.leaf)))
            records.append(record)
            items.append(item)
            listed.append(BatchItem(answer["status"], record.record_id))
            places += _ranked(answer)
    ranking = encoded([place.project_id for place in ranked(places)])
    asker = Asker.of(inquiry.caller, "POST /score_batch")
    counts = Counter(str(each.release.version.number) for each in served)
    versions = rulers(counts, inquiry.desk.release)
    whole = batch_record(inquiry.desk.release, listed, ranking, asker, batch, versions)
    own = recorded_item(encoded({"projects": len(projects), **versions}), batch)
    beside = partial(inquiry.desk.beside.answered, served, inquiry.desk.release)
    return KeptAnswer([whole, *records], [own, *items, ranking], _many, beside)


def _many(items: list[bytes]) -> Response:
    """The response with a batch's answer: results, ranking, and what is said of it as a whole."""
    own, *results, ranking = items
    body = b'{"results":[' + b",".join(results) + b'],"ranking":' + ranking + b"," + own[1:]
    return Response(body, media_type=_JSON)


def _kept(
    found: AppraisedProject, answer: Json, inquiry: Inquiry, way: str, run: str | None = None
) -> tuple[SealedRecord, bytes]:
    """The record of an answer, and the answer with its record_id."""
    core = core_of(answer)
    said = answer_said(core, answer, withheld_from(inquiry.caller))
    asker = Asker.of(inquiry.caller, way)
    record = score_record(inquiry.desk.release, found, said, asker, run=run)
    return record, recorded_item(core, record.record_id)


def change(inquiry: Inquiry) -> KeptAnswer:
    """Before, after and the difference when fields of a project change.

    Raises:
        Refusal: 422 when the body is not `{"project": …, "changes": …}`, 403 and 429 as
            `require_trial` has it.
        ProjectError: when the project, before or after, does not meet the catalogue.
    """
    project, changes = _fields(inquiry.document, "project", "changes")
    inquiry = inquiry.about(project)
    desk, caller = inquiry.desk, inquiry.caller
    require_trial(caller, project, changes, desk.release.model.catalogue, desk.access.ration)
    both = before_and_after(project, changes, desk.release)
    before, after = (explained(desk.release, each) for each in both)
    answer = {
        "before": without_others(caller, before),
        "after": without_others(caller, after),
        "difference": difference(before, after),
    }
    body = encoded(answer)
    record = what_if_record(desk.release, *both, body, Asker.of(caller, "POST /what_if"))
    return KeptAnswer([record], [body], _plain)


def _plain(items: list[bytes]) -> Response:
    return Response(items[0], media_type=_JSON)


def act(kind: str, inquiry: Inquiry) -> KeptAnswer:
    """What somebody says about a record, kept as a record of its own.

    Raises:
        Refusal: 404 when the caller sees no such record, 422 when the act cannot be that.
    """
    caller = inquiry.caller
    try:
        view = RecordView(inquiry.desk.records, inquiry.desk.release.model.catalogue)
        subject = view.subject(caller, inquiry.record)
    except RecordsError as error:
        raise refused(error) from error
    asker = Asker.of(caller, f"POST /record/{{id}}/{kind}")
    record = human_act(kind, subject, inquiry.document, asker, inquiry.desk.reasons)
    answer = {"kind": kind, "about": subject.record_id, "record_id": None, "receipt": None}
    return KeptAnswer([record], [recorded_item(core_of(answer), record.record_id)], _plain)


def advise(inquiry: Inquiry) -> KeptAnswer:
    """What a department may lawfully improve: JSON, or the part of a page that shows it.

    Raises:
        Refusal: 422 when the body is not `{"project": …}`, 403 and 429 as `require_advice` has it.
        ProjectError: when the project does not meet the catalogue.
    """
    (project,) = _fields(inquiry.document, "project")
    inquiry = inquiry.about(project)
    desk, catalogue = inquiry.desk, inquiry.desk.release.model.catalogue
    require_advice(inquiry.caller, project, catalogue, desk.access.ration)
    found = improvements_of(project, desk.release)
    answer = improved(found, desk.release)
    body = encoded(answer)
    asker = Asker.of(inquiry.caller, "POST /improvements")
    record = improvements_record(desk.release, found, body, asker)

    def respond(items: list[bytes]) -> Response:
        if inquiry.page is None:
            return Response(items[0], media_type=_JSON)
        return HTMLResponse(improvements_fragment(answer, catalogue, inquiry.page))

    return KeptAnswer([record], [body], respond)


def check(inquiry: Inquiry) -> KeptAnswer:
    """What every rule says of a project: JSON, or the part of a page that shows it.

    Raises:
        Refusal: 422 when the body is not `{"project": …}`, 403 for another department's project.
        ProjectError: when the project does not meet the catalogue.
    """
    (document,) = _fields(inquiry.document, "project")
    release, caller = inquiry.desk.release, inquiry.caller
    catalogue = release.model.catalogue
    require_own(caller, document, catalogue)
    project = parse_project(document, catalogue)
    checked = None if release.checks is None else release.checks.checked(project)
    answer = check_answer(project, checked, catalogue)
    if caller.department is not None:
        answer["findings"] = own_findings(answer["findings"])
    core = core_of(answer)
    asker, withheld = Asker.of(caller, "POST /check"), caller.department is not None
    record = check_record(project, checked, catalogue, core, asker, withheld=withheld)

    def respond(items: list[bytes]) -> Response:
        if inquiry.page is None:
            return Response(items[0], media_type=_JSON)
        return HTMLResponse(check_fragment(json.loads(items[0]), catalogue, inquiry.page))

    return KeptAnswer([record], [recorded_item(core, record.record_id)], respond)


def handle(inquiry: Inquiry) -> KeptAnswer:
    """What becomes of a finding of a record, kept as a record of its own.

    Raises:
        Refusal: 404 when the caller sees no such record, 422 when the finding is not there or the
            state cannot follow.
    """
    way = "POST /record/{id}/handling"
    record = said_of_finding(inquiry.desk, inquiry.caller, inquiry.record, inquiry.document, way)
    answer = {"kind": HANDLING, "about": inquiry.record, "record_id": None, "receipt": None}
    return KeptAnswer([record], [recorded_item(core_of(answer), record.record_id)], _plain)


QUESTIONS: Mapping[str, Question] = {
    "/score_batch": score_batch,
    "/what_if": change,
    "/improvements": advise,
    "/check": check,
    FIND_DUPLICATES: find_duplicates,
    "/record/{id}/override": partial(act, OVERRIDE),
    "/record/{id}/review": partial(act, REVIEW),
    "/record/{id}/handling": handle,
}
"""What answers each path but /score, whose projects are appraised together."""


def _fields(document: Any, *names: str) -> tuple[Any, ...]:
    """The values of a body that has exactly these fields.

    Raises:
        Refusal: 422, naming every field that is absent or not known.
    """
    if isinstance(document, dict) and document.keys() == set(names):
        return tuple(document[name] for name in names)
    expected = json.dumps(dict.fromkeys(names, "…"), ensure_ascii=False)
    if not isinstance(document, dict):
        faults = [Fault(None, None, f"an object {expected}", _kind(document))]
    else:
        faults = [Fault(None, n, "this field", "nothing") for n in names if n not in document]
        faults += [
            Fault(None, str(n)[:64], f"only the fields of {expected}", "another field")
            for n in document
            if n not in names
        ]
    raise Refusal(422, faults=faults)


def _require_list(projects: Any, most: int) -> None:
    if not isinstance(projects, list):
        raise Refusal(422, faults=[Fault(None, "projects", "a list", _kind(projects))])
    if len(projects) > most:
        fault = Fault(None, "projects", f"at most {most:,} projects", f"{len(projects):,}")
        raise Refusal(413, "There are too many projects for one call; send fewer.", [fault])


def _kind(value: Any) -> str:
    names = {dict: "an object", list: "a list", str: "a text", bool: "true or false"}
    return names.get(type(value), "null" if value is None else "a number")


Item = tuple[AppraisedProject, Json, Inquiry] | Refusal
"""What becomes of one project of a batch: what is said of it with the inquiry of the release that
says it, or why nothing is."""


def _block(projects: list[Any], inquiry: Inquiry) -> list[Item]:
    """The answers to some projects of a batch, in order; what the caller may not ask is refused."""
    caller, catalogue = inquiry.caller, inquiry.desk.release.model.catalogue
    items: list[Item | None] = [not_own(caller, project, catalogue) for project in projects]
    asked = [inquiry.about(project) for project in projects]
    left = [place for place, item in enumerate(items) if item is None]
    # By identity: to compare two releases would compare all that they hold.
    for release in {id(asked[at].desk.release): asked[at].desk.release for at in left}.values():
        own = [place for place in left if asked[place].desk.release is release]
        found = appraised_batch([projects[place] for place in own], release)
        for place, one in zip(own, found, strict=True):
            items[place] = _item(projects[place], one, asked[place])
    return [item for item in items if item is not None]


def _item(project: Any, found: AppraisedProject | ProjectError, inquiry: Inquiry) -> Item:
    if isinstance(found, ProjectError):
        return refused_project(found)
    desk = inquiry.desk
    try:
        answer = explained(desk.release, found)
        return found, told(inquiry.caller, project, answer, desk.access.ration), inquiry
    except Refusal as refusal:
        return refusal


def _ranked(answer: Json) -> list[Ranked]:
    """The place of an answer in the ranking, where it has one."""
    if answer["priority"] is None:
        return []
    priority = answer["priority"]
    points = (
        Decimal(str(number))
        for number in (
            priority["rank_score"],
            priority["necessity"]["score"],
            priority["importance"]["score"],
        )
    )
    return [Ranked(answer["project_id"], *points)]
