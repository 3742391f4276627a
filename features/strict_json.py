"""JSON read without the liberties of the standard reader.

`json.loads` lets the last of two equal keys win and takes NaN, Infinity and 1e999 for numbers.
Here each of these is a fault, and the syntax is still read to its end, so that one bad object does
not hide where the next begins.

A text that shows at once that nothing is wrong with it, as nearly all do, is read by orjson.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson

from features.errors import Fault

_SUSPICIOUS_ESCAPE = re.compile(r"\\u(?:0000|[dD][89a-fA-F][0-9a-fA-F]{2})")
_NOT_TEXT = re.compile("[\x00\ud800-\udfff]")
_LONGEST_NUMBER = 400
_TOO_DEEP = "values nested no deeper than a project needs"
_LEAST_INEXACT = 2.0**63
"""orjson makes a float of a whole number from here on, and of its negative."""


@dataclass(frozen=True)
class ReadValue:
    """A JSON value, the faults found inside it, and the position after its last character.

    levels: in how many levels lists and objects are nested, 0 where it is neither.
    """

    value: Any
    faults: tuple[Fault, ...]
    end: int
    levels: int


class NotJson(ValueError):
    """Text that is not JSON.

    fault: what is wrong and where. problem: what is wrong, without the place. position: the
    character at which reading stopped, from 0.
    """

    def __init__(self, fault: Fault, position: int, problem: str = "") -> None:
        self.fault = fault
        self.position = position
        self.problem = problem or fault.got
        super().__init__(fault.message())


def read_json(text: str) -> ReadValue:
    """The one JSON value that `text` holds, with the faults inside it.

    Raises:
        NotJson: when the syntax is wrong or something follows the value.
    """
    if plain := _plain(text):
        return plain
    start = len(text) - len(text.lstrip(" \t\r\n\ufeff"))
    found = read_json_at(text, start)
    if text[found.end :].strip(" \t\r\n"):
        got = f"more text after it, at character {found.end + 1}"
        raise NotJson(Fault(None, None, "one JSON value", got), found.end)
    return found


def _plain(text: str) -> ReadValue | None:
    """The value of a text in which nothing can be wrong; None where it takes a closer look."""
    if _SUSPICIOUS_ESCAPE.search(text):
        return None
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    shape = _Shape.of(value)
    # Each key is followed by a colon: with as many keys as colons, none was written twice.
    if shape.inexact or shape.keys != text.count(":"):
        return None
    return ReadValue(value, (), len(text.rstrip(" \t\r\n")), shape.levels)


class _Shape(NamedTuple):
    """Levels of lists and objects, keys, and whether a number may have lost digits."""

    levels: int
    keys: int
    inexact: bool

    @classmethod
    def of(cls, value: Any) -> _Shape:
        """The shape of a value, looked through level by level."""
        levels = keys = 0
        inexact = False
        level: list[Iterable[Any]] = [(value,)]
        while True:
            nested: list[Iterable[Any]] = []
            for values in level:
                for inside in values:
                    kind = type(inside)
                    if kind is dict:
                        keys += len(inside)
                        nested.append(inside.values())
                    elif kind is list:
                        nested.append(inside)
                    elif kind is float and not -_LEAST_INEXACT < inside < _LEAST_INEXACT:
                        inexact = True
            if not nested:
                return cls(levels, keys, inexact)
            levels, level = levels + 1, nested


def read_json_at(text: str, start: int) -> ReadValue:
    """The JSON value that begins at `start`; text may follow it.

    Raises:
        NotJson: when the syntax is wrong or the value is not complete.
    """
    faults: list[Fault] = []
    try:
        value, end = _decoder(faults).raw_decode(text, start)
    except json.JSONDecodeError as error:
        place = f"{error.msg} at line {error.lineno}, character {error.colno}"
        raise NotJson(Fault(None, None, "JSON", place), error.pos, error.msg) from error
    except RecursionError as error:
        raise NotJson(Fault(None, None, _TOO_DEEP, "too many levels"), start) from error
    if _SUSPICIOUS_ESCAPE.search(text, start, end):
        try:
            faults += _bad_texts(value)
        except RecursionError as error:
            raise NotJson(Fault(None, None, _TOO_DEEP, "too many levels"), start) from error
    return ReadValue(value, tuple(faults), end, _Shape.of(value).levels)


def _decoder(faults: list[Fault]) -> json.JSONDecoder:
    """A decoder that notes faults instead of stopping at the first."""

    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        read = dict(found)
        if len(read) < len(found):
            seen: set[str] = set()
            for key, _ in found:
                if key in seen:
                    faults.append(Fault(None, key[:64], "each key once", "the same key again"))
                seen.add(key)
        return read

    def constant(token: str) -> None:
        hint = "leave the field out, or write null, where the value is not known"
        faults.append(Fault(None, None, "a finite number", token, hint))

    def decimal(token: str) -> float | None:
        number = float(token)
        if math.isfinite(number):
            return number
        faults.append(Fault(None, None, "a number that fits in 64 bits", token[:40]))
        return None

    def whole(token: str) -> int | None:
        if len(token) <= _LONGEST_NUMBER:
            return int(token)
        got = f"a number of {len(token)} digits"
        faults.append(Fault(None, None, "a number that fits in 64 bits", got))
        return None

    return json.JSONDecoder(
        object_pairs_hook=pairs, parse_constant=constant, parse_float=decimal, parse_int=whole
    )


def _bad_texts(value: Any, place: str = "") -> list[Fault]:
    """Faults for texts, anywhere inside a value, that hold NUL or half a character."""
    if isinstance(value, str):
        if not _NOT_TEXT.search(value):
            return []
        return [Fault(None, place or None, "text", "a NUL or half of a surrogate pair in it")]
    if isinstance(value, dict):
        keys = [fault for key in value for fault in _bad_texts(key, place)]
        inside = ((key, f"{place}.{key}" if place else key) for key in value)
        return keys + [f for key, where in inside for f in _bad_texts(value[key], where[:80])]
    if isinstance(value, list):
        inside_list = enumerate(value, start=1)
        return [f for number, v in inside_list for f in _bad_texts(v, f"{place}[{number}]")]
    return []
