"""A recorded score told again as it was said: made with the version that answered, and held
against what the record has of it."""

from __future__ import annotations

import json
from dataclasses import dataclass

from features.catalogue import Catalogue
from features.declared_project import parse_project
from features.errors import LingjiError
from features.project_document import joined_document
from models.appraised_project import appraised_project
from models.registry import Release
from serving.envelope import Json, encoded
from serving.explained_score import told
from serving.kept_answer import receipt_shown
from serving.recorded_side import personal_values
from serving.records.log_reading import StoredRecord
from serving.records.receipt import Receipt
from serving.replay import result_differences, said_again
from serving.score_record import computed


class NotRetold(LingjiError):
    """A recorded score that cannot be shown as it was said."""


@dataclass(frozen=True)
class Retold:
    """An explained score made again.

    as_said: whether its words are those whose digest the record has; if not, its numbers are.
    """

    answer: Json
    catalogue: Catalogue
    as_said: bool


def retold(stored: StoredRecord, receipt: Receipt | None, release: Release) -> Retold:
    """The explained score that a record is of, with every bit of its numbers as recorded.

    Raises:
        NotRetold: when the version makes other numbers of it, or the input is not whole any more.
    """
    content = stored.content()["content"]
    document = joined_document(content["document"], personal_values(stored))
    try:
        project = parse_project(document, release.model.catalogue)
    except LingjiError as error:
        raise NotRetold("the recorded input is not whole: a value was erased") from error
    appraised = appraised_project(release.model, release.model.predict([project]), 0)
    if any(result_differences(content, computed(release.model, appraised), release.model)):
        raise NotRetold("the recorded version makes other numbers of the recorded input")
    answer: Json = json.loads(encoded(told(release, appraised)))
    answer["record_id"] = stored.record_id
    answer["receipt"] = None if receipt is None else receipt_shown(receipt)
    said = content["said"]
    return Retold(answer, release.model.catalogue, said_again(release, appraised, said) == said)
