"""Parsing of one value at the edge: what a field expects, and a fault when it is not that."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from features.errors import Fault
from features.field import FieldDeclaration, Kind, Range, Sensitivity
from features.identity_number import holds_identity_number

Value = float | str | None

GREATEST = 1e15
"""Beyond a quadrillion a number is a slip, in whatever currency."""

LEAST = 1e-30
"""Nearer to zero a number is zero: what is divided by it would soon be beyond every number."""

_DEFAULT_RANGE: dict[Kind, Range] = {
    Kind.MONEY: (0.0, None),
    Kind.COUNT: (0.0, None),
    Kind.SHARE: (0.0, 1.0),
}
_TRUE = frozenset({"1", "1.0", "true", "yes", "是", "y", "t"})
_FALSE = frozenset({"0", "0.0", "false", "no", "否", "n", "f"})
_GROUPED = re.compile(r"[-+]?\d{1,3}(,\d{3})+(\.\d+)?")
_DATE = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ]00:00:00)?")
_WITH_UNIT = re.compile(r"([-+]?\d+(?:\.\d+)?)\s*(万|亿)?\s*(元|円|圆)")
_MULTIPLES = {None: 1, "万": 10_000, "亿": 100_000_000}
_EPOCH_FREE_YEAR = 366.0
_SHORTEST_WITH_NUMBER = 18
_EXACT = 2**53
"""From here on a 64-bit float no longer holds every whole number."""


class WrongValue(Exception):
    """What `ValueParser.read` refuses a value with; `ValueParser.fault` says it with its place."""

    def __init__(self, expected: str, hint: str = "", hidden: bool = False) -> None:
        self.expected, self.hint, self.hidden = expected, hint, hidden


def effective_range(field: FieldDeclaration) -> Range:
    """The limits of a numeric field: as declared, or those of its kind."""
    return field.range or _DEFAULT_RANGE.get(field.kind, (None, None))


class ValueParser:
    """Parses the values of one field; what the declaration says of them is looked up once.

    read: what makes a value of one that is not absent, called with this parser, the value, and
    whether it is a table cell; raises `WrongValue`.
    """

    __slots__ = (
        "codes",
        "field",
        "greatest",
        "least",
        "longest",
        "name",
        "personal",
        "read",
        "required",
        "share",
        "whole",
    )

    def __init__(self, field: FieldDeclaration) -> None:
        low, high = effective_range(field)
        self.field, self.name, self.codes = field, field.name, field.codes
        self.least = -math.inf if low is None else low
        self.greatest = math.inf if high is None else high
        self.longest, self.required = field.max_length, field.required
        self.whole, self.share = field.kind is Kind.COUNT, field.kind is Kind.SHARE
        self.personal = field.sensitivity is Sensitivity.PERSONAL
        self.read = _READERS[field.kind]

    def parse(self, value: Any, cell: bool) -> Value | Fault:
        """The parsed value, None where absent, or the fault that says what is wrong.

        Args:
            cell: whether the value is a table cell, where numbers may be written as text.
        """
        if absent(value, cell):
            return self.missing() if self.required else None
        try:
            return self.read(self, value, cell)
        except WrongValue as wrong:
            return self.fault(value, wrong)

    def missing(self, part: str = "") -> Fault:
        """The fault of a required value that is not given.

        Args:
            part: how to name what the field is part of, such as "kpi[2]".
        """
        hint = "give this required value"
        return Fault(None, self._place(part), expectation(self.field), "nothing", hint)

    def fault(self, value: Any, wrong: WrongValue, part: str = "") -> Fault:
        """The fault of a value that `read` has refused."""
        if self.personal or wrong.hidden:
            return Fault(None, self._place(part), wrong.expected, "a value that is not shown")
        return Fault(None, self._place(part), wrong.expected, _shown(value), wrong.hint)

    def _place(self, part: str) -> str:
        return f"{part}.{self.name}" if part else self.name


def absent(value: Any, cell: bool) -> bool:
    """Whether nothing is given: null, or in a table an empty cell."""
    if value is None or not cell:
        return value is None
    if isinstance(value, str):
        return not value.strip()
    return isinstance(value, float) and math.isnan(value)


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"


def expectation(field: FieldDeclaration) -> str:
    """What a field expects, in words."""
    words = {
        Kind.NUMBER: "a number",
        Kind.SHARE: "a share as a number",
        Kind.MONEY: "an amount as a number",
        Kind.COUNT: "a whole number",
        Kind.CATEGORY: "a code",
        Kind.FLAG: "true or false",
        Kind.TEXT: "a text",
        Kind.DATE: "a date such as 2025-03-31",
    }[field.kind]
    if field.kind is Kind.CATEGORY and field.codes:
        words = f"one of {', '.join(field.codes)}"
    if field.unit is not None and field.kind is not Kind.CATEGORY:
        words = f"{words} in {field.unit.en} ({field.unit.zh})"
    low, high = effective_range(field)
    limits = " and ".join(
        text
        for text in (
            f"at least {low:g}" if low is not None else "",
            f"at most {high:g}" if high is not None else "",
        )
        if text
    )
    return f"{words}, {limits}" if limits and field.kind in _NUMERIC else words


def _number(rule: ValueParser, value: Any, cell: bool) -> float:
    kind = type(value)
    if (kind is float or kind is int) and -GREATEST <= value <= GREATEST:
        number = float(value)
    else:
        number = _unusual_number(rule, value, cell)
    if not rule.least <= number <= rule.greatest or (rule.whole and not number.is_integer()):
        raise WrongValue(expectation(rule.field))
    return number if number >= LEAST or number <= -LEAST else 0.0  # minus zero is zero as well


def _unusual_number(rule: ValueParser, value: Any, cell: bool) -> float:
    """The number that a cell's text writes; what is no number, or too great, is refused."""
    number = _as_float(rule, value, cell)
    if not math.isfinite(number):
        hint = "NaN and Infinity are not values; leave it out if unknown"
        raise WrongValue(expectation(rule.field), hint)
    if abs(number) > GREATEST:
        raise WrongValue(f"{expectation(rule.field)}, of magnitude up to {GREATEST:g}")
    return number


