"""A review of a comparison: who looked at it, and what they concluded."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from features.form import Digest, Form, Moment, Words
from models.people import Name

FOLDER = "reviews"


class Conclusion(StrEnum):
    """What the reviewers conclude."""

    APPROVE = "approve"
    REJECT = "reject"


class Review(Form):
    """The conclusion about one comparison. challenger, comparison: digests of what was reviewed."""

    format: Literal[1]
    catalogue: Name
    version: Annotated[int, Field(ge=1)]
    challenger: Digest
    comparison: Digest
    reviewers: Annotated[tuple[Name, ...], Field(min_length=1)]
    conclusion: Annotated[Conclusion, Field(strict=False)]
    comment: Words
    made: Moment

    def age_days(self, at: str) -> float:
        """Its age in days at a time."""
        return (datetime.fromisoformat(at) - datetime.fromisoformat(self.made)).total_seconds() / (
            24 * 60 * 60
        )


def keep_review(review: Review, folder: Path) -> Path:
    """The file that now holds a review, under the registry's folder of a catalogue."""
    digits = review.file_digest.removeprefix("sha256:")
    path = folder / FOLDER / f"{review.version}-{digits[:16]}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    waiting = path.with_suffix(".new")
    waiting.write_bytes(review.to_bytes())
    waiting.replace(path)
    return path


def newest_review(folder: Path, version: int, comparison: str) -> Review | None:
    """The newest review of a version's comparison; None where there is none.

    Raises:
        FormError: when a review is of another shape.
    """
    reviews = [Review.read(path) for path in sorted((folder / FOLDER).glob(f"{version}-*.json"))]
    of_this = [review for review in reviews if review.comparison == comparison]
    return max(of_this, key=lambda r: datetime.fromisoformat(r.made), default=None)
