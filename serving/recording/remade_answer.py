"""The explained score of a record, made again by the version that answered, and held against it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from features.catalogue import Catalogue
from features.declared_project import parse_project
from features.errors import LingjiError, ProjectError, RuleError
from features.project_document import joined_document
from models.appraised_project import appraised_project
from models.registry import Release
from serving.recording.kept_rules import KeptRules
from serving.recording.replay import said_again
from serving.recording.replay_difference import result_differences
from serving.recording.score_record import computed
from serving.wording.envelope import Json, encoded
from serving.wording.explained_score import told


class NotRemade(LingjiError):
    """A recorded score that cannot be shown as it was answered."""


@dataclass(frozen=True)
class RemadeAnswer:
    """An explained score made again, with every number as recorded, to the bit.

    as_said: whether its words, too, are those whose digest the record has.
    """

    answer: Json
    catalogue: Catalogue
    as_said: bool


def remade_answer(
    release: Release,
    rules: KeptRules,
    leaf: Json,
    personal: Mapping[str, Any],
    receipt: Json | None,
) -> RemadeAnswer:
    """The answer of a score's record.

    Args:
        release: the version that answered.
        rules: those that records name.
        leaf: the content of the record.
        personal: its personal values that are there.
        receipt: as the answer carries it.

    Raises:
        NotRemade: when the version makes other numbers of the recorded input, or the input is not
            whole any more: then nothing may be shown as what was answered.
    """
    content: Json = leaf["content"]
    try:
        document = joined_document(content["document"], personal)
        project = parse_project(document, release.model.catalogue)
    except ProjectError as error:
        raise NotRemade("the recorded input is not whole: a value was erased") from error
    try:
        release = rules.as_then(release, content)
    except RuleError as error:
        raise NotRemade("the rules that it was checked by are not here as they were") from error
    prediction = release.model.predict([project])
    appraised = appraised_project(release.model, prediction, 0, release.checks)
    if any(result_differences(content, computed(release.model, appraised), release.model)):
        raise NotRemade("the version that answered makes other numbers of the recorded input")
    answer: Json = json.loads(encoded(told(release, appraised)))
    said = content["said"]
    return RemadeAnswer(
        answer | {"record_id": leaf["record_id"], "receipt": receipt},
        release.model.catalogue,
        said_again(release, appraised, said) == said,
    )
