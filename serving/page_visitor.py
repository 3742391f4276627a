"""Who looks at a served page, as its frame shows it."""

from __future__ import annotations

from functools import partial

from starlette.requests import Request

from serving.access.browser import session_secret
from serving.access.caller import SCOPE_KEY as CALLER_KEY
from serving.access.caller import Caller
from serving.access.policy import may_call
from serving.inquiry import Desk
from serving.page_frame import Frame, Visitor, frame_around


def caller_of(request: Request) -> Caller:
    """Who sends a request, as the gate found out."""
    caller: Caller = request.scope[CALLER_KEY]
    return caller


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
    simulated = desk.release.model.facts.simulated
    return frame_around(request.scope, visitor, simulated=simulated)
