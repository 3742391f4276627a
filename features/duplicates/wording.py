"""Texts made ready for comparison: without the unit's own name, generic words and punctuation."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from functools import cache
from importlib import resources
from typing import Any

from features.duplicates.traits import Traits
from features.strict_yaml import read_yaml

GAP = "\x1f"
"""What stands where something was taken out; no pair of letters reaches across it."""
_SHORTEST_UNIT = 4
_NOT_LETTERS = re.compile(r"[\W_]+")


@cache
def _words() -> Any:
    file = resources.files(__package__) / "generic_words.yaml"
    return read_yaml(file.read_text(encoding="utf-8"))


@cache
def _generic() -> re.Pattern[str]:
    words = [word for of_language in _words()["generic"].values() for word in of_language]
    return re.compile("|".join(sorted(map(re.escape, words), key=len, reverse=True)))


@cache
def _parts() -> re.Pattern[str]:
    return re.compile("|".join(_words()["part"]))


def letters_compared(text: str, unit: str = "") -> str:
    """A text as it is compared."""
    if unit:
        text = text.replace(unit, GAP)
    text = unicodedata.normalize("NFKC", text).lower()
    return _NOT_LETTERS.sub(GAP, _generic().sub(GAP, text))


def without_part(name: str) -> str:
    """A project's name without the words that tell a part from the whole."""
    return _parts().sub("", name)


def names_part(name: str) -> bool:
    """Whether a name says that it is of a part."""
    return _parts().search(name) is not None


def unit_names(projects: Sequence[Traits]) -> list[str]:
    """The name of each project's declaring unit, as its name and texts begin with it; "" unknown.

    Codes do not tell it. It is what name and texts of a department's projects have in common at
    their beginning, most often.
    """
    found: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for project in projects:
        begun = _common_start(project.name, project.texts)
        if len(begun) >= _SHORTEST_UNIT:
            found[project.place, project.department][begun] += 1
    usual = {unit: names.most_common(1)[0][0] for unit, names in found.items()}
    return [usual.get((project.place, project.department), "") for project in projects]


def _common_start(name: str, texts: Iterable[str]) -> str:
    longest = ""
    for text in texts:
        place = 0
        for one, other in zip(name, text, strict=False):
            if one != other:
                break
            place += 1
        if place > len(longest):
            longest = name[:place]
    return longest if len(longest) < len(name) else ""
