"""A contribution: files of outcomes that somebody handed in, and what became of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class ContributionKind(StrEnum):
    """Whose word the outcomes are."""

    APPRAISAL = "appraisal"
    """What a round of appraisal, execution and evaluation said."""
    JUDGEMENT = "expert_judgement"
    """What experts judged of chosen cases; learned from only where the recipe says so."""


@dataclass(frozen=True)
class Quality:
    """How good a contribution is, from what reading it found.

    rows: of its files. read: the share of rows without a fault. possible: the share of the known
    outcomes that can be true. known: outcome column → the share of its projects that have it.
    """

    rows: int
    read: float
    possible: float
    known: Mapping[str, float]

    @property
    def score(self) -> float:
        """From 0 to 1: the share that was both readable and possible; lateness lowers nothing."""
        return self.read * self.possible


@dataclass(frozen=True)
class Decision:
    """That a contribution was excluded or included again, by whom, when and why."""

    excluded: bool
    by: str
    when: str
    reason: str


@dataclass(frozen=True)
class Contribution:
    """One contribution: what it is, who gave it when, and whether it counts.

    number: of its addition. digest: SHA-256 of its files. projects, outcomes: the names of its
    files, None where it has none of the sort. rounds: of its outcomes, first to last. decisions:
    oldest first; the last one holds.
    """

    number: int
    digest: str
    kind: ContributionKind
    contributor: str
    received: str
    projects: str | None
    outcomes: str | None
    rounds: tuple[int, ...]
    quality: Quality
    decisions: tuple[Decision, ...] = ()

    @property
    def excluded(self) -> bool:
        """Whether it is left out of what is learned from."""
        return bool(self.decisions) and self.decisions[-1].excluded
