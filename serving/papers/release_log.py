"""The releases that the record log knows of, as sources of papers."""

from __future__ import annotations

from models.papers.source import Source
from serving.records.database import SERVICE
from serving.records.log_reader import LogReader
from serving.records.log_reading import StoredRecord
from serving.records.verification import leaf_hash

_PAGE = 100
_MOST_RELEASES = 50


def release_log(log: LogReader, catalogue: str) -> list[Source]:
    """The latest releases of a catalogue's models, the newest first.

    A source's digest is the record's leaf hash in the log's tree.

    Raises:
        RecordsError: when the log cannot be read.
    """
    found: list[StoredRecord] = []
    after = -1
    while some := log.records(SERVICE, kind="release", after=after, limit=_PAGE):
        found = [*found, *some][-_PAGE:]
        after = some[-1].leaf_index
    told = [_source(stored) for stored in reversed(found)]
    return [each for each in told if _of(each) == catalogue][:_MOST_RELEASES]


def _source(stored: StoredRecord) -> Source:
    digest = f"sha256:{leaf_hash(stored.leaf).hex()}"
    return Source(
        f"record:{stored.record_id}", f"record/{stored.record_id}", digest, stored.content()
    )


def _of(source: Source) -> str | None:
    found = source.at("content", "catalogue").value
    return found if isinstance(found, str) else None
