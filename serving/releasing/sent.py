"""What a caller sends with an act: an object of JSON, or a form of a page."""

from __future__ import annotations

from typing import Any

from anyio import to_thread
from starlette.requests import Request

from features.errors import Fault
from serving.access.access import require_own_page
from serving.audit.form import sent_form
from serving.body import read_body, read_document
from serving.wording.envelope import Refusal

LONGEST = 4 * 1024 * 1024
"""A statement names every verdict: some hundred bytes for each of thousands of groups."""
_READ_SECONDS = 15.0
_DEPTH = 8
_JSON = "application/json"


async def sent_fields(request: Request, expected: frozenset[str]) -> dict[str, Any]:
    """The fields by name.

    Raises:
        Refusal: 400 when it is not JSON, 403 when it is not of a page of this service, 413 when it
            is too large, 415 when it is neither, 422 when it holds another field.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != _JSON:
        return dict(await sent_form(request, LONGEST))
    if "authorization" not in request.headers:
        require_own_page(request.scope)
    body = await read_body(request.receive, LONGEST, _READ_SECONDS)
    given = await to_thread.run_sync(read_document, body, _DEPTH)
    if not isinstance(given, dict) or not given.keys() <= expected:
        named = ", ".join(sorted(expected)) or "nothing"
        raise Refusal(422, faults=[Fault(None, None, f"an object of {named}", "another thing")])
    return given
