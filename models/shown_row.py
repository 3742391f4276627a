"""The values of one project, as its reasons and their comparisons need them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from features.indicator_table import IndicatorTable
from models.comparison import ShownValue
from models.indicator_among_peers import IndicatorAmongPeers, Side


@dataclass(frozen=True, slots=True)
class ShownRow:
    """One row's indicators, in an order of their own: values as shown, and sides of the peers."""

    values: tuple[ShownValue, ...]
    sides: tuple[Side, ...]

    @classmethod
    def of(
        cls, indicators: Sequence[IndicatorAmongPeers], table: IndicatorTable, row: int
    ) -> ShownRow:
        """The values of these indicators, which are among the row's peers."""
        columns = table.columns
        found = [each.shown(columns[each.name].item(row)) for each in indicators]
        values, sides = zip(*found, strict=True) if found else ((), ())
        return cls(values, sides)
