"""The templates of the pages: one environment, which escapes every value."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from serving.page.words import page_words


def rendered(template: str, lang: str, **context: Any) -> str:
    """A template filled in; it finds the words of the language, "zh" or "en", under `t`."""
    return _environment().get_template(template).render(t=page_words(lang), lang=lang, **context)


@functools.cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parents[1] / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["short"] = _short_digest
    environment.filters["moment"] = _moment
    return environment


def _short_digest(digest: str) -> str:
    """The first twelve digits of a digest: enough to tell versions apart by eye."""
    return digest.removeprefix("sha256:")[:12]


def _moment(time: str) -> str:
    """A time to the second, as people read it."""
    return time[:19].replace("T", " ")
