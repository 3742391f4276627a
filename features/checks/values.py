"""Terms: what conditions compare. A field, a number, or one of a closed list of calculations."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, cast

from features.checks.subject import Subject
from features.checks.terms import Place, Term, Terms, ValueOf, WrongCondition, operator_of
from features.figures_in_text import measurable_figures
from features.item_operation import ItemOperation, Value
from features.item_operations import ITEM_OPERATIONS
from features.items import number, year_of
from features.operations import MOST
from features.performance_targets import figure

_YEAR_IN_NUMBER = re.compile(r"[〔\[［(（]((?:19|20)\d{2})[〕\]］)）]")

Arithmetic = Callable[..., float | None]


def _finite(result: float) -> float | None:
    """The result, unknown where it is beyond what a catalogue's own operations give."""
    return result if -MOST <= result <= MOST else None


def total(*values: float) -> float | None:
    """The sum of all values."""
    return _finite(math.fsum(values))


def difference(first: float, second: float) -> float:
    """First − second."""
    return first - second


def product(*values: float) -> float | None:
    """The product of all values."""
    return _finite(math.prod(values))


def ratio(above: float, below: float) -> float | None:
    """First ÷ second; unknown where the second is zero."""
    return _finite(above / below) if below else None


def least(*values: float) -> float:
    """The smallest of the values."""
    return min(values)


def greatest(*values: float) -> float:
    """The greatest of the values."""
    return max(values)


ARITHMETIC: Mapping[str, tuple[Arithmetic, int, int]] = MappingProxyType(
    {
        "total": (total, 2, 20),
        "difference": (difference, 2, 2),
        "product": (product, 2, 20),
        "ratio": (ratio, 2, 2),
        "least": (least, 2, 20),
        "greatest": (greatest, 2, 20),
    }
)
"""Name → calculation on numbers, with the least and the greatest number of them."""


def _length(value: Value) -> float:
    return float(len(str(value).strip()))


def _measurable(value: Value) -> float:
    return float(len(measurable_figures(str(value))))


def _document_year(value: Value) -> float | None:
    found = _YEAR_IN_NUMBER.search(str(value))
    return None if found is None else float(found[1])


def _year(value: Value) -> float | None:
    found = year_of(value)
    return None if found is None else float(found)


@dataclass(frozen=True)
class Reading:
    """A number that is read from one value, and what it is."""

    read: Callable[[Value], float | None]
    description: str


READINGS: Mapping[str, Reading] = MappingProxyType(
    {
        "figure": Reading(figure, "the first number in a text, such as 95 of ≥95%"),
        "year": Reading(_year, "the year of a date"),
        "length": Reading(_length, "how many characters a text has"),
        "document_year": Reading(_document_year, "the year within a document number"),
        "measurable": Reading(_measurable, "how many figures with a unit a text states"),
    }
)
"""Name → a number that is read from one value."""


def term(node: Any, terms: Terms, place: Place) -> Term:
    """The term that a node writes.

    Raises:
        WrongCondition: when it is none.
    """
    if isinstance(node, bool) or node is None or isinstance(node, list):
        raise WrongCondition(place, "a number, a field or a calculation", repr(node)[:60])
    if isinstance(node, int | float):
        constant = float(node)
        return Term(lambda _: constant, "number", (), constant)
    if isinstance(node, str):
        return terms.scalar(node, place)
    return _calculated(node, terms, place)


def number_term(node: Any, terms: Terms, place: Place) -> Term:
    """The same, which must be a number.

    Raises:
        WrongCondition: when it is none.
    """
    found = term(node, terms, place)
    if found.kind != "number":
        raise WrongCondition(place, "a number", f"the text {node}")
    return found


def _calculated(node: Any, terms: Terms, place: Place) -> Term:
    if not isinstance(node, dict) or not node:
        raise WrongCondition(place, "a calculation", repr(node)[:60])
    known = {*ARITHMETIC, *READINGS, *ITEM_OPERATIONS}
    name, options = operator_of(node, known, place)
    arguments = node[name]
    if name in ITEM_OPERATIONS:
        given = {option: node[option] for option in options}
        return _operation(ITEM_OPERATIONS[name], arguments, given, terms, (*place, name))
    if options:
        raise WrongCondition(place, f"{name} alone", ", ".join(options))
    if name in READINGS:
        return _reading(READINGS[name].read, term(arguments, terms, (*place, name)))
    return _arithmetic(name, arguments, terms, (*place, name))


def _reading(read: Callable[[Value], float | None], of: Term) -> Term:
    def value(subject: Subject) -> Value:
        found = of.of(subject)
        return None if found is None else read(found)

    return Term(value, "number", of.reads)


def _arithmetic(name: str, arguments: Any, terms: Terms, place: Place) -> Term:
    function, low, high = ARITHMETIC[name]
    if not isinstance(arguments, list) or not low <= len(arguments) <= high:
        raise WrongCondition(place, f"{low} to {high} values", repr(arguments)[:60])
    found = [number_term(node, terms, (*place, n)) for n, node in enumerate(arguments)]
    reads = tuple(dict.fromkeys(name for each in found for name in each.reads))
    if len(found) == 2:
        return Term(_of_two(function, found[0].of, found[1].of), "number", reads)
    readers = [each.of for each in found]

    def value(subject: Subject) -> Value:
        values = [number(read(subject)) for read in readers]
        return None if None in values else function(*cast("list[float]", values))

    return Term(value, "number", reads)


def _of_two(function: Arithmetic, first: ValueOf, second: ValueOf) -> ValueOf:
    def value(subject: Subject) -> Value:
        left, right = first(subject), second(subject)
        return None if left is None or right is None else function(left, right)

    return value


def _operation(
    operation: ItemOperation, arguments: Any, options: dict[str, Any], terms: Terms, place: Place
) -> Term:
    """One of the catalogue's operations on parts, asked of the project as a whole."""
    names = arguments if isinstance(arguments, list) else [arguments]
    options = {
        name: list(terms.texts(value, (*place, name))) if _is_table(name, value, terms) else value
        for name, value in options.items()
    }
    scalars = [not operation.takes_list(position) for position in range(len(names))]
    for wrong in operation.faults(scalars, options):
        raise WrongCondition(place, "a possible use of the operation", wrong)
    readers: list[Callable[[Subject], Any]] = []
    reads: list[str] = []
    for position, name in enumerate(names):
        where = (*place, position)
        if operation.takes_list(position):
            part, field = terms.column(name, where)
            readers.append(_column(part, field))
            reads.append(part)
        else:
            found = terms.scalar(name, where)
            readers.append(found.of)
            reads += found.reads
    function = operation.function

    def value(subject: Subject) -> Value:
        return function(*[read(subject) for read in readers], **options)

    is_text = operation.name in _TEXTS or (
        operation.name == "latest_item" and terms.is_text(names[1])
    )
    return Term(value, "text" if is_text else "number", tuple(dict.fromkeys(reads)))


_TEXTS = frozenset({"highest_level", "highest_level_in_force", "lookup"})


def _is_table(name: str, value: Any, terms: Terms) -> bool:
    return isinstance(value, str) and value in terms.tables


def _column(part: str, field: str) -> Callable[[Subject], Any]:
    return lambda subject: subject.column(part, field)
