"""The query of GET /records: which records of a project are asked for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl

from features.errors import Fault
from serving.wording.envelope import Refusal

KIND = "[a-z][a-z_]{0,31}"
AFTER = "-1|[0-9]{1,18}"
_FIELDS = ("project_id", "kind", "after")
_MOST_FIELDS = 16


@dataclass(frozen=True)
class RecordQuery:
    """Records of a project. kind: only those of this kind. after: only those behind this leaf."""

    project_id: str
    kind: str | None = None
    after: int = -1


def record_query(query_string: bytes) -> RecordQuery:
    """The query that a request's address carries.

    Raises:
        Refusal: 422 when it is not UTF-8, or when a field is absent, not known, sent twice, or
            holds what cannot be meant; no value is shown.
    """
    try:
        pairs = parse_qsl(
            query_string.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=_MOST_FIELDS,
        )
    except ValueError as error:  # not UTF-8, or far too many fields
        raise _refused(Fault(None, None, "?project_id=… in UTF-8", "another query")) from error
    given = dict(pairs)
    names = [name for name, _ in pairs]
    faults = [
        Fault(None, name, "this field once", "several of it")
        for name in _FIELDS
        if names.count(name) > 1
    ]
    if "project_id" not in given:
        faults.append(Fault(None, "project_id", "this field", "nothing"))
    faults += [
        Fault(None, name[:64], f"only the fields {', '.join(_FIELDS)}", "another field")
        for name in given
        if name not in _FIELDS
    ]
    faults += _wrong_values(given)
    if faults:
        raise _refused(*faults)
    return RecordQuery(given["project_id"], given.get("kind"), int(given.get("after", "-1")))


def _wrong_values(given: dict[str, str]) -> list[Fault]:
    faults = []
    project_id = given.get("project_id", "…")
    if not project_id or "\0" in project_id:
        faults.append(Fault(None, "project_id", "the id of a project", "another value"))
    if not re.fullmatch(KIND, given.get("kind", "score")):
        faults.append(Fault(None, "kind", "a kind of record, such as score", "another value"))
    if not re.fullmatch(AFTER, given.get("after", "-1")):
        faults.append(Fault(None, "after", "a leaf index", "another value"))
    return faults


def _refused(*faults: Fault) -> Refusal:
    return Refusal(422, "The query is not what this call takes.", faults)
