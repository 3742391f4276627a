"""The library as checks read it: the limit that holds for the unit price of one line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from features.catalogue import Catalogue
from features.checks.reference import StandardLimit
from features.item_operation import Value
from features.standards.library import Library
from features.standards.naming import source_label, standard_label
from features.standards.priced_item import Family, PricedItem, priced_items_of
from features.standards.set_standard import SetStandard, StandardForm


class CheckedLimits:
    """What a library allows for lines of projects of a catalogue."""

    def __init__(self, library: Library, catalogue: Catalogue) -> None:
        self.library, self.catalogue = library, catalogue
        # The lines of a project are asked about one after the other: its items stay at hand.
        self._latest: tuple[Mapping[str, Any], list[PricedItem]] = ({}, [])

    @property
    def digest(self) -> str:
        """The digest of the library."""
        return self.library.digest

    def limit(self, project: Mapping[str, Any], line: Mapping[str, Value]) -> StandardLimit | None:
        """The firmest standard that is set for a line, else the learned one; None without any.

        A share of the request or a limit of a line is told as a limit of its unit price.
        """
        lines = project[self.library.fields.lines.part] or ()
        number = next((place for place, each in enumerate(lines, start=1) if each is line), 0)
        wanted = f"{self.library.fields.lines.part}[{number}]"
        items = self._items(project)
        item = next((each for each in items if each.place == wanted), None)
        if item is None:
            return None
        requested = sum(each.amount for each in items if each.subject.family is Family.PROJECT)
        for standard in self.library.set_for(item):
            high = _unit_limit(standard, item, requested)
            if high > 0:
                label = standard_label(standard, self.catalogue)
                source = source_label(standard, self.library)
                return StandardLimit(standard.code, label, high, None, source)
        learned = self.library.learned_for(item)
        if learned is None:
            return None
        factor = learned.factor(item.price_index)
        return StandardLimit(
            learned.code,
            standard_label(learned, self.catalogue),
            factor * learned.ceiling,
            factor * learned.low,
            source_label(learned, self.library),
        )

    def _items(self, project: Mapping[str, Any]) -> list[PricedItem]:
        latest, items = self._latest
        if latest is not project:
            items = list(priced_items_of(project, self.catalogue, self.library.fields))
            self._latest = (project, items)
        return items


def _unit_limit(standard: SetStandard, item: PricedItem, requested: float) -> float:
    """Yuan per unit; 0 where a share of a request is meant that is not known."""
    if standard.form is StandardForm.QUOTA:
        return standard.value
    if standard.form is StandardForm.LIMIT:
        return standard.value / item.quantity
    return standard.value * requested / item.quantity
