"""A check that was recorded, made again by the rules that its record names."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from features.catalogue import Catalogue
from features.declared_project import parse_project
from features.errors import FormError, ProjectError, RuleError
from features.project_document import joined_document
from serving.recording.checked_again import RESULTS, checked_again
from serving.recording.kept_rules import KeptRules
from serving.recording.remade_answer import NotRemade
from serving.wording.envelope import Json


def remade_check(
    rules: KeptRules,
    leaf: Json,
    catalogue: Catalogue,
    personal: Mapping[str, Any],
    receipt: Json | None,
) -> Json:
    """The answer of a check's record.

    Args:
        rules: those that records name.
        leaf: the content of the record.
        catalogue: the one in service.
        personal: its personal values that are there.
        receipt: as the answer carries it.

    Raises:
        NotRemade: when catalogue or rules are not here as they were, or something else is found:
            then nothing may be shown as what was answered.
    """
    content: Json = leaf["content"]
    if content["catalogue_digest"] != f"sha256:{catalogue.digest}":
        raise NotRemade("it was checked by another catalogue")
    try:
        project = parse_project(joined_document(content["document"], personal), catalogue)
        checks = rules.named(content.get("checks"), catalogue)
    except ProjectError as error:
        raise NotRemade("the recorded input is not whole: a value was erased") from error
    except (RuleError, FormError) as error:
        raise NotRemade("the rules that it was checked by are not here as they were") from error
    found, core = checked_again(project, checks, catalogue, content["said"])
    said = content["said"]["sha256"] == sha256(core).hexdigest()
    if not said or any(found.get(name) != content.get(name) for name in RESULTS):
        raise NotRemade("the rules find something else in the recorded input")
    answer: Json = json.loads(core)
    return answer | {"record_id": leaf["record_id"], "receipt": receipt}
