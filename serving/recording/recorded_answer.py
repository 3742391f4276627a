"""One answer outside the service, recorded before it is given."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from models.appraised_project import AppraisedProject
from models.registry import Release
from serving.asker import Asker
from serving.recording.kept_answer import core_of, recorded_item, whole_items
from serving.recording.score_record import answer_said, score_record
from serving.wording.explained_score import Json, told

if TYPE_CHECKING:
    from serving.records.record_log import RecordLog


def recorded_answer(
    release: Release, appraised: AppraisedProject, log: RecordLog, asker: Asker
) -> Json:
    """The explained score of a project, with its record_id and receipt, once it is recorded.

    Raises:
        RecordsError: when it cannot be recorded; then there is no answer.
    """
    answer = told(release, appraised)
    core = core_of(answer)
    record = score_record(release, appraised, answer_said(core, answer), asker)
    receipt = log.append(record).result()
    (item,) = whole_items([recorded_item(core, record.record_id)], [receipt])
    whole: Json = json.loads(item)
    return whole
