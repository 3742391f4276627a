"""A round of review: the cases chosen for one comparison, kept in a folder that never changes.

`cases/<round>/round.json` lists them with the digests of their files, `<number>.case.json` and
`<number>.answers.json`. A reader who has the round's digest from the record log knows all of it.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from features.errors import Fault, FormError
from features.form import Count, Digest, Form, Moment, digest_of, form_bytes
from models.people import Name
from models.release.review import reviews_of
from models.review.case import Case, CaseAnswers, CaseId, Stratum

FOLDER, FILE = "cases", "round.json"
RecordId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f-]{36}$")]
_DIGITS = 12


class CaseEntry(Form):
    """One case of a round, with the digests of its two files."""

    id: CaseId
    project_id: str
    year: int
    case: Digest
    answers: Digest


class StratumSize(Form):
    """How many projects could be chosen for a stratum, and how many were."""

    projects: Count
    drawn: Count


class ReviewRound(Form):
    """The cases of one comparison.

    record: the record of the log that says this round was opened. policy: the digest of the rule by
    which it was chosen, seed: what its chance began with. projects: from how many.
    """

    format: Literal[1] = 1
    catalogue: str
    version: Annotated[int, Field(ge=1)]
    challenger: Digest
    champion: Digest | None
    comparison: Digest
    record: RecordId
    made: Moment
    by: Name
    policy: Digest
    seed: Count
    projects: Count
    strata: dict[Stratum, StratumSize]
    cases: Annotated[tuple[CaseEntry, ...], Field(min_length=1)]

    @property
    def name(self) -> str:
        """The name of its folder, with which its cases' ids begin."""
        return round_name(self.version, self.comparison)

    def entry(self, case_id: str) -> CaseEntry | None:
        """The case of that id; None where there is none."""
        return next((entry for entry in self.cases if entry.id == case_id), None)


def round_name(version: int, comparison: str) -> str:
    """The name of a comparison's round."""
    return f"{version}-{comparison.removeprefix('sha256:')[:_DIGITS]}"


@dataclass(frozen=True)
class KeptRound:
    """A round in its folder."""

    path: Path
    round: ReviewRound

    @classmethod
    def at(cls, path: Path) -> KeptRound:
        """The round in a folder.

        Raises:
            FormError: when it is of another shape, or of another name than its folder.
        """
        found = ReviewRound.read(path / FILE)
        if found.name != path.name:
            raise FormError([Fault(None, "version", f"round {path.name}", found.name)], str(path))
        return cls(path, found)

    def case(self, entry: CaseEntry) -> Case:
        """The case to be judged.

        Raises:
            FormError: when it is not what was kept.
        """
        return Case.parse(*self._read(entry.id, "case", entry.case))

    def answers(self, entry: CaseEntry) -> CaseAnswers:
        """What the models said of it.

        Raises:
            FormError: when it is not what was kept.
        """
        found = CaseAnswers.parse(*self._read(entry.id, "answers", entry.answers))
        if found.case != entry.case:
            raise FormError([Fault(None, "case", entry.case, found.case)], str(self.path))
        return found

    def _read(self, case_id: str, sort: str, digest: str) -> tuple[bytes, str]:
        path = self.path / _file(case_id, sort)
        content = form_bytes(path)
        if digest_of(content) != digest:
            got = f"{digest_of(content)}: the file was changed"
            raise FormError([Fault(None, None, digest, got)], str(path))
        return content, str(path)


def prepare_round(
    review: ReviewRound, cases: Sequence[tuple[Case, CaseAnswers]], folder: Path
) -> Path:
    """A folder beside where the round will be, with all its files; `publish_round` shows it.

    Raises:
        FormError: when the round is there already: its cases are not drawn again.
    """
    target = folder / FOLDER / review.name
    if target.exists():
        got = f"round {review.name}, opened before: its cases stand"
        raise FormError([Fault(None, None, "a comparison without cases", got)], str(target))
    waiting = target.with_suffix(".new")
    shutil.rmtree(waiting, ignore_errors=True)
    waiting.mkdir(parents=True)
    (waiting / FILE).write_bytes(review.to_bytes())
    for case, answers in cases:
        (waiting / _file(case.id, "case")).write_bytes(case.to_bytes())
        (waiting / _file(answers.id, "answers")).write_bytes(answers.to_bytes())
    return waiting


def publish_round(waiting: Path) -> KeptRound:
    """The prepared round in its place, in one step."""
    target = waiting.with_suffix("")
    waiting.rename(target)
    return KeptRound.at(target)


def rounds_in(folder: Path) -> Iterator[KeptRound]:
    """Every round under the registry's folder of a catalogue, by version and name.

    Raises:
        FormError: when one of them is of another shape.
    """
    found = (p.parent for p in (folder / FOLDER).glob(f"*/{FILE}") if p.parent.suffix != ".new")
    for path in sorted(found, key=lambda p: (int(p.name.partition("-")[0]), p.name)):
        yield KeptRound.at(path)


def round_of(folder: Path, version: int, comparison: str) -> KeptRound | None:
    """The round of a version's comparison; None while there is none.

    Raises:
        FormError: when it is of another shape.
    """
    path = folder / FOLDER / round_name(version, comparison)
    return KeptRound.at(path) if (path / FILE).is_file() else None


def is_open(review: ReviewRound, folder: Path, serving: str | None) -> bool:
    """Whether a round's cases are still to be judged.

    They are not once the review is concluded, or when another model serves than the one that the
    challenger was compared with.

    Args:
        serving: the digest of what serves.
    """
    concluded = any(r.comparison == review.comparison for r in reviews_of(folder, review.version))
    return not concluded and review.champion == serving


def _file(case_id: str, sort: str) -> str:
    return f"{case_id.rpartition('-')[2]}.{sort}.json"
