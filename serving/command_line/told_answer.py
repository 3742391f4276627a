"""An answer in the words of the service, as plain JSON."""

from __future__ import annotations

import json
from typing import Any

from models.appraised_project import AppraisedProject
from models.registry import Release
from serving.wording.envelope import encoded
from serving.wording.explained_score import told


def told_answer(release: Release, appraised: AppraisedProject) -> dict[str, Any]:
    """The explained score of an appraised project, every number and every reason."""
    answer: dict[str, Any] = json.loads(encoded(told(release, appraised)))
    return answer
