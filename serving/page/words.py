"""The words of the pages that are not in the catalogue, in Chinese and English."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import parse_qs

import yaml
from starlette.types import Scope

from serving.wording.words import LANGUAGES

_FILE = Path(__file__).parents[1] / "templates" / "words.yaml"


@functools.cache
def page_words(lang: str) -> Mapping[str, str]:
    """Every word of the pages in one language, "zh" or "en", under its name."""
    entries: dict[str, dict[str, str]] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return {name: words[lang] for name, words in entries.items()}


def language_of(scope: Scope) -> str:
    """The language that a request asks for with `lang`; Chinese unless it asks."""
    asked = parse_qs(scope["query_string"].decode("latin-1")).get("lang", [""])[-1]
    return asked if asked in LANGUAGES else LANGUAGES[0]
