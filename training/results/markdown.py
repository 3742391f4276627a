"""Pieces of a Markdown page: tables and figures as a reader of reports writes them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

NOTHING = "–"


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; the first column is text, the others are figures.

    >>> print(table(["outcome", "n"], [["cut", "12"]]))
    | outcome | n |
    |---|---|
    | cut | 12 |
    """
    lines = [header, ["---"] * len(header), *rows]
    shown = ["|" + "|".join(line) + "|" if line[0] == "---" else _row(line) for line in lines]
    return "\n".join(shown)


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def figure(value: float, digits: int = 3) -> str:
    """A number with so many decimals; a dash where there is none.

    >>> figure(0.8615), figure(float("nan"))
    ('0.862', '–')
    """
    return NOTHING if math.isnan(value) else f"{value:.{digits}f}"


def percent(share: float, digits: int = 1) -> str:
    """A share as a percentage.

    >>> percent(0.80961)
    '81.0 %'
    """
    return NOTHING if math.isnan(share) else f"{100 * share:.{digits}f} %"


def count(number: float) -> str:
    """A whole number with separators."""
    return f"{number:,.0f}"


def band(low: float, high: float) -> str:
    """A band of shares in per cent."""
    return f"{100 * low:.1f}–{100 * high:.1f} %"


def yes(holds: bool) -> str:
    """The verdict of one promise; a failure is not to be overlooked."""
    return "yes" if holds else "**no**"
