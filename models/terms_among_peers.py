"""The terms of a head among the members of one peer group: what a reason can say of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from models.indicator_among_peers import IndicatorAmongPeers


@dataclass(frozen=True, slots=True)
class TermsAmongPeers:
    """A head's terms among one group of peers, and the places of each dimension's terms.

    places: where each term is among the indicators of a `ShownRow`. in_short: each term's place,
    the sign of its declared direction (0 where it is free), name and dimension.
    """

    terms: tuple[IndicatorAmongPeers, ...]
    places: tuple[int, ...]
    in_short: tuple[tuple[int, int, str, str], ...]
    dimensions: Mapping[str, tuple[int, ...]]

    @classmethod
    def of(
        cls,
        indicators: Sequence[IndicatorAmongPeers],
        places: Sequence[int],
        expected: Sequence[int],
    ) -> TermsAmongPeers:
        """The indicators at these places as the terms of a head."""
        terms = tuple(indicators[place] for place in places)
        dimensions: dict[str, list[int]] = {}
        for number, term in enumerate(terms):
            dimensions.setdefault(term.dimension, []).append(number)
        together = {name: tuple(members) for name, members in dimensions.items()}
        in_short = tuple(
            (place, sign, term.name, term.dimension)
            for place, sign, term in zip(places, expected, terms, strict=True)
        )
        return cls(terms, tuple(places), in_short, together)
