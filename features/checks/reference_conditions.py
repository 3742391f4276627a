"""Conditions that compare a project with reference data: standards, the result of its round."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from features.checks.checked import NO_MEASURE, Measure, NotApplicable
from features.checks.condition import ROUNDING, Condition, number_of
from features.checks.subject import Subject
from features.checks.terms import Place, Terms, WrongCondition
from features.checks.values import number_term
from features.duplicates.kinds import FAULTS
from features.duplicates.round_pairs import NotCompared, ProjectPairs
from features.standards.over_standard import Compared


def within_standard(node: Any, _: Mapping[str, Any], terms: Terms, place: Place) -> Condition:
    """A unit price that does not exceed the standard for its line, where one is set."""
    if terms.part is None:
        raise WrongCondition(place, "a rule that looks at each calculation line", "no each")
    found = number_term(node, terms, place)
    price_of = number_of(found)

    def beside(subject: Subject) -> Compared | None:
        library = subject.reference.standards
        return None if library is None else library.of_line(subject.values, subject.number)

    def test(subject: Subject) -> bool | None:
        price, compared = price_of(subject), beside(subject)
        if price is None or compared is None:
            return None
        return price <= compared.limit * (1 + ROUNDING)

    def measure(subject: Subject) -> Measure:
        price, compared = price_of(subject), beside(subject)
        if price is None or compared is None:
            return NO_MEASURE
        return Measure(compared.limit, price, price - compared.limit, compared.standard.code)

    return Condition(test, found.reads, measure, reference=True)


def not_paired(node: Any, _: Mapping[str, Any], terms: Terms, place: Place) -> Condition:
    """A project that the result of its round pairs with no other in one of some ways."""
    if not isinstance(node, list) or not node or not set(node) <= set(FAULTS):
        raise WrongCondition(place, f"a list of {', '.join(FAULTS)}", repr(node)[:60])
    kinds = tuple(map(str, node))

    def found(subject: Subject) -> ProjectPairs | NotCompared:
        rounds = subject.reference.duplicates
        return NotCompared.NO_ROUND if rounds is None else rounds.of(subject.values)

    def paired(subject: Subject) -> ProjectPairs | None:
        whole = found(subject)
        return (
            whole._replace(pairs=whole.of_kinds(kinds)) if isinstance(whole, ProjectPairs) else None
        )

    def test(subject: Subject) -> bool | None:
        whole = found(subject)
        return not whole.of_kinds(kinds) if isinstance(whole, ProjectPairs) else None

    def measure(subject: Subject) -> Measure:
        whole = paired(subject)
        if whole is None:
            return NO_MEASURE
        surest = whole.pairs[0]
        if surest.threshold is not None:
            return Measure(surest.threshold, surest.together)
        likely = surest.probability
        return Measure(None, surest.score if likely is None else likely)

    def why(subject: Subject) -> NotApplicable:
        return NotApplicable(str(found(subject)))

    return Condition(test, (), measure, reference=True, why=why, paired=paired)
