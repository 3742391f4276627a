"""`lingji serve` as if it kept no record of a score: what recording costs is the difference.

`python -m benchmarks.unrecorded --port PORT --home FOLDER`. For measuring only: such an answer's
`record_id` is null. The project itself has no switch for this.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any
from unittest.mock import patch

from models.appraised_project import AppraisedProject
from serving import application, questions
from serving.recording.kept_answer import KeptAnswer
from serving.settings import service_settings
from serving.wording.envelope import Json, encoded


def main() -> None:
    """Serve until asked to stop."""
    parser = argparse.ArgumentParser("python -m benchmarks.unrecorded", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--home", type=Path, required=True)
    given = vars(parser.parse_args())
    with (
        patch.object(questions, "_kept", _not_kept),
        patch.object(questions, "KeptAnswer", _without_records),
    ):
        application.serve(service_settings(os.environ, **given))


class _NoRecord:
    """What stands where a record would be."""

    record_id = None
    leaf = b""


def _not_kept(_: AppraisedProject, answer: Json, *__: Any) -> tuple[_NoRecord, bytes]:
    return _NoRecord(), encoded(answer, finite=True)


def _without_records(_: Any, items: Any, respond: Any, *__: Any) -> KeptAnswer:
    return KeptAnswer([], items, respond)


if __name__ == "__main__":
    main()
