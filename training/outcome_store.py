"""The store of outcomes: contributions as they came, and what was decided about them.

Layout under the working folder: `outcomes/<catalogue>/files/<digest>/` holds the files of a
contribution as they came, and `outcomes/<catalogue>/events/<number>.json` what happened, one file
each: something was added, excluded, or included again. Nothing is ever changed or deleted; what
counts today is read from the events (`training.gathered_outcomes`).
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from features.catalogue import Catalogue
from features.errors import OutcomeStoreError
from training.appraisal_data import contributed_files, files_digest
from training.contribution import Contribution, ContributionKind, Decision, Quality
from training.contribution_reading import ContributionFiles, Progress, quality_of, read_contribution

_DIGITS = 6


@dataclass(frozen=True)
class OutcomeStore:
    """The contributions to one catalogue's outcomes in a working folder."""

    root: Path
    catalogue: Catalogue

    @property
    def folder(self) -> Path:
        """Where the contributions are."""
        return self.root / "outcomes" / self.catalogue.catalogue

    def contributions(self, until: int | None = None) -> list[Contribution]:
        """Every contribution, oldest first, with what was decided about it up to an event."""
        found: dict[int, Contribution] = {}
        for number, event in self._events():
            if until is not None and number > until:
                break
            if event["event"] == "added":
                contribution = _contribution(number, event)
                if all(contribution.digest != other.digest for other in found.values()):
                    found[number] = contribution  # of two racing additions the first counts
                continue
            decided = found[event["contribution"]]
            decision = Decision(
                event["event"] == "excluded", event["by"], event["when"], event["reason"]
            )
            found[decided.number] = replace(decided, decisions=(*decided.decisions, decision))
        return list(found.values())

    def counted(self, until: int | None = None, judgements: bool = False) -> list[Contribution]:
        """The contributions that count, in the order in which they were taken in.

        judgements: whether those of experts about chosen cases do.
        """
        return [
            each
            for each in self.contributions(until)
            if not each.excluded and (judgements or each.kind is not ContributionKind.JUDGEMENT)
        ]

    def event_of(self, digest: str, judgements: bool = False) -> int | None:
        """The last event after which what counts had that digest; None if it never had."""
        numbers = [number for number, _ in self._events()]
        states = (
            (number, counted_digest(self.counted(number, judgements)))
            for number in reversed(numbers)
        )
        return next((number for number, found in states if found == digest), None)

    def contribution(self, number: int) -> Contribution:
        """The contribution of that number.

        Raises:
            OutcomeStoreError: when there is none.
        """
        every = {each.number: each for each in self.contributions()}
        if number not in every:
            have = ", ".join(map(str, every)) or "none"
            raise OutcomeStoreError(f"expected a contribution ({have}); got {number}")
        return every[number]

    def files(self, contribution: Contribution) -> ContributionFiles:
        """Where the files of a contribution are.

        Raises:
            OutcomeStoreError: when they are not what was handed in.
        """
        folder = self.folder / "files" / contribution.digest.removeprefix("sha256:")
        projects, outcomes = contribution.projects, contribution.outcomes
        found = ContributionFiles(
            folder / projects if projects else None, folder / outcomes if outcomes else None
        )
        present = all(file.is_file() for file in found)
        digest = files_digest(found) if present else "no such file"
        if digest != contribution.digest:
            raise OutcomeStoreError(
                f"expected the files of contribution {contribution.number} with "
                f"{contribution.digest}; got {digest}; restore {folder}, or exclude it"
            )
        return found

    def add(
        self,
        path: Path,
        contributor: str,
        progress: Progress = lambda rows: None,
        kind: ContributionKind = ContributionKind.APPRAISAL,
    ) -> tuple[Contribution, bool]:
        """The contribution made of a file or folder, and whether it is new.

        The same bytes again change nothing: the contribution that has them is given back.

        Raises:
            FileError: when nothing in it can be read.
        """
        files = ContributionFiles(*contributed_files(path))
        digest = files_digest(files)
        for known in self.contributions():
            if known.digest == digest:
                return known, False
        self._keep(files, digest)
        read = read_contribution(files, self.catalogue, progress)
        number = self._tell(
            {
                "event": "added",
                "digest": digest,
                "kind": kind.value,
                "contributor": contributor,
                "received": _now(),
                "projects": files.projects and files.projects.name,
                "outcomes": files.outcomes and files.outcomes.name,
                "rounds": list(read.rounds),
                "quality": asdict(quality_of(read, self.catalogue)),
            }
        )
        counted = next(each for each in self.contributions() if each.digest == digest)
        return counted, counted.number == number

    def decide(self, number: int, excluded: bool, by: str, reason: str) -> Contribution:
        """The contribution with one decision more; none is added where it changes nothing.

        Raises:
            OutcomeStoreError: when there is no such contribution.
        """
        if self.contribution(number).excluded != excluded:
            event = "excluded" if excluded else "included"
            told = {"event": event, "contribution": number, "by": by, "when": _now()}
            self._tell({**told, "reason": reason})
        return self.contribution(number)

    def _keep(self, files: ContributionFiles, digest: str) -> None:
        """Copy the files to where their digest says, in one step."""
        target = self.folder / "files" / digest.removeprefix("sha256:")
        if target.is_dir():
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent) as waiting:
            copied = Path(waiting) / "copied"
            copied.mkdir()
            for file in files:
                shutil.copyfile(file, copied / file.name)
            try:
                copied.rename(target)
            except OSError:
                if not target.is_dir():  # another process kept the same bytes meanwhile
                    raise

    def _events(self) -> Iterator[tuple[int, dict[str, Any]]]:
        for path in sorted((self.folder / "events").glob("*.json")):
            try:
                yield int(path.stem), json.loads(path.read_text(encoding="utf-8"))
            except ValueError as error:
                raise OutcomeStoreError(
                    f"expected an event in JSON in {path}; got {error}; restore the file"
                ) from error

    def _tell(self, event: Mapping[str, Any]) -> int:
        """The number of the event's file, the next that is free; it appears whole or not at all."""
        folder = self.folder / "events"
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=folder, suffix=".new", encoding="utf-8") as file:
            json.dump(event, file, ensure_ascii=False, indent=1)
            file.flush()
            os.fsync(file.fileno())
            number = max((int(path.stem) for path in folder.glob("*.json")), default=0)
            while True:
                number += 1
                try:
                    os.link(file.name, folder / f"{number:0{_DIGITS}}.json")
                    return number
                except FileExistsError:
                    continue  # another process took the number; try the next


def counted_digest(contributions: Sequence[Contribution]) -> str:
    """The digest of what contributions say together; of a single one it is that of its files."""
    digests = [each.digest for each in contributions]
    if len(digests) == 1:
        return digests[0]
    return f"sha256:{hashlib.sha256(chr(10).join(digests).encode()).hexdigest()}"


def _contribution(number: int, event: Mapping[str, Any]) -> Contribution:
    return Contribution(
        number,
        event["digest"],
        ContributionKind(event["kind"]),
        event["contributor"],
        event["received"],
        event["projects"],
        event["outcomes"],
        tuple(event["rounds"]),
        Quality(**event["quality"]),
    )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
