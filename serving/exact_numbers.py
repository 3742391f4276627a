"""Numbers as text that keeps every bit: for records, which are read and recomputed years later.

Canonical JSON has no negative zero and no NaN, and many numbers cost time to write; so a row of
numbers is one text, each in the shortest form that reads back as itself, `null` for none.
"""

from __future__ import annotations

import orjson

from features.operations import Numbers


def written_rows(numbers: Numbers) -> list[str]:
    """Each row of an array (n, m) as its numbers joined by commas."""
    if not numbers.size:
        return [""] * len(numbers)
    text = orjson.dumps(numbers, option=orjson.OPT_SERIALIZE_NUMPY).decode()
    return text[2:-2].split("],[")


def read_row(text: str) -> list[float]:
    """The numbers of a row; NaN for null."""
    return [float(word) if word != "null" else float("nan") for word in text.split(",") if word]
