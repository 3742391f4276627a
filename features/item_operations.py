"""The closed set of operations on the parts of a project that a catalogue may name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from features import items
from features.item_operation import ItemOperation, Result, item_operation

_FUNCTIONS: tuple[Callable[..., Result], ...] = (
    items.is_given,
    items.share_of_fields_given,
    items.is_any_of,
    items.prefix,
    items.lookup,
    items.count_items,
    items.count_distinct,
    items.sum_items,
    items.mean_items,
    items.maximum_item,
    items.minimum_item,
    items.share_given,
    items.share_of_items,
    items.share_of_sum,
    items.any_item,
    items.ratio_of_sums,
    items.sums_to_any_of,
    items.latest_item,
    items.count_years,
    items.mean_over_years,
    items.change_over_years,
)

ITEM_OPERATIONS: Mapping[str, ItemOperation] = MappingProxyType(
    {function.__name__: item_operation(function) for function in _FUNCTIONS}
)
"""Name → operation."""
