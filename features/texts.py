"""What can be said of a short Chinese text without understanding it: substance, vagueness, copying.

None of these measures sees the digits of a text except `count_figures`, which counts them: an
amount that is quoted in a text moves no indicator.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from features.item_operation import Value
from features.items import share

_NOT_LETTERS = re.compile(r"[\W\d_]+")
_SENTENCE_ENDS = re.compile(r"[。；;！!？?\n]+")
_FIGURES = re.compile(r"\d+(?:[.,]\d+)*")


def substance(text: Value, *, limit: int | None = None) -> float:
    """Return the number of different pairs of neighbouring letters in a text, at most *limit*.

    Unlike a length it does not grow when sentences are repeated. 0.0 for an absent text.
    """
    found = len(pairs(_text(text)))
    return float(found if limit is None else min(found, limit))


def concreteness(text: Value, *, words: list[str]) -> float:
    """Return the share (0–1) of sentences without any of the vague *words*, 0.0 for no text."""
    sentences = [part for part in _SENTENCE_ENDS.split(_text(text)) if part.strip()]
    return share(without_any(words, sentences))


def originality(text: Value, *others: Value) -> float:
    """Return 1 less the share of a text's letter pairs that the most similar other text has.

    0.0 for a text that is copied whole or absent, and where another text is absent, so that
    leaving out the model of a copy does not make it original; 1.0 for one that shares nothing.
    """
    own, *models = (pairs(_text(given)) for given in (text, *others))
    if not own or not all(models):
        return 0.0
    return 1.0 - max((len(own & model) / len(own) for model in models), default=0.0)


def specific_name(name: Value, *, words: list[str], minimum: int = 4) -> float:
    """Return 1.0 when at least *minimum* letters of a name remain without generic *words*."""
    rest = _any_of(tuple(words)).sub("", letters(_text(name)))
    return float(len(rest) >= minimum)


def count_figures(text: Value, *, limit: int | None = None) -> float:
    """Return the number of different figures in a text, at most *limit*."""
    found = len(set(_FIGURES.findall(_text(text))))
    return float(found if limit is None else min(found, limit))


@lru_cache(maxsize=256)
def letters(text: str) -> str:
    """Return a text without digits, blanks and punctuation; several measures read the same text."""
    return _NOT_LETTERS.sub("", text)


def without_any(words: Iterable[str], texts: Iterable[str]) -> list[bool]:
    """Return of each text whether it contains none of the words."""
    found = _any_of(tuple(words)).search
    return [found(text) is None for text in texts]


@lru_cache(maxsize=64)
def pairs(text: str) -> frozenset[int]:
    """Return the different pairs of neighbouring letters, each as the number that its bytes make.

    Several measures read the same text, and compare numbers faster than letters.
    """
    coded = memoryview(letters(text).encode("utf-32-le", "surrogatepass"))
    return frozenset([*_eight_bytes_each(coded), *_eight_bytes_each(coded[4:])])


def _eight_bytes_each(coded: memoryview) -> list[int]:
    """Every second pair of letters of four bytes each, from the first letter on."""
    whole = len(coded) // 8 * 8
    return coded[:whole].cast("Q").tolist()


@lru_cache(maxsize=64)
def _any_of(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, sorted(words, key=len, reverse=True))) or r"(?!)")


def _text(value: Value) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    raise TypeError(f"a text is needed, not a {type(value).__name__}")
