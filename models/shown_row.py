"""The values of one project, as its reasons and their comparisons need them."""

from __future__ import annotations

from collections.abc import Mapping

from features.catalogue import Catalogue
from features.indicator_table import IndicatorTable
from models.comparison import ShownValue, shown_value
from models.indicator_among_peers import IndicatorAmongPeers, Side


class ShownRow(dict[str, tuple[ShownValue, Side]]):
    """For each indicator of one row its value as shown and its side, found when asked for.

    peers: the indicators among the row's peers.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        table: IndicatorTable,
        row: int,
        peers: Mapping[str, IndicatorAmongPeers],
    ) -> None:
        super().__init__()
        self.row, self._peers = row, peers
        self._indicators, self._columns = catalogue.by_name, table.columns

    def __missing__(self, name: str) -> tuple[ShownValue, Side]:
        raw = self._columns[name].item(self.row)
        value = shown_value(self._indicators[name], raw)
        found = self[name] = value, self._peers[name].side(raw, value)
        return found
