"""What people look into of a record, as a page shows it: what it is, its state, what was said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from serving.page.words import page_words
from serving.wording.envelope import Json


@dataclass(frozen=True)
class Said:
    """One thing that somebody said of it."""

    time: str
    actor: str
    state: str
    comment: str


@dataclass(frozen=True)
class MatterShown:
    """A finding, or a warning, in one language.

    id: as a form names it. code: of the rule or the standard. kind: the severity of a finding, or
    the kind of a warning. next: what may be said of it now, values with their words.
    """

    id: str
    code: str
    place: str
    kind: str
    kind_word: str
    text: str
    state: str
    state_word: str
    since: str
    said: tuple[Said, ...]
    next: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class HandlingShown:
    """Everything that people look into of a record.

    address: where the form goes that says something of it; "" for one who may not.
    """

    findings: Sequence[MatterShown]
    warnings: Sequence[MatterShown]
    address: str
    longest: int

    @property
    def open(self) -> int:
        """How many nobody has said anything of yet."""
        return sum(not matter.said for matter in (*self.findings, *self.warnings))


def matter_shown(
    course: Json,
    following: Sequence[str],
    text: str,
    kind: tuple[str, str],
    code: str,
    place: str,
    lang: str,
) -> MatterShown:
    """A matter in one language.

    Args:
        course: what became of it, as `handled` of `serving.recording` has it.
        following: the states that may follow.
        kind: of a finding its severity, of a warning its kind; and the word for it.
    """
    words = page_words(lang)
    state = course["state"]
    return MatterShown(
        course["finding_id"],
        code,
        place,
        *kind,
        text,
        state,
        words[f"state_{state}"],
        _minute(course["since"]),
        tuple(
            Said(_minute(s["time"]), s["actor"], words[f"state_{s['state']}"], s["comment"])
            for s in course["history"]
        ),
        tuple((after, words[f"state_{after}"]) for after in following),
    )


def _minute(time: str) -> str:
    return time[:16].replace("T", " ")


def said_matter(matter: str, lang: str) -> str:
    """What people look into, by its id, in words: a warning's kind, rule and place."""
    kind, slash, rest = matter.partition("/")
    if not slash:
        return matter
    rule, _, place = rest.partition(":")
    return " ".join(part for part in (page_words(lang)[f"topics_{kind}"], rule, place) if part)
