"""The one form of every error answer: `{"error": {"code", "message", "details"}}`."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

import orjson
from starlette.responses import Response

from features.errors import Fault, LingjiError, LingjiFaults
from serving.wording.written import Written, read

GREATEST_DETAILS = 100
"""More faults than these are counted, not listed."""

Json = dict[str, Any]

CODES: Mapping[int, tuple[str, str]] = {
    400: ("not_json", "The body is not JSON as this service reads it."),
    401: ("no_key", "An access key is needed."),
    403: ("forbidden", "The key does not allow this."),
    404: ("not_found", "There is nothing at this path; GET /openapi.json lists what there is."),
    405: ("method_not_allowed", "This path does not answer this method."),
    408: ("read_timeout", "The body did not arrive in time."),
    409: ("key_conflict", "This Idempotency-Key was used for another request; take a new one."),
    413: ("too_large", "The body is larger than this call allows."),
    415: ("unsupported_media_type", "Send the body as application/json."),
    422: ("invalid", "The body is JSON, but not what this call takes."),
    429: ("ration_used_up", "The ration of this call is used up for today."),
    431: ("head_too_large", "The head of the request is larger than this service takes."),
    500: ("internal", "Something went wrong here; the log has the details under this id."),
    503: ("busy", "Too many calls at once; try again in a moment."),
    504: ("answer_timeout", "The answer was not ready in time; send fewer projects at once."),
}
"""The statuses that a call may end with: each one's code and what its message says by default."""

SPECIAL: Mapping[str, tuple[int, str]] = {
    "not_http": (400, "This is no HTTP/1.1 request as this service reads it."),
    "cannot_record": (
        503,
        "The answer cannot be recorded now, and none is given without its record; try again in a "
        "moment.",
    ),
    "key_expired": (
        409,
        "The request of this Idempotency-Key was answered and recorded, so long ago that its "
        "answer is kept no longer; read its record, or take a new key for a new request.",
    ),
    "state_conflict": (
        409,
        "The finding is in a state that this cannot follow; read the record, and what was said of "
        "it.",
    ),
    "no_papers": (
        503,
        "A file that the papers are made from is not as it should be; see `lingji papers`.",
    ),
    "release_refused": (409, "This does not fit what is so; look at the releases again."),
    "judged_already": (
        409,
        "You have said this of the case already; what was said unseen stands. Add a correction.",
    ),
    "not_judged": (409, "Judge the case first; what the models say is shown afterwards."),
    "judge_first": (409, "Judge all cases first; what others say is shown afterwards."),
    "review_over": (409, "The review of this comparison is over; its cases are judged no more."),
    "finding_state": (
        409,
        "The finding is not in a state that takes this, or you answered it yourself.",
    ),
    "model_stopped": (
        503,
        "The model was taken out of service; nothing is scored until it is put back.",
    ),
}
"""Codes of one reason among several for the same status, with it and their messages."""


class Refusal(LingjiError):
    """A call that ends in an error answer.

    headers: what HTTP wants beside it, such as Allow. code: one of SPECIAL, or the status's own.
    """

    def __init__(
        self,
        status: int,
        message: str = "",
        faults: Iterable[Fault] = (),
        headers: Mapping[str, str] | None = None,
        code: str | None = None,
    ) -> None:
        self.status = status
        self.code, usual = CODES[status] if code is None else (code, SPECIAL[code][1])
        self.message = message or usual
        self.faults = tuple(faults)
        self.headers = dict(headers or {})
        super().__init__(f"{status} {self.code}")

    def body(self) -> Json:
        """The error answer as a JSON object."""
        details = [fault.as_detail() for fault in self.faults[:GREATEST_DETAILS]]
        message = self.message
        if len(self.faults) > GREATEST_DETAILS:
            message = f"{message} Only the first {GREATEST_DETAILS} are listed."
        return {"error": {"code": self.code, "message": message, "details": details}}

    def response(self) -> Response:
        """The error answer as an HTTP response."""
        return json_response(self.body(), self.status, self.headers)


def model_stopped() -> Refusal:
    """The refusal while the model is out of service."""
    return Refusal(503, code="model_stopped", headers={"Retry-After": "60"})


def refused_project(error: LingjiFaults) -> Refusal:
    """The refusal of a project that does not meet the catalogue, with every fault named."""
    count = len(error.faults)
    noun = "fault" if count == 1 else "faults"
    said = f"The project does not meet the catalogue: {count} {noun}; see GET /schema."
    return Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, said, error.faults)


def encoded(content: Any, finite: bool = False) -> bytes:
    """JSON as UTF-8 bytes. Half a character, which UTF-8 cannot hold, is written as an escape.

    Args:
        finite: that every number is finite, as an explained score's are; then none is looked at.

    Raises:
        ValueError: for NaN or Infinity, which JSON does not have.
    """
    try:
        body = orjson.dumps(content, _as_written)
    except orjson.JSONEncodeError:
        whole = json.dumps(content, allow_nan=False, separators=(",", ":"), default=read)
        return whole.encode()
    if not finite and b"null" in body:  # which is also how orjson writes what JSON does not have
        _require_finite(content)
    return body


def _as_written(value: object) -> orjson.Fragment:
    """What orjson does not know, as it is put into the text."""
    if isinstance(value, Written):
        return orjson.Fragment(value.text)
    raise TypeError


def _require_finite(content: Any) -> None:
    waiting = [content]
    for value in waiting:
        kind = type(value)
        if kind is str:
            continue
        if kind is float:
            if not math.isfinite(value):
                raise ValueError(f"{value} is not JSON compliant")
        elif isinstance(value, dict):
            waiting += value.values()
        elif isinstance(value, (list, tuple)):
            waiting += value


def json_response(
    content: Any,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    finite: bool = False,
) -> Response:
    """A JSON answer; `finite` as for `encoded`."""
    return Response(encoded(content, finite), status, dict(headers or {}), "application/json")
