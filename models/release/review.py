"""A review of a comparison: what experts judged of it, who concluded what, under whose key."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from features.errors import ReleaseRefused
from features.form import Count, Digest, Form, Moment, Words
from models.approval import Signature
from models.people import Name, People, Person, PersonKey

FOLDER = "reviews"
_SIGNED_AS = b"lingji review 1\n"


class Conclusion(StrEnum):
    """What the reviewers conclude."""

    APPROVE = "approve"
    REJECT = "reject"


class Severity(StrEnum):
    """How grave a finding is."""

    MINOR = "minor"
    MAJOR = "major"
    CRITICAL = "critical"


class ReviewedCases(Form):
    """What experts had judged when the review was concluded.

    round: the digest of the list of cases. report: of the report of agreement. log_size: how many
    records of the log were read for it. cases: those judged unseen by somebody; experts: by whom.
    open_findings: by severity, those not closed.
    """

    round: Digest
    report: Digest
    log_size: Count
    cases: Count
    experts: Count
    open_findings: dict[Annotated[Severity, Field(strict=False)], Count]


class Review(Form):
    """The conclusion about one comparison. challenger, comparison: digests of what was reviewed.

    Format 1 has neither cases nor signatures: it is what somebody typed. Where the policy asks for
    no cases, format 2 may be without them.
    """

    format: Literal[1, 2]
    catalogue: Name
    version: Annotated[int, Field(ge=1)]
    challenger: Digest
    comparison: Digest
    reviewers: Annotated[tuple[Name, ...], Field(min_length=1)]
    conclusion: Annotated[Conclusion, Field(strict=False)]
    comment: Words
    made: Moment
    cases: ReviewedCases | None = None
    signatures: tuple[Signature, ...] = ()

    @model_validator(mode="after")
    def _by_format(self) -> Review:
        if self.format == 1 and (self.cases is not None or self.signatures):
            raise ValueError("cases and signatures from format 2 on")
        return self

    def age_days(self, at: str) -> float:
        """Its age in days at a time."""
        return (datetime.fromisoformat(at) - datetime.fromisoformat(self.made)).total_seconds() / (
            24 * 60 * 60
        )

    def signed_by(self, keys: Sequence[PersonKey], people: People) -> Review:
        """The review with the signature of every reviewer.

        Raises:
            PersonError: when a key is nobody's.
            ReleaseRefused: when a signature does not count.
        """
        signatures = []
        for key in keys:
            person = people.owner(key.public)
            signed = key.sign(self._to_sign(person.name, self.made))
            given = Signature(person=person.name, key=person.key, made=self.made, signature=signed)
            signatures.append(given)
        signed_review = self.model_copy(update={"signatures": tuple(signatures)})
        signed_review.require_signed(people)
        return signed_review

    def require_signed(self, people: People) -> tuple[Person, ...]:
        """The reviewers, when each has signed just this.

        Raises:
            ReleaseRefused: otherwise.
        """
        if tuple(signature.person for signature in self.signatures) != self.reviewers:
            got = ", ".join(signature.person for signature in self.signatures) or "nobody's"
            raise ReleaseRefused(
                f"expected the signatures of {', '.join(self.reviewers)} under the review; got "
                f"{got}; sign with `lingji review conclude --key`"
            )
        return tuple(self._signer(signature, people) for signature in self.signatures)

    def _signer(self, signature: Signature, people: People) -> Person:
        person = next((p for p in people.people if p.key == signature.key), None)
        if person is None or person.name != signature.person:
            raise ReleaseRefused(
                f"expected a review signed by a listed person; got {signature.person}, whose key "
                "is not listed"
            )
        if not person.counted(signature.made):
            raise ReleaseRefused(
                f"expected a signature made while it counts; got {person.name}'s of "
                f"{signature.made}, when it did not"
            )
        if not person.signed(self._to_sign(signature.person, signature.made), signature.signature):
            raise ReleaseRefused(
                f"expected the signature of {person.name} over this review; got one that does not "
                "hold: the review was altered"
            )
        return person

    def _to_sign(self, name: str, made: str) -> bytes:
        unsigned = self.model_copy(update={"signatures": ()})
        return _SIGNED_AS + unsigned.to_bytes() + f"{name}\n{made}\n".encode()


def keep_review(review: Review, folder: Path) -> Path:
    """The file that now holds a review, under the registry's folder of a catalogue."""
    digits = review.file_digest.removeprefix("sha256:")
    path = folder / FOLDER / f"{review.version}-{digits[:16]}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    waiting = path.with_suffix(".new")
    waiting.write_bytes(review.to_bytes())
    waiting.replace(path)
    return path


def reviews_of(folder: Path, version: int) -> list[Review]:
    """Every review of a version, whichever comparison it is of.

    Raises:
        FormError: when one of them is of another shape.
    """
    return [Review.read(path) for path in sorted((folder / FOLDER).glob(f"{version}-*.json"))]


def newest_review(folder: Path, version: int, comparison: str) -> Review | None:
    """The newest review of a version's comparison; None where there is none.

    Raises:
        FormError: when a review is of another shape.
    """
    of_this = [review for review in reviews_of(folder, version) if review.comparison == comparison]
    return max(of_this, key=lambda r: datetime.fromisoformat(r.made), default=None)
