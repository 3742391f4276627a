"""Pairs of answers about one project: the one that was given, and the one made beside it.

The log is read from its end, where an answer beside stands after the one that was given; so only
few wait for their other half, however long the log is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import orjson

from features.catalogue import Catalogue
from serving.beside.beside_record import Purpose
from serving.recording.recorded_heads import recorded_heads
from serving.recording.score_record import BESIDE, SCORE, SCORE_FORMAT
from serving.records.database import SERVICE
from serving.records.log_query import LogQuery
from serving.records.log_reader import LogReader
from serving.wording.envelope import Json

MOST_PAIRS = 20_000
_PIECE = 500
_FIRST = 3
"""Reasons among which the other side's first is looked for, as in a retraining's report."""


@dataclass(frozen=True)
class Side:
    """What one version said of a project, in the numbers as they were shown.

    reasons: of each head, the indicators that moved it most, the first three.
    """

    status: str
    grade: str | None
    rank_score: float | None
    values: Mapping[str, float]
    reasons: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Pair:
    """Both answers about one project. given: the one that was; beside: the other one."""

    project_id: str
    group: str
    given: Side
    beside: Side


@dataclass
class Read:
    """What was read of the log besides the pairs.

    answers: given by the version beside which the other ran, in the time that was looked at.
    missing: of these, how many have no answer beside.
    """

    answers: int = 0
    missing: int = 0
    versions: tuple[int, int] | None = None
    digests: tuple[str, str] = ("", "")
    first: str = ""
    last: str = ""
    waiting: dict[str, Json] = field(default_factory=dict)


def pairs(
    log: LogReader,
    catalogue: Catalogue,
    purpose: Purpose,
    by: str,
    read: Read,
    *,
    version: int | None = None,
    since: datetime | None = None,
    most: int = MOST_PAIRS,
    progress: Callable[[int], None] = lambda records: None,
) -> Iterator[Pair]:
    """The newest pairs of one version beside another; of several, those of the newest pair.

    Args:
        by: the given fact by whose codes they are grouped.
        read: is filled with what else was seen.
        version: the one beside; by default that of the newest record.

    Raises:
        RecordsError: when the log cannot be read.
    """
    query, found, held = LogQuery(since=since, limit=_PIECE), 0, 0
    while stored := log.search(SERVICE, query):
        for each in stored:
            if each.kind not in (SCORE, BESIDE):
                continue
            leaf: Json = orjson.loads(each.leaf)
            content = leaf["content"]
            if not _legible(content, catalogue):
                continue
            if each.kind == BESIDE:
                _wait(leaf, purpose, version, read)
                continue
            if read.versions is None or content["model"]["version"] != read.versions[1]:
                continue
            beside = read.waiting.pop(each.record_id, None)
            held = held + 1 if beside is None else 0
            read.answers, read.missing = read.answers + 1, read.missing + (beside is None)
            if beside is None:
                continue
            # Answers before the first that has another beside it were given before that ran.
            read.first = leaf["time"]
            read.last = read.last or leaf["time"]
            read.digests = (beside["model"]["digest"], content["model"]["digest"])
            group = content["document"].get(by)
            both = (_side(content, catalogue), _side(beside, catalogue))
            yield Pair(str(leaf["project_id"]), "" if group is None else str(group), *both)
            found += 1
            if found >= most:
                break
        progress(len(stored))
        if len(stored) < _PIECE or found >= most:
            break
        query = replace(query, before=stored[-1].leaf_index)
    read.answers, read.missing = read.answers - held, read.missing - held


def _legible(content: Any, catalogue: Catalogue) -> bool:
    """Whether a record's content is a score's that this catalogue can read."""
    if not isinstance(content, dict) or content.get("format") != SCORE_FORMAT:
        return False
    return bool(content["model"]["catalogue"].partition("@")[0] == catalogue.catalogue)


def _wait(leaf: Json, purpose: Purpose, version: int | None, read: Read) -> None:
    """Keep an answer beside until the one comes that was given."""
    content = leaf["content"]
    about = content["beside"]
    both = (content["model"]["version"], about["version"])
    if about["purpose"] != purpose or (version is not None and both[0] != version):
        return
    if read.versions is None:
        read.versions = both
    if both == read.versions:
        read.waiting[about["served"]] = content


def _side(content: Json, catalogue: Catalogue) -> Side:
    heads = recorded_heads(content, catalogue)
    reasons = {}
    for name, head in heads.items():
        moved = sorted(head.parts, key=lambda term, of=head.parts: -abs(of[term]))  # type: ignore[misc]
        reasons[name] = tuple(term for term in moved[:_FIRST] if head.parts[term] != 0)
    return Side(
        content["status"],
        content["grade"],
        content["rank_score"],
        {name: float(head.value) for name, head in heads.items()},
        reasons,
    )
