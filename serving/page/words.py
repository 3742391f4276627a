"""The words of the pages that are not in the catalogue, in Chinese and English."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import parse_qs

import yaml
from starlette.types import Scope

from serving.wording.words import LANGUAGES

_FOLDER = Path(__file__).parents[1] / "templates"
_FILES = "words.yaml"
"""Each area may keep its words in a file of its own, in the folder of its templates."""


@functools.cache
def page_words(lang: str) -> Mapping[str, str]:
    """Every word of the pages in one language, "zh" or "en", under its name."""
    words: dict[str, str] = {}
    for file in sorted(_FOLDER.rglob(_FILES)):
        entries: dict[str, dict[str, str]] = yaml.safe_load(file.read_text(encoding="utf-8"))
        words |= {name: said[lang] for name, said in entries.items()}
    return words


def language_of(scope: Scope) -> str:
    """The language that a request asks for with `lang`; Chinese unless it asks."""
    asked = parse_qs(scope["query_string"].decode("latin-1")).get("lang", [""])[-1]
    return asked if asked in LANGUAGES else LANGUAGES[0]
