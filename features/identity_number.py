"""Citizen identity numbers (GB 11643), recognised by their form, birth date and check digit."""

from __future__ import annotations

import re
from datetime import date

_FORM = re.compile(r"(?<![0-9A-Za-z])[1-9]\d{5}(?:19\d\d|20[01]\d)\d{7}[\dXx](?![0-9A-Za-z])")
"""Born from 1900 to 2019: codes of projects, which bear later dates, are not mistaken for one."""

_DIGITS = re.compile(r"[1-9]\d{16}")
"""What every such number begins with; far quicker to look for."""

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"


def holds_identity_number(text: str) -> bool:
    """Whether a text holds an identity number anywhere.

    >>> holds_identity_number("contact 11010519491231002X, room 3")
    True
    >>> holds_identity_number("contact 110105194912310021, room 3")
    False
    """
    if _DIGITS.search(text) is None:
        return False
    return any(_is_one(found[0]) for found in _FORM.finditer(text))


def _is_one(number: str) -> bool:
    try:
        date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, number[:17], strict=True))
    return _CHECKS[total % 11] == number[17].upper()