def _as_float(rule: ValueParser, value: Any, cell: bool) -> float:
    if isinstance(value, bool):
        raise WrongValue(expectation(rule.field), "true and false are not numbers")
    if isinstance(value, (int, float)):
        # A whole number may be too large for a float; a float may be NaN, which passes.
        return 2 * GREATEST if abs(value) > GREATEST else float(value)
    number = number_in(value) if cell and isinstance(value, str) else None
    if number is None and cell and rule.share:
        number = _percentage(value)
    if number is None:
        raise WrongValue(expectation(rule.field), _unit_hint(value))
    return number


def number_in(text: str) -> float | None:
    """The number that a cell's text writes, commas only between thousands; None where it is none.

    NaN where the text is a number to Python but not to people.
    """
    text = text.strip()
    if _GROUPED.fullmatch(text):
        text = text.replace(",", "")
    try:
        return float(text) if "_" not in text else math.nan
    except ValueError:
        return None


def _percentage(value: Any) -> float | None:
    """The share that a cell such as "95%" writes; None where it is none."""
    text = unicodedata.normalize("NFKC", value).strip() if isinstance(value, str) else ""
    number = number_in(text[:-1]) if text.endswith("%") else None
    return None if number is None else number / 100


def _unit_hint(value: Any) -> str:
    """For an amount written with its unit: the number to write instead."""
    found = _WITH_UNIT.fullmatch(value.replace(",", "").strip()) if isinstance(value, str) else None
    if not found:
        return ""
    return f"write {float(found[1]) * _MULTIPLES[found[2]]:.15g}, without a unit"


def _category(rule: ValueParser, value: Any, cell: bool) -> str:
    if isinstance(value, str) and rule.codes is not None and value in rule.codes:
        return value
    value = _digits(rule, value) if cell else value
    if not isinstance(value, str):
        raise WrongValue(expectation(rule.field), "codes are texts: put them in quotes")
    code, codes = _text(rule, value, cell), rule.codes
    code = code.strip() if cell else code
    if codes is None or code in codes:
        return code
    if cell:
        code = {words.zh: c for c, words in codes.items()}.get(code, code)
    if code not in codes:
        raise WrongValue(expectation(rule.field))
    return code


def _flag(rule: ValueParser, value: Any, cell: bool) -> float:
    if isinstance(value, bool):
        return float(value)
    text = str(value).strip().lower()
    if cell and text in _TRUE | _FALSE:
        return float(text in _TRUE)
    raise WrongValue(expectation(rule.field))


def _text(rule: ValueParser, value: Any, cell: bool) -> str:
    value = _digits(rule, value) if cell else value
    if not isinstance(value, str):
        raise WrongValue(expectation(rule.field))
    if "\x00" in value:
        raise WrongValue("a text without NUL characters")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise WrongValue("a text of whole Unicode characters") from error
    if len(value) > rule.longest:
        raise WrongValue(f"a text of at most {rule.longest:,} characters")
    if not rule.personal and len(value) >= _SHORTEST_WITH_NUMBER and holds_identity_number(value):
        raise WrongValue("a text without citizen identity numbers", hidden=True)
    return value


def _digits(rule: ValueParser, value: Any) -> Any:
    """A code or number that a cell holds as a number, as the text that it was meant to be."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    if isinstance(value, int) or (value.is_integer() and abs(value) < _EXACT):
        return str(int(value))
    if not abs(value) < _EXACT:
        raise WrongValue(
            expectation(rule.field), "a number cell loses digits: store the column as text"
        )
    return f"{value:.15g}"


def _date(rule: ValueParser, value: Any, cell: bool) -> str:
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    found = _DATE.fullmatch(value.strip()) if isinstance(value, str) else None
    if not found:
        raise WrongValue(expectation(rule.field))
    try:
        return date(*map(int, found.groups())).isoformat()
    except ValueError as error:
        raise WrongValue(expectation(rule.field), str(error)) from error


def decimal_year(iso_date: str) -> float:
    """A date as a year with its fraction; the whole part is the calendar year."""
    day = date.fromisoformat(iso_date)
    return day.year + (day.timetuple().tm_yday - 1) / _EPOCH_FREE_YEAR


_NUMERIC = frozenset({Kind.NUMBER, Kind.SHARE, Kind.MONEY, Kind.COUNT})
_READERS: dict[Kind, Callable[[ValueParser, Any, bool], Value]] = {
    Kind.NUMBER: _number,
    Kind.SHARE: _number,
    Kind.MONEY: _number,
    Kind.COUNT: _number,
    Kind.CATEGORY: _category,
    Kind.FLAG: _flag,
    Kind.TEXT: _text,
    Kind.DATE: _date,
}
