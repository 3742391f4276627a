"""Rules that cannot stand in one book: told by their codes when the files are read."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from features.checks.rule import SEVERITIES, Rule
from features.errors import Fault

_UPPER, _LOWER = ("at_most", "below"), ("at_least", "above")


def conflicts(rules: Sequence[Rule]) -> Iterator[Fault]:
    """Every conflict between two rules."""
    times = Counter(rule.code for rule in rules)
    for code in sorted(code for code, count in times.items() if count > 1):
        yield Fault(None, code, "each code once", f"{times[code]} rules of this code")
    for one, other in itertools.combinations(rules, 2):
        if one.code != other.code and _meet(one, other):
            yield from _between(one, other)


def _meet(one: Rule, other: Rule) -> bool:
    """Whether one project can come under both rules on one day."""
    if not one.effective.overlaps(other.effective):
        return False
    both = one.scope.keys() & other.scope.keys()
    return all(_overlap(one.scope[name], other.scope[name]) for name in both)


def _overlap(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether a code can begin with one of both."""
    return any(a.startswith(b) or b.startswith(a) for a in one for b in other)


def _between(one: Rule, other: Rule) -> Iterator[Fault]:
    pair = f"{one.code} and {other.code}"
    if one.condition == other.condition:
        if one.severity is other.severity:
            yield Fault(None, pair, "each condition once", "the same condition twice")
        else:
            got = f"{one.severity} and {other.severity} for the same condition"
            yield Fault(None, pair, "one severity", got)
        return
    first, second = _limits(one), _limits(other)
    if first is None or second is None or first[0] != second[0]:
        return
    yield from _limits_conflict(pair, one, other, first[1], second[1])


_Limit = tuple[bool, float]


def _limits_conflict(
    pair: str, one: Rule, other: Rule, first: _Limit, second: _Limit
) -> Iterator[Fault]:
    (upper, limit), (other_upper, other_limit) = first, second
    if upper != other_upper:
        most, at_least = (limit, other_limit) if upper else (other_limit, limit)
        if at_least > most:
            got = f"at least {at_least:g} and at most {most:g}"
            yield Fault(None, pair, "limits that a project can meet together", got)
        return
    got = f"{limit:g} ({one.severity}) and {other_limit:g} ({other.severity})"
    if one.severity is other.severity:
        yield Fault(None, pair, "one threshold for one severity", got)
        return
    graver, lighter = (
        (limit, other_limit)
        if SEVERITIES.index(one.severity) < SEVERITIES.index(other.severity)
        else (other_limit, limit)
    )
    if (graver < lighter) if upper else (graver > lighter):
        yield Fault(None, pair, "a graver finding beyond the lighter one", got)


def _limits(rule: Rule) -> tuple[str, _Limit] | None:
    """Of a rule that holds one value against a number: what is asked of what, and the limit."""
    operator = next((name for name in (*_UPPER, *_LOWER) if name in rule.require), "")
    arguments = rule.require.get(operator)
    if not isinstance(arguments, list):
        return None
    if len(arguments) != 2 or isinstance(arguments[1], bool):
        return None
    value, limit = arguments
    if not isinstance(limit, int | float):
        return None
    asked = _canonical({"each": rule.each, "when": rule.when, "where": rule.where, "of": value})
    return asked, (operator in _UPPER, float(limit))


def _canonical(node: Mapping[str, Any]) -> str:
    return json.dumps(node, sort_keys=True, ensure_ascii=False)
