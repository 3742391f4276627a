"""What the record of a run says: many projects answered together, none of them left out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from features.catalogue import Catalogue
from models.registry import Release
from serving.asker import Asker
from serving.recording.score_record import kept_name, model_named, software
from serving.records.record import Record, SealedRecord
from serving.wording.envelope import Json, Refusal

RUN_FORMAT = 1
_NAME = re.compile(r"[a-z][a-z0-9_]*")


def rulers(rows: Mapping[str, int], champion: Release) -> Json:
    """How many rows each version answered, as `versions`; nothing where the champion alone did.

    Where several did, the rows' scores are of several rulers, and so is any order of them.
    """
    return (
        {}
        if set(rows) <= {str(champion.version.number)}
        else {"versions": dict(sorted(rows.items()))}
    )


def run_content(release: Release, asker: Asker, counts: Json, records: int) -> Json:
    """What every run's record says: the model, who asked, and whether everything has its answer.

    Args:
        counts: `rows` that came in, and how many are `rated`, `not_rated` and `refused`.
        records: how many records of rows there are.
    """
    answered = counts["rated"] + counts["not_rated"]
    return {
        "format": RUN_FORMAT,
        "model": model_named(release),
        "software": software(),
        "rows": counts,
        "records": records,
        "complete": counts["rows"] == answered + counts["refused"] and records == answered,
        "asked": {"role": asker.role, "way": asker.way},
    }


@dataclass(frozen=True)
class BatchItem:
    """One project of a batch, in its place.

    status: rated, not_rated or refused. record_id: of its score; or why there is none: the code of
    its error, the indicators and parts that it names, and the SHA-256 of the error as answered.
    """

    status: str
    record_id: str | None = None
    error: str = ""
    fields: tuple[str, ...] = ()
    sha256: str = ""

    @classmethod
    def refused(cls, refusal: Refusal, said: bytes, catalogue: Catalogue) -> BatchItem:
        """The item of a project that was refused with these bytes.

        Of the fields it keeps those that the catalogue has: any other name is the caller's text.
        """
        named = (_NAME.match(fault.field or "") for fault in refusal.faults)
        known = [found[0] for found in named if found and found[0] in catalogue.document_names]
        digest = sha256(said).hexdigest()
        return cls("refused", None, refusal.code, tuple(dict.fromkeys(known)), digest)

    def as_json(self) -> Json:
        """The item as the batch's record lists it."""
        if self.record_id is not None:
            return {"record_id": self.record_id}
        return {"error": self.error, "fields": list(self.fields), "sha256": self.sha256}


def batch_record(
    release: Release,
    items: Sequence[BatchItem],
    ranking: bytes,
    asker: Asker,
    record_id: str,
    versions: Json,
) -> SealedRecord:
    """The sealed record of a batch: what became of each project, in the order sent.

    Args:
        versions: as `rulers` has it.
        ranking: the ids of the rated projects as answered, JSON.
    """
    listed = [item.as_json() for item in items]
    statuses = [item.status for item in items]
    counts = {name: statuses.count(name) for name in ("rated", "not_rated", "refused")}
    recorded = sum(item.record_id is not None for item in items)
    content = run_content(release, asker, {"rows": len(items), **counts}, recorded)
    content |= versions | {
        "items": listed,
        "items_digest": f"sha256:{items_digest(listed)}",
        "ranking_digest": f"sha256:{sha256(ranking).hexdigest()}",
    }
    return Record(
        "batch",
        kept_name(asker.actor) or "unknown",
        content,
        on_behalf_of=kept_name(asker.department),
        department=kept_name(asker.department),
        record_id=record_id,
    ).sealed()


def items_digest(items: Iterable[Json]) -> str:
    """SHA-256 over a batch's items, a line each: the record's id, or the error's own SHA-256."""
    lines = (f"{item.get('record_id') or item['sha256']}\n" for item in items)
    return sha256("".join(lines).encode()).hexdigest()
