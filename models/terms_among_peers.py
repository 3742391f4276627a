"""The terms of a head among the members of one peer group: what a reason can say of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.indicator_among_peers import IndicatorAmongPeers

InShort = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class TermsAmongPeers:
    """A head's t terms among one group of peers, and the places of each dimension's terms.

    places: where each term is among the indicators of a `ShownRow`. in_short: (t, 4), of each term
    its place, the sign of its declared direction (0 where it is free), its rank by name, and the
    number of its dimension.
    """

    terms: tuple[IndicatorAmongPeers, ...]
    places: tuple[int, ...]
    in_short: InShort
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
        by_name, by_dimension = sorted(term.name for term in terms), list(together)
        in_short = [
            (place, sign, by_name.index(term.name), by_dimension.index(term.dimension))
            for place, sign, term in zip(places, expected, terms, strict=True)
        ]
        short = np.array(in_short, dtype=np.int32).reshape(len(terms), 4)
        return cls(terms, tuple(places), short, together)
