"""The answers to the questions that the service takes, such as /score and /what_if."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from anyio import to_thread
from starlette.responses import HTMLResponse, Response
from starlette.types import Receive, Scope, Send

from features.errors import Fault, ProjectError
from models.priority import Ranked, ranked
from serving.access.own_projects import (
    not_own,
    require_advice,
    require_own,
    require_trial,
    told,
    without_others,
)
from serving.access.policy import may_call
from serving.appraisal import appraise, appraise_batch, what_if
from serving.envelope import Json, Refusal, encoded, json_response, refused_project
from serving.improvements import improved
from serving.inquiry import SCOPE_KEY, Inquiry
from serving.pages import explained_fragment, improvements_fragment
from serving.routes import require_route
from serving.unexpected import unexpected

Question = Callable[[Inquiry], Response]

_TOGETHER = 50
"""Projects of a batch answered at once: enough to be quick, few enough for a modest memory."""


async def questions(scope: Scope, receive: Receive, send: Send) -> None:
    """The ASGI application that answers the inquiry which the guard has put into the scope.

    One project takes a millisecond or two and is answered where it is: to hand it to a thread and
    back would cost as much. Between two of them the server looks for new callers, none of whom
    then waits for all the others again and again. A batch takes long, and goes to a thread so that
    others are not kept waiting.
    """
    question, inquiry = QUESTIONS[scope["path"]], scope[SCOPE_KEY]
    if require_route(scope["path"], scope["method"]).batch:
        response = await to_thread.run_sync(answered, question, inquiry)
    else:
        async with inquiry.desk.one_by_one:
            await asyncio.sleep(0)  # the server looks around
            response = answered(question, inquiry)
    await response(scope, receive, send)


def answered(question: Question, inquiry: Inquiry) -> Response:
    """The response to a question: its answer, or the error answer in the one form."""
    try:
        inquiry.require_time()
        return question(inquiry)
    except ProjectError as error:
        inquiry.desk.metrics.appraised("refused")
        return refused_project(error).response()
    except Refusal as refusal:
        return refusal.response()
    except Exception as error:
        return unexpected(error).response()


def score(inquiry: Inquiry) -> Response:
    """One explained score: JSON, or the part of a page that shows it.

    Raises:
        Refusal: 422 when the body is not `{"project": …}`, 403 when a department asks about
            another's project, 429 when it has asked about too many versions of one.
        ProjectError: when the project does not meet the catalogue.
    """
    (project,) = _fields(inquiry.document, "project")
    require_own(inquiry.caller, project, inquiry.desk.release.model.catalogue)
    answer = appraise(project, inquiry.desk.release)
    answer = told(inquiry.caller, project, answer, inquiry.desk.access.ration)
    inquiry.desk.metrics.appraised(answer["status"])
    if inquiry.page is None:
        return json_response(answer, finite=True)
    catalogue = inquiry.desk.release.model.catalogue
    may_improve = may_call(inquiry.caller, "POST", "/improvements")
    page = explained_fragment(answer, catalogue, inquiry.page, may_improve=may_improve)
    return HTMLResponse(page)


def score_batch(inquiry: Inquiry) -> Response:
    """Explained scores in the order of the projects, and the ids of the rated ones as ranked.

    Raises:
        Refusal: 422 when the body is not `{"projects": […]}`, 413 when there are too many.
    """
    (projects,) = _fields(inquiry.document, "projects")
    _require_list(projects, inquiry.desk.limits.batch_projects)
    results: list[bytes] = []
    places: list[Ranked] = []
    for start in range(0, len(projects), _TOGETHER):
        inquiry.require_time()
        for answer in _block(projects[start : start + _TOGETHER], inquiry):
            results.append(encoded(_item(answer, inquiry), finite=True))
            places += _ranked(answer)
    ranking = encoded([place.project_id for place in ranked(places)])
    body = b'{"results":[' + b",".join(results) + b'],"ranking":' + ranking + b"}"
    return Response(body, media_type="application/json")


def change(inquiry: Inquiry) -> Response:
    """Before, after and the difference when fields of a project change.

    Raises:
        Refusal: 422 when the body is not `{"project": …, "changes": …}`, 403 and 429 as
            `require_trial` has it.
        ProjectError: when the project, before or after, does not meet the catalogue.
    """
    project, changes = _fields(inquiry.document, "project", "changes")
    desk, caller = inquiry.desk, inquiry.caller
    require_trial(caller, project, changes, desk.release.model.catalogue, desk.access.ration)
    answer = what_if(project, changes, desk.release)
    sides = {side: without_others(caller, answer[side]) for side in ("before", "after")}
    return json_response({**answer, **sides})


def advise(inquiry: Inquiry) -> Response:
    """What a department may lawfully improve: JSON, or the part of a page that shows it.

    Raises:
        Refusal: 422 when the body is not `{"project": …}`, 403 and 429 as `require_advice` has it.
        ProjectError: when the project does not meet the catalogue.
    """
    (project,) = _fields(inquiry.document, "project")
    desk, catalogue = inquiry.desk, inquiry.desk.release.model.catalogue
    require_advice(inquiry.caller, project, catalogue, desk.access.ration)
    answer = improved(project, desk.release)
    if inquiry.page is None:
        return json_response(answer)
    return HTMLResponse(improvements_fragment(answer, catalogue, inquiry.page))


QUESTIONS: Mapping[str, Question] = {
    "/score": score,
    "/score_batch": score_batch,
    "/what_if": change,
    "/improvements": advise,
}
"""What answers each path."""


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


Item = Json | ProjectError | Refusal
"""What becomes of one project of a batch."""


def _block(projects: list[Any], inquiry: Inquiry) -> list[Item]:
    """The answers to some projects of a batch, in order; what the caller may not ask is refused."""
    release, caller = inquiry.desk.release, inquiry.caller
    barred = [not_own(caller, project, release.model.catalogue) for project in projects]
    own = [project for project, bar in zip(projects, barred, strict=True) if bar is None]
    answers: list[Item] = [*appraise_batch(own, release)]
    if caller.department is not None:
        answers = [_told(*pair, inquiry) for pair in zip(own, answers, strict=True)]
    for place, bar in enumerate(barred):
        if bar is not None:
            answers.insert(place, bar)
    return answers


def _told(project: Any, answer: Item, inquiry: Inquiry) -> Item:
    if not isinstance(answer, dict):
        return answer
    try:
        return told(inquiry.caller, project, answer, inquiry.desk.access.ration)
    except Refusal as refusal:
        return refusal


def _item(answer: Item, inquiry: Inquiry) -> Json:
    desk = inquiry.desk
    if isinstance(answer, ProjectError):
        answer = refused_project(answer)
    if isinstance(answer, Refusal):
        desk.metrics.appraised("refused")
        return answer.body()
    desk.metrics.appraised(answer["status"])
    return answer


def _ranked(answer: Item) -> list[Ranked]:
    """The place of an answer in the ranking, where it has one."""
    if not isinstance(answer, dict) or answer["priority"] is None:
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
