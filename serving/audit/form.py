"""What the form of a page sends: fields by name, files among them, within limits."""

from __future__ import annotations

from email import message_from_bytes, policy
from urllib.parse import parse_qsl

from starlette.requests import Request

from features.errors import Fault
from serving.access.access import require_own_page
from serving.body import read_body
from serving.wording.envelope import Refusal

LONGEST = 64 * 1024
_READ_SECONDS = 15.0
_URLENCODED, _MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"


async def sent_form(request: Request, longest: int = LONGEST) -> dict[str, str]:
    """The fields of a form; of a field that comes twice, what is not empty.

    Raises:
        Refusal: 403 when the form is not of a page of this service, 413 when it is too large, 415
            when it is none, 422 when it is not written as one or a field is no text.
    """
    if "authorization" not in request.headers:  # a browser, which another site may have sent
        require_own_page(request.scope)
    body = await read_body(request.receive, longest, _READ_SECONDS)
    kind = request.headers.get("content-type", "")
    wanted = kind.partition(";")[0].strip().lower()
    try:
        if wanted == _URLENCODED:
            found = parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict")
        elif wanted == _MULTIPART:
            found = _parts(kind, body)
        elif not body:
            found = []
        else:
            raise Refusal(415, f"Send the form as {_URLENCODED} or {_MULTIPART}.")
    except (UnicodeDecodeError, ValueError) as error:
        raise Refusal(
            422, faults=[Fault(None, None, "fields of a form, in UTF-8", "other bytes")]
        ) from error
    form: dict[str, str] = {}
    for name, text in found:
        if text.strip() or name not in form:
            form[name] = text
    return form


def _parts(kind: str, body: bytes) -> list[tuple[str, str]]:
    """The parts of a form with files (RFC 7578), each as text.

    Raises:
        ValueError: when these are no parts, or one of them has no name or is no text in UTF-8.
    """
    head = f"Content-Type: {kind}\r\nMIME-Version: 1.0\r\n\r\n".encode("latin-1")
    message = message_from_bytes(head + body, policy=policy.HTTP)
    if not message.is_multipart():
        if body.strip() in (b"", f"--{message.get_boundary()}--".encode()):
            return []  # a form without fields
        raise ValueError("no parts")
    found = []
    for part in message.iter_parts():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if part.defects or not isinstance(name, str) or not isinstance(content, bytes):
            raise ValueError("a part that is no field")
        found.append((name, content.decode("utf-8")))
    if message.defects:
        raise ValueError("parts without an end")
    return found
