"""What somebody says of a finding of a record, or of what a topic warns about its project."""

from __future__ import annotations

from typing import Any

from features.errors import Fault
from serving.access.caller import Caller
from serving.asker import Asker
from serving.inquiry import Desk
from serving.projects.record_view import RecordView
from serving.recording.handling import (
    CHECKED,
    Handled,
    found_in,
    handling_act,
    is_warning,
    require_said,
)
from serving.recording.kept_answer import refused
from serving.records.errors import RecordsError
from serving.records.record import SealedRecord
from serving.topics.warnings import warnings_about
from serving.wording.envelope import Refusal


def said_of_finding(
    desk: Desk, caller: Caller, record_id: str, body: Any, way: str
) -> SealedRecord:
    """The sealed record of what a caller says of a finding, not yet in the log.

    Raises:
        Refusal: 404 when the caller sees no such record, or it has no such finding; 422 when the
            body is not what is said of one; 409 when the state cannot follow; 503.
    """
    catalogue = desk.release.model.catalogue
    view = RecordView(desk.records, catalogue)
    try:
        stored = view.subject(caller, record_id)
        if stored.kind not in CHECKED:
            expected = "the record of a score or a check"
            raise Refusal(422, faults=[Fault(None, "id", expected, stored.kind)])
        require_said(body)
        acts = view.handling_acts(caller, stored)
    except RecordsError as error:
        raise refused(error) from error
    leaf = stored.content()
    warned = is_warning(body["finding"])
    matters = warnings_about(desk, leaf) if warned else found_in(leaf["content"])
    asker = Asker.of(caller, way)
    return handling_act(Handled.of(leaf, catalogue), matters, acts, body, asker)
