"""The terms of a head among the members of one peer group: what a reason can say of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from models.indicator_among_peers import IndicatorAmongPeers


@dataclass(frozen=True, slots=True)
class TermsAmongPeers:
    """A head's terms among one group of peers, and the places of each dimension's terms.

    expected: the sign of each term's declared direction, 0 where it is free.
    """

    terms: tuple[IndicatorAmongPeers, ...]
    expected: tuple[int, ...]
    dimensions: Mapping[str, tuple[int, ...]]

    @classmethod
    def of(cls, terms: Sequence[IndicatorAmongPeers], expected: Sequence[int]) -> TermsAmongPeers:
        """These terms, with the places of their dimensions."""
        places: dict[str, list[int]] = {}
        for place, term in enumerate(terms):
            places.setdefault(term.dimension, []).append(place)
        dimensions = {name: tuple(members) for name, members in places.items()}
        return cls(tuple(terms), tuple(expected), dimensions)
