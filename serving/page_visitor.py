"""Who looks at a served page, as its frame shows it, and how a browser is answered."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from serving.access.browser import session_secret
from serving.access.caller import SCOPE_KEY as CALLER_KEY
from serving.access.caller import Caller
from serving.access.policy import may_call
from serving.inquiry import Desk
from serving.page.frame import Frame, Visitor, frame_around
from serving.page.refusal import RefusalShown
from serving.wording.envelope import Refusal

Answer = Callable[[Request], Response]


def caller_of(request: Request) -> Caller:
    """Who sends a request, as the gate found out."""
    caller: Caller = request.scope[CALLER_KEY]
    return caller


def wants_page(request: Request) -> bool:
    """Whether a browser asks, and is shown a page in place of JSON."""
    return request.headers.get("accept", "").startswith("text/html")


def shown(desk: Desk, answer: Answer) -> Answer:
    """The answer, whose refusals a browser is shown as pages."""

    def answered(request: Request) -> Response:
        try:
            return answer(request)
        except Refusal as refusal:
            if wants_page(request):
                raise RefusalShown(refusal, frame_of(desk, request)) from refusal
            raise

    return answered


def frame_of(desk: Desk, request: Request) -> Frame:
    """The frame of the page that a request asks for."""
    caller = caller_of(request)
    visitor = Visitor(
        role=caller.role.value,
        department=caller.department or "",
        name=caller.name,
        known=desk.access.closed,
        signed_in=session_secret(request.scope) is not None,
        may=partial(may_call, caller),
    )
    release = desk.release
    simulated, reviewed = release.model.facts.simulated, release.reviewed
    return frame_around(request.scope, visitor, simulated=simulated, reviewed=reviewed)
