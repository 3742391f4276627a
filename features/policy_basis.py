"""What the cited policies of a project amount to: level, validity in the fiscal year, precision."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from features.item_operation import Items, Result, Value
from features.items import share, year_of

# 发文机关代字〔年份〕顺序号, as 浙财预〔2023〕12号; brackets vary in practice, the year does not.
_DOCUMENT = re.compile(r"[\u4e00-\u9fff]{1,20}[〔\[［(（](?:19|20)\d{2}[〕\]］)）]第?\d{1,5}号")
# Laws and regulations are published by decree: 国务院令第493号, 主席令第二十二号.
_DECREE = re.compile(r"[\u4e00-\u9fff]{0,20}令第?[\d〇零一二三四五六七八九十百]{1,6}号")


def highest_level(levels: Items, *, order: list[str], absent: str) -> Result:
    """Return the highest of the issuers' levels, *absent* when no policy is cited.

    *order* lists the levels from the lowest to the highest.
    """
    return _highest(levels, order, absent)


def highest_level_in_force(
    levels: Items,
    numbers: Items,
    issued: Items,
    valid_to: Items,
    year: Value,
    *,
    order: list[str],
    absent: str,
) -> Result:
    """Return the highest level among policies in force in *year* with a well-formed number."""
    rows = zip(levels, numbers, issued, valid_to, strict=True)
    checked = [
        level
        for level, document, start, end in rows
        if is_document_number(document) and in_force(start, end, year)
    ]
    return _highest(checked, order, absent)


def share_in_force(issued: Items, valid_to: Items, year: Value) -> float:
    """Return the share (0–1) of cited policies in force in *year*, 0.0 when none is cited."""
    pairs = zip(issued, valid_to, strict=True)
    return share([in_force(start, end, year) for start, end in pairs])


def count_verifiable(
    numbers: Items, issued: Items, valid_to: Items, year: Value, *, limit: int | None = None
) -> float:
    """Return how many different well-formed numbers policies in force have, at most *limit*.

    What has no number, no date of issue, or has expired cannot be looked up or no longer holds: it
    adds nothing, and neither does the same document cited twice.
    """
    rows = zip(numbers, issued, valid_to, strict=True)
    found = {
        "".join(str(document).split())
        for document, start, end in rows
        if is_document_number(document) and in_force(start, end, year)
    }
    return float(len(found) if limit is None else min(len(found), limit))


def any_mandatory(mandatory: Items, issued: Items, valid_to: Items, year: Value) -> float:
    """Return 1.0 when a policy in force in *year* obliges, else 0.0."""
    rows = zip(mandatory, issued, valid_to, strict=True)
    return float(any(obliges and in_force(start, end, year) for obliges, start, end in rows))


def share_documented(numbers: Items, clauses: Items) -> float:
    """Return the share (0–1) of cited policies with a well-formed number and a clause."""
    pairs = zip(numbers, clauses, strict=True)
    return share([is_document_number(document) and bool(clause) for document, clause in pairs])


def years_since_latest(dates: Items, year: Value) -> Result:
    """Return the whole years from the latest date not after *year* to *year*, None without one."""
    now = year_of(year)
    if now is None:
        return None
    past = [then for then in map(year_of, dates) if then is not None and then <= now]
    return float(now - max(past)) if past else None


def urgency(deadline: Value, year: Value) -> Result:
    """Return 1 ÷ (1 + years left to a legal deadline): 1.0 when due or past, 0.0 when none is set.

    None when the fiscal year itself is unknown.
    """
    due, now = year_of(deadline), year_of(year)
    if now is None:
        return None
    return 0.0 if due is None else 1.0 / (1 + max(0, due - now))


def in_force(issued: Value, valid_to: Value, year: Value) -> bool:
    """Return whether a policy holds at some time of *year*; without an end it holds on.

    A policy without a date of issue cannot be looked up and does not count.
    """
    start, end, now = year_of(issued), year_of(valid_to), year_of(year)
    if start is None or now is None:
        return False
    return start <= now and (end is None or end >= now)


def is_document_number(value: Value) -> bool:
    """Return whether a text is a document number (文号) as Chinese authorities write them."""
    return isinstance(value, str) and _is_document_number(value)


@lru_cache(maxsize=1024)
def _is_document_number(text: str) -> bool:
    written = "".join(text.split())
    return bool(_DOCUMENT.fullmatch(written) or _DECREE.fullmatch(written))


def _highest(levels: Iterable[Value], order: list[str], absent: str) -> str:
    ranks = [order.index(str(level)) for level in levels if level in order]
    return order[max(ranks)] if ranks else absent
