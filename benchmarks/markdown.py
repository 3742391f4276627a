"""Tables and paragraphs in Markdown."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

_WIDTH = 100


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """The lines of a table; every column but the first is set to the right."""
    yield f"| {' | '.join(head)} |"
    yield f"|---|{'---:|' * (len(head) - 1)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def item(text: str) -> Iterator[str]:
    """The lines of one item of a list, the later ones set in."""
    yield from textwrap.wrap(
        f"- {text}",
        _WIDTH,
        subsequent_indent="  ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def paragraph(text: str) -> Iterator[str]:
    """The lines of a paragraph, none broken inside a word."""
    yield from textwrap.wrap(text, _WIDTH, break_long_words=False, break_on_hyphens=False)
