"""Canonical JSON (RFC 8785): one sequence of bytes for each value.

`rfc8785` says what it is. Its bytes are also those of orjson, and of Python's own encoder, as long
as no number is written differently and no key sorts differently. Whether that is so is seen from
the value first: orjson, thirty times faster, needs numbers without a fraction to be integers;
Python's encoder gets them made so; `rfc8785` encodes the rest.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import orjson
import rfc8785

from serving.records.errors import RecordRefused

_LARGEST_WHOLE = 2**53 - 1
# Between these, orjson and ECMAScript both write a number's shortest digits without an exponent.
_SMALLEST_OF_ORJSON = 1e-5
# Between these, repr and ECMAScript both write a number's shortest digits without an exponent.
_SMALLEST_PLAIN, _LARGEST_PLAIN = 1e-4, 1e15
_FIRST_BEYOND_UTF16_ORDER = "\ud800"

_ENCODER = json.JSONEncoder(
    ensure_ascii=False, check_circular=False, allow_nan=False, sort_keys=True, separators=(",", ":")
)


class _WrittenDifferently(Exception):
    """A value that the two encoders may write differently."""


def canonical(value: Any, place: str) -> bytes:
    """The canonical JSON of a value, in UTF-8.

    Raises:
        RecordRefused: when it cannot be JSON: NaN, an integer beyond 2^53, half a character.
    """
    if _as_orjson_writes(value):
        try:
            return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
        except orjson.JSONEncodeError:
            pass
    try:
        return _ENCODER.encode(_plain(value)).encode()
    except (_WrittenDifferently, UnicodeEncodeError, RecursionError):
        pass
    try:
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeEncodeError, RecursionError) as error:
        raise RecordRefused(place, "a value in JSON", type(error).__name__) from error


def _as_orjson_writes(value: Any) -> bool:
    """Whether orjson's bytes, with keys sorted, are the canonical ones; half characters aside."""
    waiting = [[value]]
    for inside in waiting:
        for item in inside:
            kind = type(item)
            if kind is str or item is None or kind is bool:
                continue
            if kind is float:
                if not _SMALLEST_OF_ORJSON <= abs(item) < _LARGEST_PLAIN or item.is_integer():
                    return False
            elif kind is int:
                if not -_LARGEST_WHOLE <= item <= _LARGEST_WHOLE:
                    return False
            elif kind is dict:
                for key in item:
                    if type(key) is not str or not key.isascii():
                        return False
                waiting.append(item.values())
            elif kind is list:
                waiting.append(item)
            else:
                return False
    return True


def _plain(value: Any) -> Any:
    """The value with whole floats as integers.

    Raises:
        _WrittenDifferently: when the encoders may not agree on it.
    """
    kind = type(value)
    if kind is str or kind is bool or value is None:
        return value
    if kind is float:
        if value.is_integer() and abs(value) <= _LARGEST_WHOLE:
            return int(value)
        if _SMALLEST_PLAIN <= abs(value) < _LARGEST_PLAIN:
            return value
    elif kind is int:
        if abs(value) <= _LARGEST_WHOLE:
            return value
    elif kind is dict:
        return {_key(key): _plain(item) for key, item in value.items()}
    elif kind is list or kind is tuple:
        return [_plain(item) for item in value]
    elif isinstance(value, Mapping) and not isinstance(value, dict):
        return _plain(dict(value))
    raise _WrittenDifferently


def _key(key: Any) -> str:
    if type(key) is str and (key.isascii() or max(key) < _FIRST_BEYOND_UTF16_ORDER):
        return key
    raise _WrittenDifferently
