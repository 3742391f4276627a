"""A recorded score as one line of a list, in the numbers as they were shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import orjson

from features.catalogue import Catalogue
from features.head_declaration import HeadKind
from serving.recording.recorded_heads import RecordedHead, recorded_heads
from serving.recording.score_record import SCORE_FORMAT
from serving.records.log_reading import StoredRecord
from serving.records.project_list import Listed
from serving.wording.envelope import Json
from serving.wording.shown_number import Number, number

STATUSES = ("rated", "not_rated")
GRADES = ("A", "B", "C", "D")
POSITIONS = ("below", "within", "above")


@dataclass(frozen=True)
class ProjectLine:
    """What a record says of a project's newest score; None where it says nothing.

    category: a code of the catalogue's first peer indicator. requested, low, mid, high, excess: in
    the catalogue's unit. risks: probabilities under their heads' names.
    """

    record_id: str
    time: str
    project_id: str
    name: str | None
    department: str | None
    year: int
    category: str | None
    status: str
    missing: tuple[str, ...]
    grade: str | None
    rank_score: Number | None
    necessity: Number | None
    importance: Number | None
    requested: Number | None
    low: Number | None
    mid: Number | None
    high: Number | None
    position: str | None
    excess: Number | None
    risks: Mapping[str, Number]
    model_version: int

    def as_json(self) -> Json:
        """The line for machines."""
        return {**vars(self), "missing": list(self.missing), "risks": dict(self.risks)}

    def listed(self) -> Listed:
        """What lists filter and sort it by."""
        return Listed(
            year=self.year,
            category=self.category,
            words=f"{self.project_id} {self.name or ''}".lower(),
            status=self.status,
            grade=self.grade,
            position=self.position,
            rank_score=self.rank_score,
            excess=self.excess,
            risk=max(self.risks.values(), default=None),
        )


def score_of(stored: StoredRecord, catalogue: Catalogue) -> Json | None:
    """The leaf of a score that this catalogue can read; None for any other record."""
    leaf: Json = orjson.loads(stored.leaf)
    content = leaf["content"]
    if stored.kind != "score" or content.get("format") != SCORE_FORMAT:
        return None
    named = content["model"]["catalogue"].partition("@")[0]
    return leaf if named == catalogue.catalogue else None


def project_line(
    leaf: Json, catalogue: Catalogue, heads: Mapping[str, RecordedHead] | None = None
) -> ProjectLine:
    """The line of a score's leaf, as `score_of` gives it.

    Args:
        heads: its recorded heads, where the caller has read them already.
    """
    content = leaf["content"]
    document, columns = content["document"], catalogue.columns
    heads = recorded_heads(content, catalogue) if heads is None else heads
    priority = catalogue.priority
    name = document.get(columns.name) if columns.name else None
    return ProjectLine(
        record_id=leaf["record_id"],
        time=leaf["time"],
        project_id=leaf["project_id"],
        name=name if isinstance(name, str) else None,
        department=leaf["department"],
        year=int(document.get(columns.time) or 0),
        category=_category(content, catalogue),
        status=content["status"],
        missing=tuple(content["missing"]),
        grade=content["grade"],
        rank_score=content["rank_score"],
        necessity=_value(heads, priority.necessity) if priority else None,
        importance=_value(heads, priority.importance) if priority else None,
        **_cost(heads, document, catalogue),
        risks={
            name: number(head.value)
            for name, head in heads.items()
            if head.declared.kind is HeadKind.PROBABILITY
        },
        model_version=content["model"]["version"],
    )


def _category(content: Json, catalogue: Catalogue) -> str | None:
    if not catalogue.peers:
        return None
    level = catalogue.peers[0]
    declared = content["document"].get(level)
    if isinstance(declared, str):
        return declared
    indicator, code = content["compared_with"]
    return str(code) if indicator == level else None


def _cost(
    heads: Mapping[str, RecordedHead], document: Json, catalogue: Catalogue
) -> dict[str, Any]:
    """What is requested and where it lies against the range, as `cost_position` has it."""
    role = catalogue.cost
    names = ("requested", "low", "mid", "high", "position", "excess")
    found: dict[str, Any] = dict.fromkeys(names)
    if role is None:
        return found
    requested = found["requested"] = document.get(role.requested)
    head = heads.get(role.head)
    if head is None:
        return found
    low, high = head.low, head.high
    found["mid"] = number(head.value)
    if low is None or high is None:
        return found
    found |= {"low": number(low), "high": number(high)}
    if requested is not None:
        amount = Decimal(str(requested))
        found["position"] = "below" if amount < low else "above" if amount > high else "within"
        found["excess"] = number(max(Decimal(0), amount - high))
    return found


def _value(heads: Mapping[str, RecordedHead], name: str) -> Number | None:
    return number(heads[name].value) if name in heads else None
