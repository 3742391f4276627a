"""A head's terms among the members of one peer group: what a reason can say of each."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from features.field import Kind
from features.head_declaration import HeadDeclaration
from features.kept_beside import KeptBeside
from models.comparison import Comparison, ShownValue
from models.model import Model
from models.past_projects import compared_by_share

NEARLY_ALL = 0.8
SHOWN_PRECISION = 5e-4
_SIGN = {"+": 1, "-": -1, "free": 0}


@dataclass(frozen=True, slots=True)
class TermAmongPeers:
    """One term of one head, and what the project's peers have of it.

    told_if_same: whether the peers' own value says something, as a rare one does. expected: the
    sign of the declared direction, 0 where it is free. middle: what a number lies above or below,
    the peers' median, or for a flag their mean.
    """

    name: str
    dimension: str
    compared: Comparison
    typical: ShownValue
    told_if_same: bool
    expected: int
    middle: float

    def tells_alone(self, raw: float | str | None, shown: ShownValue, move: float) -> bool:
        """Whether a movement can be told beside its comparison.

        It cannot where the value is the peers' median, or nearly all of them have it, or where it
        would deny the declared direction: then it comes from the combination with other facts.
        """
        if not self.told_if_same and _alike(shown, self.typical):
            return False
        if not self.expected or not isinstance(raw, float):
            return True
        apart = raw - self.middle
        return apart != apart or (apart > 0) != (move * self.expected < 0)  # NaN: not comparable


@dataclass(frozen=True, slots=True)
class TermsAmongPeers:
    """A head's terms among one group of peers, and the places of each dimension's terms."""

    terms: tuple[TermAmongPeers, ...]
    dimensions: Mapping[str, tuple[int, ...]]

    @classmethod
    def of(
        cls, model: Model, head: HeadDeclaration, terms: Sequence[str], group: int
    ) -> TermsAmongPeers:
        """The terms of a head among the members of a peer group, found once per group."""
        kept = _kept(model)
        found = kept.get((head.name, group))
        if found is None:
            found = _found(tuple(_among_peers(model, head, term, group) for term in terms))
            kept[head.name, group] = found
        return found


def _found(terms: tuple[TermAmongPeers, ...]) -> TermsAmongPeers:
    names = dict.fromkeys(term.dimension for term in terms)
    places = {n: tuple(i for i, term in enumerate(terms) if term.dimension == n) for n in names}
    return TermsAmongPeers(terms, places)


_Kept = dict[tuple[str, int], TermsAmongPeers]


def _nothing_yet(model: Model) -> _Kept:
    return {}


_kept = KeptBeside(_nothing_yet)
"""Beside each model: its heads' terms, by head and group."""


def _among_peers(model: Model, head: HeadDeclaration, term: str, group: int) -> TermAmongPeers:
    indicator = model.catalogue.by_name[term]
    compared = model.comparison(term, group)
    return TermAmongPeers(
        term,
        indicator.dimension,
        compared,
        compared.typical,
        compared_by_share(indicator) and compared.share < NEARLY_ALL,
        _SIGN[indicator.use.get(head.name, "free")],
        _middle(model, term, group),
    )


def _middle(model: Model, term: str, group: int) -> float:
    """The peers' median of a number; of a flag their mean, the share of those that have it."""
    summary = model.summary
    column = summary.position[term]
    typical = float(summary.typical[group, column])
    if model.catalogue.by_name[term].kind is not Kind.FLAG:
        return typical
    share = float(summary.share[group, column])
    return share if typical >= 1 else 1 - share


def _alike(value: ShownValue, typical: ShownValue) -> bool:
    """Whether two values are the same as far as people are shown them."""
    if isinstance(value, float) and isinstance(typical, float):
        return math.isclose(value, typical, rel_tol=SHOWN_PRECISION)
    return value == typical
