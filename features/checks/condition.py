"""A condition that can be asked of every project, once it is compiled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from features.checks.checked import NO_MEASURE, Measure, NotApplicable
from features.checks.subject import Subject
from features.checks.terms import Term
from features.duplicates.round_pairs import ProjectPairs

Test = Callable[[Subject], bool | None]
NumberOf = Callable[[Subject], float | None]
ROUNDING = 1e-9
"""As a share: below it two amounts differ by how computers calculate, and not in what they say."""


@dataclass(frozen=True)
class Condition:
    """A condition that can be asked of every project.

    reads: the fields it rests on. measure: once it does not hold, what it was held against.
    reference: whether it reads reference data. why: once it is unknown, why, where no field that is
    not given says so. paired: once it does not hold, the pairs that say so.
    """

    test: Test
    reads: tuple[str, ...]
    measure: Callable[[Subject], Measure] = lambda _: NO_MEASURE
    reference: bool = False
    why: Callable[[Subject], NotApplicable] | None = None
    paired: Callable[[Subject], ProjectPairs | None] = lambda _: None


def number_of(term: Term) -> NumberOf:
    """How a term that `number_term` gave is read."""
    return cast("NumberOf", term.of)
