"""What the registry, the gates and the log refuse, as an error answer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from features.errors import LingjiError
from serving.recording.kept_answer import refused
from serving.records.errors import RecordsError
from serving.wording.envelope import Refusal

CODE = "release_refused"


@contextmanager
def refusals() -> Iterator[None]:
    """Turn what is refused below into a refusal.

    Raises:
        Refusal: 409 with the reason; 503 where the log does not answer.
    """
    try:
        yield
    except Refusal:
        raise
    except RecordsError as error:
        raise refused(error) from error
    except LingjiError as error:
        raise Refusal(409, str(error), code=CODE) from error
