"""What similar past projects typically have, as people know it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from features.catalogue import Catalogue
from features.indicator import Indicator
from features.indicator_table import Vocabulary
from models.past_projects import PeerSummary

ShownValue = float | str | None


class Comparison(NamedTuple):
    """What similar past projects typically have, and of whom.

    typical: the median, or the commonest value of a flag or an unordered category. share: of
    those projects that have exactly this value.
    """

    typical: ShownValue
    share: float
    projects: int
    first_year: int
    last_year: int


def compared(
    catalogue: Catalogue, vocabulary: Vocabulary, summary: PeerSummary, term: str, group: int
) -> Comparison:
    """The comparison of an indicator with the members of a peer group."""
    column = summary.position[term]
    number = float(summary.typical[group, column])
    codes = vocabulary.codes.get(term)
    raw: float | str = codes[int(number)] if codes and not math.isnan(number) else number
    return Comparison(
        shown_value(term, ordered_codes(catalogue.by_name[term]), raw),
        float(summary.share[group, column]),
        int(summary.count[group]),
        int(summary.first_year[group]),
        int(summary.last_year[group]),
    )


def ordered_codes(indicator: Indicator) -> tuple[str, ...]:
    """The codes of an ordered category by their positions; none for any other indicator."""
    return tuple(indicator.codes) if indicator.ordered and indicator.codes else ()


def shown_value(name: str, codes: Sequence[str], raw: float | str | None) -> ShownValue:
    """An indicator's value as people know it: a code for a category, None where unknown.

    Args:
        codes: the codes of an ordered category.

    Raises:
        ValueError: when it is infinite, which no answer can show.
    """
    if not isinstance(raw, float):
        return raw
    if raw != raw:
        return None
    if codes:
        return codes[int(raw)]
    if math.isinf(raw):
        raise ValueError(f"expected a finite {name}; got {raw}; see how it is derived")
    return raw
