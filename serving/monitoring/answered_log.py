"""The answers of a version, read from the record log a piece at a time, the newest first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np
import orjson

from features.operations import UNKNOWN, Numbers
from models.model import Model
from models.monitoring.observed import Answered, AnsweredHead, Observed
from models.reference import leading_terms
from models.registry import Release
from serving.recording.score_record import SCORE, SCORE_FORMAT, layout
from serving.records.database import SERVICE
from serving.records.log_query import LogQuery
from serving.records.log_reader import LogReader
from serving.wording.envelope import Json

_PIECE = 500
_ENDS = ("value", "low", "high")


def observe(
    observed: Observed,
    log: LogReader,
    release: Release,
    since: datetime,
    forecast_by: Mapping[str, str],
    progress: Callable[[int], None] = lambda records: None,
) -> int:
    """How many answers of a version were read into what was observed of it.

    Args:
        since: how old answers may be.
        forecast_by: head → the declared share by which departments forecast it themselves.

    Raises:
        RecordsError: when the log cannot be read.
    """
    digest, read = release.version.digest, 0
    version = str(release.version.number)
    query = LogQuery(kind=SCORE, model_version=version, since=since, limit=_PIECE)
    while stored := log.search(SERVICE, query):
        contents = [content for each in stored if (content := _content(each.leaf, digest))]
        if contents:
            observed.add(answered(contents, release.model, forecast_by))
        read += len(contents)
        progress(len(stored))
        if len(stored) < _PIECE or observed.full:
            break
        query = replace(query, before=stored[-1].leaf_index)
    return read


def _content(leaf: bytes, digest: str) -> Json | None:
    """The content of a score of the version of that digest; None for any other record."""
    whole: Json = orjson.loads(leaf)
    content: Json = whole["content"]
    if content.get("format") != SCORE_FORMAT or content["model"]["digest"] != digest:
        return None
    return {**content, "project_id": whole["project_id"]}


def answered(contents: Sequence[Json], model: Model, forecast_by: Mapping[str, str]) -> Answered:
    """Recorded answers as arrays."""
    names = layout(model).names
    place = {name: at for at, name in enumerate(names)}
    columns = [place[name] for name in model.columns]
    year = model.catalogue.columns.time
    groups = {(g.indicator, g.code): at for at, g in enumerate(model.peers.groups)}
    documents = [content["document"] for content in contents]
    return Answered(
        keys=[(c["project_id"], int(d[year])) for c, d in zip(contents, documents, strict=True)],
        matrix=_rows((c["values"] for c in contents), len(names))[:, columns],
        peer=np.array([groups.get(tuple(c["compared_with"]), 0) for c in contents], dtype=np.int64),
        heads={name: _head(contents, model, name, place) for name in model.heads},
        forecasts={
            head: np.array([_share(document.get(field)) for document in documents])
            for head, field in forecast_by.items()
        },
    )


def _head(
    contents: Sequence[Json], model: Model, name: str, place: Mapping[str, int]
) -> AnsweredHead:
    said = [content["heads"].get(name, {}) for content in contents]
    rated = np.array([content["status"] == "rated" for content in contents])
    value, low, high = (
        np.where(rated, [_number(each.get(end)) for each in said], UNKNOWN) for end in _ENDS
    )
    moved = _rows((each.get("contributions", "") for each in said), len(place))
    terms = [place[term] for term in model.heads[name].terms]
    leading = np.where(np.isnan(value), -1, leading_terms(moved[:, terms]))
    return AnsweredHead(value, low, high, leading.astype(np.int64))


def _rows(texts: Iterator[str], width: int) -> Numbers:
    """Rows of numbers as records write them, NaN for null and for a row that is not there."""
    nothing = [None] * width
    rows = [orjson.loads(f"[{text}]") if text else nothing for text in texts]
    return np.array(rows, dtype=np.float64)


def _number(text: Any) -> float:
    return UNKNOWN if text is None or text == "null" else float(text)


def _share(value: Any) -> float:
    return float(value) if isinstance(value, int | float) and 0 <= value <= 1 else UNKNOWN
