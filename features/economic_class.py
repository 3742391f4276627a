"""Which economic class a calculation line belongs to, by the words of what is paid for.

A transparent classifier: of the words that stand in a line the longest decides, and where words of
two classes are equally long it does not say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

_TWINS = ("309", "310")
"""Capital expenditure by who approves it: the same things under the same last two digits."""


class EconomicClasses:
    """The classes with the words that stand for them."""

    def __init__(self, words: Mapping[str, Sequence[str]]) -> None:
        self._words = [(word, code) for code, some in words.items() for word in some]
        self._words.sort(key=lambda pair: -len(pair[0]))
        self.likely = lru_cache(maxsize=4096)(self._likely)

    def _likely(self, task: str) -> tuple[str, frozenset[str]]:
        """The class of the longest word, "" where there is none or more than one; and all classes
        of which any word stands in the text."""
        found = [(word, code) for word, code in self._words if word in task]
        if not found:
            return "", frozenset()
        longest = {code for word, code in found if len(word) == len(found[0][0])}
        classes = frozenset(_plain(code) for _, code in found)
        return (longest.pop() if len(longest) == 1 else ""), classes

    def proposed(self, task: str, code: str) -> str | None:
        """The class in place of an unlikely one, "" where it is likely; None where it is not known.

        A class is likely as soon as one of its words stands in the text.
        """
        likely, classes = self.likely(task)
        if not classes:
            return None
        if _plain(code) in classes:
            return ""
        return likely or None


def economic_classes(words: Mapping[str, Sequence[str]]) -> EconomicClasses:
    """The classes of these words, made once for as many projects as ask by the same mapping.

    It is told by its identity, because to compare what stands in it takes longer than to ask;
    so it must not change.
    """
    known = _made.get(id(words))
    if known is None or known[0] is not words:
        if len(_made) >= _MOST_MADE:
            _made.clear()
        known = _made[id(words)] = words, EconomicClasses(words)
    return known[1]


_MOST_MADE = 16
_made: dict[int, tuple[Mapping[str, Sequence[str]], EconomicClasses]] = {}


def _plain(code: str) -> str:
    """A class without telling who approves capital expenditure."""
    return f"{_TWINS[1]}{code[3:]}" if code[:3] in _TWINS else code
