"""What is said and logged of an error that nobody expected: where it arose, never with values."""

from __future__ import annotations

import logging
import secrets
import traceback
from pathlib import Path

from serving.wording.envelope import Refusal

logger = logging.getLogger("lingji.serving")
_SHOWN_FRAMES = 12


def unexpected(error: BaseException) -> Refusal:
    """The refusal that answers an unexpected error, under an id that the log has too.

    The message of an exception may quote what was declared, so only its type and the places in the
    code are logged.
    """
    number = secrets.token_hex(6)
    logger.error("unexpected error %s: %s at %s", number, _kinds(error), _places(error))
    return Refusal(500, f"Something went wrong here; the log tells more under the id {number}.")


def _kinds(error: BaseException) -> str:
    """The type of an error and of those that caused it."""
    kinds: list[str] = []
    cause: BaseException | None = error
    while cause is not None and len(kinds) < _SHOWN_FRAMES:
        kinds.append(type(cause).__name__)
        cause = cause.__cause__ or cause.__context__
    return " from ".join(kinds)


def _places(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)[-_SHOWN_FRAMES:]
    return " > ".join(f"{Path(f.filename).name}:{f.lineno} {f.name}" for f in frames)
