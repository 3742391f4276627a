"""The values of one project, as its reasons and their comparisons need them."""

from __future__ import annotations

from features.catalogue import Catalogue
from features.indicator_table import IndicatorTable
from models.comparison import ShownValue, shown_value


class ShownRow(dict[str, tuple[float | str | None, ShownValue]]):
    """For each indicator of one row its raw value and the value as shown, found when asked for."""

    def __init__(self, catalogue: Catalogue, table: IndicatorTable, row: int) -> None:
        super().__init__()
        self.row = row
        self._indicators, self._columns = catalogue.by_name, table.columns

    def __missing__(self, name: str) -> tuple[float | str | None, ShownValue]:
        raw = self._columns[name].item(self.row)
        found = raw, shown_value(self._indicators[name], raw)
        self[name] = found
        return found
