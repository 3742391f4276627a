"""The rounds of a working folder as the service sees them, and what is hidden while one is open."""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace
from pathlib import Path

from models.registry import Registry
from models.review.round import FILE, FOLDER, KeptRound, is_open
from serving.access.caller import Caller, Role
from serving.inquiry import Desk
from serving.recording.score_record import kept_name
from serving.records.log_reader import LogReader
from serving.review.round_records import judged_by


@dataclass(frozen=True)
class OpenRounds:
    """The rounds of one catalogue. serving: the digest of the model that answers."""

    home: Path
    catalogue: str
    serving: str

    @classmethod
    def of(cls, desk: Desk) -> OpenRounds:
        """Those of the catalogue that a service answers by."""
        model = desk.release.model
        return cls(desk.home, model.catalogue.catalogue, desk.release.version.digest)

    @property
    def folder(self) -> Path:
        """The registry's folder of the catalogue."""
        return Registry(self.home, self.catalogue).folder

    def every(self) -> list[KeptRound]:
        """All rounds, oldest first.

        Raises:
            FormError: when one of them is not what was kept.
        """
        paths = (p.parent for p in (self.folder / FOLDER).glob(f"*/{FILE}"))
        found = [_kept(path) for path in paths if path.suffix != ".new"]
        return sorted(found, key=lambda kept: (kept.round.made, kept.round.name))

    def is_open(self, kept: KeptRound) -> bool:
        """Whether its cases are still to be judged."""
        return is_open(kept.round, self.folder, self.serving)

    def open(self) -> list[KeptRound]:
        """Those whose cases are still to be judged."""
        return [kept for kept in self.every() if self.is_open(kept)]

    def blinded(self, caller: Caller, log: LogReader) -> Caller:
        """The caller, to whom nothing recorded is shown of what he is to judge unseen.

        Raises:
            FormError: when a round is not what was kept.
            RecordsError: when the log cannot be read.
        """
        if caller.role is not Role.EXPERT:
            return caller
        unseen: set[str] = set()
        for kept in self.open():
            judged = judged_by(log, kept.round, kept_name(caller.name) or "")
            unseen |= {
                kept_name(entry.project_id) or ""
                for entry in kept.round.cases
                if entry.id not in judged
            }
        return replace(caller, unseen=frozenset(unseen))


@functools.lru_cache(64)
def _kept(path: Path) -> KeptRound:
    """The round in a folder, which never changes once it is there."""
    return KeptRound.at(path)
