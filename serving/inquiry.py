"""One question to the model: what came, what answers it, and until when."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from models.registry import Release
from serving.access.access import Access
from serving.access.caller import Caller
from serving.appraisal_queue import AppraisalQueue
from serving.beside.beside import Beside
from serving.metrics import Metrics
from serving.override_reasons import OverrideReasons, shipped_reasons
from serving.recording.kept_rules import RulesInForce
from serving.records.receipt import Once
from serving.records.record_log import RecordLog
from serving.service_state import ServiceState
from serving.settings import DEFAULT_HOME, Limits
from serving.wording.envelope import Refusal

SCOPE_KEY = "lingji.inquiry"
"""Where a request's scope carries its inquiry."""


@dataclass(frozen=True)
class Desk:
    """What every question is answered with: the model in service, the limits, counts, access, and
    the log of records that every answer is kept in.

    home: the working folder, whose registry has the versions that records name. reasons: for which
    people may overrule a score. queue: where single projects wait for their turn. state: what is
    said of the releases that the service follows. beside: what runs beside the model in service.
    rules: what a release that comes is given.
    """

    release: Release
    limits: Limits
    metrics: Metrics
    access: Access
    records: RecordLog
    home: Path = DEFAULT_HOME
    reasons: OverrideReasons = field(default_factory=shipped_reasons)
    queue: AppraisalQueue = field(default_factory=AppraisalQueue)
    state: ServiceState = field(default_factory=ServiceState)
    beside: Beside = field(default_factory=Beside)
    rules: RulesInForce | None = None


@dataclass(frozen=True)
class Inquiry:
    """A body that has been read, with the desk that answers it.

    page: the language of the page wanted in place of JSON. deadline: on the monotonic clock. once:
    what makes the call take effect once, where it has a key for that. record: the id of the record
    that the path names, or "". made_of: what the answer was made of, let go with the inquiry: to
    free so many objects takes a while, and nobody need wait for it.
    """

    desk: Desk
    document: Any
    page: str | None
    deadline: float
    caller: Caller
    once: Once | None = None
    record: str = ""
    made_of: list[object] = field(default_factory=list, compare=False, repr=False)

    def about(self, project: Any) -> Inquiry:
        """The inquiry as the release answers it that serves the project: a pilot in its regions."""
        release = self.desk.beside.serving(project, self.desk.release)
        if release is self.desk.release:
            return self
        return replace(self, desk=replace(self.desk, release=release))

    def require_time(self) -> None:
        """Return while somebody still waits for the answer.

        Raises:
            Refusal: 504 after the deadline.
        """
        if time.monotonic() > self.deadline:
            raise Refusal(504)
