"""Conditions: the closed list of operators that a rule is composed of.

A condition that rests on a value which is not given is neither met nor failed: it is unknown, and
the rule then says which value is missing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from features.checks.checked import NO_MEASURE, Measure
from features.checks.condition import ROUNDING, Condition, NumberOf, Test, number_of
from features.checks.forms import FORMS
from features.checks.reference_conditions import not_paired, within_standard
from features.checks.subject import Subject
from features.checks.terms import Place, Term, Terms, WrongCondition, operator_of
from features.checks.values import number_term, term
from features.economic_class import EconomicClasses
from features.item_operation import Value

_TEXTS_REMEMBERED = 4096
"""Codes, units and short texts come again and again; long ones push each other out."""

Compiled = Callable[[Any, Mapping[str, Any], Terms, Place], Condition]


@dataclass(frozen=True)
class Operator:
    """An operator of conditions, with the options that it must and may have."""

    compile: Compiled
    description: str
    required: frozenset[str] = frozenset()
    optional: frozenset[str] = frozenset()


def condition(node: Any, terms: Terms, place: Place) -> Condition:
    """The condition that a node writes: an operator with its arguments, and its options.

    Raises:
        WrongCondition: when it is none.
    """
    if not isinstance(node, dict) or not node:
        raise WrongCondition(place, "a condition", repr(node)[:60])
    name, options = operator_of(node, OPERATORS, place)
    operator = OPERATORS[name]
    for missing in sorted(operator.required - node.keys()):
        raise WrongCondition((*place, name), f"the option {missing}", "none")
    known = operator.required | operator.optional
    for other in options:
        if other not in known:
            expected = f"the options {', '.join(sorted(known))}" if known else "no option"
            raise WrongCondition((*place, other), expected, str(other))
    given = {option: node[option] for option in options}
    return operator.compile(node[name], given, terms, (*place, name))


def _several(nodes: Any, terms: Terms, place: Place) -> list[Condition]:
    if not isinstance(nodes, list) or not nodes:
        raise WrongCondition(place, "a list of conditions", repr(nodes)[:60])
    return [condition(node, terms, (*place, n)) for n, node in enumerate(nodes)]


def _reads(found: list[Condition] | list[Term]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for each in found for name in each.reads))


def _all(nodes: Any, _: Mapping[str, Any], terms: Terms, place: Place) -> Condition:
    parts = _several(nodes, terms, place)
    tests = [part.test for part in parts]

    def test(subject: Subject) -> bool | None:
        found: bool | None = True
        for each in tests:
            held = each(subject)
            if held is False:
                return False
            if held is None:
                found = None
        return found

    def measure(subject: Subject) -> Measure:
        failed = (part for part in parts if part.test(subject) is False)
        return next(failed, parts[0]).measure(subject)

    return Condition(test, _reads(parts), measure, any(p.reference for p in parts))


def _any(nodes: Any, _: Mapping[str, Any], terms: Terms, place: Place) -> Condition:
    parts = _several(nodes, terms, place)
    tests = [part.test for part in parts]

    def test(subject: Subject) -> bool | None:
        found: bool | None = False
        for each in tests:
            held = each(subject)
            if held:
                return True
            if held is None:
                found = None
        return found

    reference = any(part.reference for part in parts)
    return Condition(test, _reads(parts), parts[0].measure, reference)


def _not(node: Any, _: Mapping[str, Any], terms: Terms, place: Place) -> Condition:
    inner = condition(node, terms, place)

    def test(subject: Subject) -> bool | None:
        held = inner.test(subject)
        return None if held is None else not held

    return Condition(test, inner.reads, inner.measure, inner.reference)


def _pair(nodes: Any, terms: Terms, place: Place) -> tuple[Term, Term]:
    if not isinstance(nodes, list) or len(nodes) != 2:
        raise WrongCondition(place, "two values", repr(nodes)[:60])
    first, second = (number_term(node, terms, (*place, n)) for n, node in enumerate(nodes))
    return first, second


def _limit(upper: bool, strict: bool) -> Compiled:
    def compiled(nodes: Any, _: Mapping[str, Any], terms: Terms, place: Place) -> Condition:
        value, limit = _pair(nodes, terms, place)
        value_of, limit_of = number_of(value), number_of(limit)
        if limit.constant is not None:
            test = _against(value_of, limit.constant, upper, strict)
            return Condition(test, value.reads, _limit_measure(value_of, limit_of))

        def compared(subject: Subject) -> bool | None:
            actual, most = value_of(subject), limit_of(subject)
            if actual is None or most is None:
                return None
            slack = ROUNDING * abs(most)
            over = actual - most if upper else most - actual
            return over < -slack if strict else over <= slack

        reads = _reads([value, limit])
        return Condition(compared, reads, _limit_measure(value_of, limit_of))

    return compiled


def _against(value_of: NumberOf, limit: float, upper: bool, strict: bool) -> Test:
    """The same against a constant, which is asked of every record and so made quick."""
    slack = ROUNDING * abs(limit) * (-1 if strict else 1)
    bound = limit + slack if upper else limit - slack
    if upper and strict:
        return lambda s: None if (v := value_of(s)) is None else v < bound
    if upper:
        return lambda s: None if (v := value_of(s)) is None else v <= bound
    if strict:
        return lambda s: None if (v := value_of(s)) is None else v > bound
    return lambda s: None if (v := value_of(s)) is None else v >= bound


def _limit_measure(value_of: NumberOf, limit_of: NumberOf) -> Callable[[Subject], Measure]:
    def measure(subject: Subject) -> Measure:
        actual, most = value_of(subject), limit_of(subject)
        if actual is None or most is None:
            return NO_MEASURE
        return Measure(most, actual, abs(actual - most))

    return measure


def _equal(nodes: Any, options: Mapping[str, Any], terms: Terms, place: Place) -> Condition:
    first, second = _pair(nodes, terms, place)
    slack, share = (_share(options.get(name, 0.0), place) for name in ("tolerance", "share"))
    share = max(share, ROUNDING)
    first_of, second_of = number_of(first), number_of(second)
    wanted = second.constant
    exact = 0.0 if wanted is None else wanted
    apart = max(slack, share * abs(exact))

    def test_constant(subject: Subject) -> bool | None:
        left = first_of(subject)
        return None if left is None else abs(left - exact) <= apart

    def test(subject: Subject) -> bool | None:
        left, right = first_of(subject), second_of(subject)
        if left is None or right is None:
            return None
        return abs(left - right) <= max(slack, share * abs(right))

    def measure(subject: Subject) -> Measure:
        left, right = first_of(subject), second_of(subject)
        if left is None or right is None:
            return NO_MEASURE
        return Measure(right, left, left - right)

    return Condition(test if wanted is None else test_constant, _reads([first, second]), measure)


def _share(value: Any, place: Place) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise WrongCondition(place, "a number from 0 on", repr(value)[:60])
    return float(value)


def _given(nodes: Any, _: Mapping[str, Any], terms: Terms, place: Place) -> Condition:
    names = nodes if isinstance(nodes, list) else [nodes]
    if not names:
        raise WrongCondition(place, "a field, or several", "none")
    parts = {part.name for part in terms.catalogue.parts}
    readers = [
        _records_of(name) if name in parts else terms.scalar(name, (*place, n)).of
        for n, name in enumerate(names)
    ]

    if len(readers) == 1:
        (read,) = readers
        return Condition(lambda subject: _filled(read(subject)), ())

    def test(subject: Subject) -> bool:
        for read in readers:  # noqa: SIM110 - a generator takes twice as long
            if not _filled(read(subject)):
                return False
        return True

    return Condition(test, ())


def _records_of(part: str) -> Callable[[Subject], Any]:
    return lambda subject: subject.records(part) or None


def _filled(value: Any) -> bool:
    return bool(value.strip()) if isinstance(value, str) else value is not None


def _about_text(
    node: Any, terms: Terms, place: Place, holds: Callable[[str], bool], threshold: str | None
) -> Condition:
    """A condition on one text: blank and absent ones are unknown."""
    found = term(node, terms, place)
    if found.kind != "text":
        raise WrongCondition(place, "a text", repr(node)[:60])
    text_of = found.of

    @lru_cache(maxsize=_TEXTS_REMEMBERED)
    def of_text(text: Value) -> bool | None:
        return holds(text.strip()) if isinstance(text, str) and text.strip() else None

    def test(subject: Subject) -> bool | None:
        return of_text(text_of(subject))

    def measure(subject: Subject) -> Measure:
        return Measure(threshold, _shown(text_of(subject)))

    return Condition(test, found.reads, measure)


def _shown(value: Value) -> str:
    text = str(value).strip()
    return text if len(text) <= 60 else f"{text[:59]}…"


def _one_of(node: Any, options: Mapping[str, Any], terms: Terms, place: Place) -> Condition:
    codes = frozenset(terms.texts(options["codes"], (*place, "codes")))
    return _about_text(node, terms, place, codes.__contains__, None)


def _begins_with(node: Any, options: Mapping[str, Any], terms: Terms, place: Place) -> Condition:
    beginnings = terms.texts(options["prefixes"], (*place, "prefixes"))
    return _about_text(node, terms, place, lambda text: text.startswith(beginnings), None)


def _in_form(node: Any, options: Mapping[str, Any], terms: Terms, place: Place) -> Condition:
    form = FORMS.get(str(options["form"]))
    if form is None:
        expected = f"one of {', '.join(sorted(FORMS))}"
        raise WrongCondition((*place, "form"), expected, repr(options["form"])[:60])
    return _about_text(node, terms, place, form, None)


def _mentions(node: Any, options: Mapping[str, Any], terms: Terms, place: Place) -> Condition:
    words = terms.texts(options["words"], (*place, "words"))
    found = re.compile("|".join(map(re.escape, words))).search
    return _about_text(node, terms, place, lambda text: found(text) is not None, None)


def _same_text(nodes: Any, _: Mapping[str, Any], terms: Terms, place: Place) -> Condition:
    if not isinstance(nodes, list) or len(nodes) != 2:
        raise WrongCondition(place, "two texts", repr(nodes)[:60])
    first, second = (term(node, terms, (*place, n)) for n, node in enumerate(nodes))
    first_of, second_of = first.of, second.of

    def test(subject: Subject) -> bool | None:
        left, right = first_of(subject), second_of(subject)
        if left is None or right is None:
            return None
        return "".join(str(left).split()) == "".join(str(right).split())

    def measure(subject: Subject) -> Measure:
        return Measure(None, _shown(first_of(subject)))

    return Condition(test, _reads([first, second]), measure)


def _not_before(nodes: Any, _: Mapping[str, Any], terms: Terms, place: Place) -> Condition:
    """Years and dates, compared only as finely as the coarser of the two."""
    if not isinstance(nodes, list) or len(nodes) != 2:
        raise WrongCondition(place, "two years or dates", repr(nodes)[:60])
    first, second = (term(node, terms, (*place, n)) for n, node in enumerate(nodes))
    first_of, second_of = first.of, second.of

    def test(subject: Subject) -> bool | None:
        left, right = first_of(subject), second_of(subject)
        if left is None or right is None:
            return None
        if isinstance(left, str) and isinstance(right, str):
            return left[:10] >= right[:10]
        return int(str(left)[:4]) >= int(str(right)[:4])

    def measure(subject: Subject) -> Measure:
        return Measure(_moment(second_of(subject)), _moment(first_of(subject)))

    return Condition(test, _reads([first, second]), measure)


def _moment(value: Value) -> str:
    return f"{value:.0f}" if isinstance(value, float) else str(value)


def _distinct(name: Any, _: Mapping[str, Any], terms: Terms, place: Place) -> Condition:
    found = terms.scalar(name, place)
    part, field = terms.column(name, place)

    def test(subject: Subject) -> bool | None:
        value = subject.item[field]
        if not _filled(value):
            return None
        return value not in subject.column(part, field)[: subject.number]

    def measure(subject: Subject) -> Measure:
        return Measure(None, _shown(subject.item[field]))

    return Condition(test, found.reads, measure)


def _likely_class(node: Any, options: Mapping[str, Any], terms: Terms, place: Place) -> Condition:
    """An economic class that fits the words of what is paid for; else unknown."""
    code, task = terms.scalar(node, place), terms.scalar(options["of"], (*place, "of"))
    words = terms.table(options["words"], (*place, "words"))
    if not isinstance(words, dict) or not all(_is_words(some) for some in words.values()):
        raise WrongCondition((*place, "words"), "a table of words for each class", "another table")
    classes = EconomicClasses(words)  # type: ignore[arg-type]  # as was just looked at
    code_of, task_of = code.of, task.of

    def test(subject: Subject) -> bool | None:
        given, what = code_of(subject), task_of(subject)
        if not isinstance(given, str) or not isinstance(what, str) or not given.strip():
            return None
        proposed = classes.proposed(what, given.strip())
        return None if proposed is None else not proposed

    def measure(subject: Subject) -> Measure:
        given = str(code_of(subject))
        return Measure(None, given, None, classes.proposed(str(task_of(subject)), given.strip()))

    return Condition(test, (*code.reads, *task.reads), measure)


def _is_words(some: Any) -> bool:
    return isinstance(some, list) and all(isinstance(word, str) and word for word in some)


OPERATORS: Mapping[str, Operator] = MappingProxyType(
    {
        "all": Operator(_all, "every condition of a list holds"),
        "any": Operator(_any, "at least one condition of a list holds"),
        "not": Operator(_not, "a condition does not hold"),
        "at_most": Operator(_limit(True, False), "the first number is not above the second"),
        "at_least": Operator(_limit(False, False), "the first number is not below the second"),
        "below": Operator(_limit(True, True), "the first number is below the second"),
        "above": Operator(_limit(False, True), "the first number is above the second"),
        "equal": Operator(
            _equal,
            "two numbers are equal, within a `tolerance` or a `share` of the second",
            optional=frozenset({"tolerance", "share"}),
        ),
        "given": Operator(_given, "a field, or each of several, is given and not blank"),
        "one_of": Operator(_one_of, "a text is one of the `codes`", frozenset({"codes"})),
        "begins_with": Operator(
            _begins_with, "a text begins with one of the `prefixes`", frozenset({"prefixes"})
        ),
        "in_form": Operator(_in_form, "a text is written in a `form`", frozenset({"form"})),
        "mentions": Operator(_mentions, "a text contains one of the `words`", frozenset({"words"})),
        "same_text": Operator(_same_text, "two texts are the same but for blanks"),
        "not_before": Operator(_not_before, "the first year or date is not before the second"),
        "distinct": Operator(_distinct, "the record's value stands in no earlier record"),
        "likely_class": Operator(
            _likely_class,
            "an economic class fits the words `of` what is paid for, by a table of `words`",
            frozenset({"of", "words"}),
        ),
        "within_standard": Operator(
            within_standard, "a unit price is not above the expenditure standard of its line"
        ),
        "not_paired": Operator(
            not_paired, "the result of its round pairs the project with no other in these ways"
        ),
    }
)
"""Name → operator."""
