"""The closed set of operations on the parts of a project that a catalogue may name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from features import (
    audit_findings,
    cost_lines,
    history,
    items,
    performance_targets,
    policy_basis,
    texts,
)
from features.item_operation import ItemOperation, Result, item_operation

_FUNCTIONS: tuple[Callable[..., Result], ...] = (
    items.is_given,
    items.share_of_fields_given,
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
    texts.substance,
    texts.concreteness,
    texts.originality,
    texts.specific_name,
    texts.count_figures,
    policy_basis.highest_level,
    policy_basis.highest_level_in_force,
    policy_basis.share_in_force,
    policy_basis.count_verifiable,
    policy_basis.any_mandatory,
    policy_basis.share_documented,
    policy_basis.years_since_latest,
    policy_basis.urgency,
    performance_targets.share_quantified,
    performance_targets.share_concrete,
    performance_targets.share_own,
    performance_targets.share_of_kinds,
    performance_targets.share_of_core_kinds,
    performance_targets.count_measurable,
    performance_targets.share_consistent,
    performance_targets.share_with_unit,
    performance_targets.share_weaker,
    cost_lines.share_multiplying,
    cost_lines.gap_to_total,
    cost_lines.share_fitting_class,
    cost_lines.largest_share,
    cost_lines.share_round,
    cost_lines.years_covered,
    history.latest_rate,
    history.mean_rate,
    history.change_of_rate,
    history.share_of_rates_below,
    audit_findings.count_findings,
    audit_findings.count_open_findings,
    audit_findings.count_findings_of,
    audit_findings.sum_of_findings,
)

ITEM_OPERATIONS: Mapping[str, ItemOperation] = MappingProxyType(
    {function.__name__: item_operation(function) for function in _FUNCTIONS}
)
"""Name → operation."""
