"""How values are written in a paper: the same figure in both languages, with its evidence."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from importlib import resources
from typing import Any

import yaml

from features.catalogue import Catalogue
from features.field import Label
from features.head_declaration import HeadKind
from models.papers.paper import Entry, Fact, Row, Section, Table
from models.papers.source import Given

LANGUAGES = ("zh", "en")
NORMAL_95 = 1.96
"""How many standard errors a 95 % interval reaches to each side."""


@cache
def _words() -> Mapping[str, Mapping[str, str]]:
    text = (resources.files("models.papers") / "words.yaml").read_text(encoding="utf-8")
    found: Mapping[str, Mapping[str, str]] = yaml.safe_load(text)
    return found


def said(name: str, **values: Any) -> Label:
    """The words of that name; a value that is a Label is told in each language."""
    words = _words()[name]
    told = {}
    for lang in LANGUAGES:
        own = {k: v.of(lang) if isinstance(v, Label) else v for k, v in values.items()}
        told[lang] = words[lang].format(**own) if values else words[lang]
    return Label(**told)


def plain(text: Any) -> Label:
    """The same text in both languages."""
    return Label(zh=str(text), en=str(text))


def nobody_said(who: str = "") -> Fact:
    """That something is not known here; `who` names the words of whoever should state it."""
    if not who:
        return Fact(None, said("not_known"))
    return Fact(None, said("not_stated", who=said(who)))


def fact(
    given: Given, shown: Callable[[Any], Label | str] = plain, *, unknown: str = "", **more: Any
) -> Fact:
    """A value as it is given, written by `shown`; `unknown`: who should state it where it is not.

    A value that is nothing but words in both languages is shown as it is.
    """
    if given.evidence is None:
        return nobody_said(unknown)
    told = shown(given.value)
    label = told if isinstance(told, Label) else plain(told)
    return Fact(given.value, label, (given.evidence,), **more)


def stated(words: Mapping[str, str]) -> Label:
    """Words that were given in both languages."""
    return Label(zh=words["zh"], en=words["en"])


def made_of(value: Any, shown: Label | str, how: str, *given: Given, **more: Any) -> Fact:
    """A value that is made of others; how: by which rule, a name that docs/papers.md explains."""
    label = shown if isinstance(shown, Label) else plain(shown)
    places = tuple(each.evidence for each in given if each.evidence is not None)
    return Fact(value, label, places, how, **more)


def entry(name: str, found: Fact) -> Entry:
    """A fact under the words of its name."""
    return Entry(name, said(name), found)


def section(
    name: str, *text: Label, entries: Iterable[Entry] = (), tables: Iterable[Table] = ()
) -> Section:
    """A section under the words of its name."""
    return Section(name, said(name), text, tuple(entries), tuple(tables))


def table(
    name: str, columns: Iterable[str], rows: Iterable[Row], title: Label | None = None
) -> Table:
    """A table whose columns are called by the words of their names."""
    return Table(name, title, tuple((each, said(each)) for each in columns), tuple(rows))


def count(value: Any) -> str:
    """A whole number."""
    return f"{value:,.0f}"


def share(value: Any) -> str:
    """A share in per cent."""
    return f"{value:.1%}"


def figure(value: Any) -> str:
    """A number with four significant digits."""
    if value == 0:
        return "0"
    digits = max(0, 3 - math.floor(math.log10(abs(value))))
    return f"{value:,.{min(digits, 6)}f}"


def signed(value: Any) -> str:
    """The same with its sign."""
    return ("+" if value > 0 else "−" if value < 0 else "") + figure(abs(value))


def yes_no(value: Any) -> Label:
    """Yes or no."""
    return said("yes" if value else "no")


def error_of(kind: HeadKind) -> Callable[[Any], Label]:
    """How a head's error is written: points, a factor, or a Brier score."""
    if kind is HeadKind.SCORE:
        return lambda value: said("points", value=f"{value:.2f}")
    if kind is HeadKind.AMOUNT:
        return lambda value: plain(f"× / ÷ {math.exp(value):.3f}")
    return lambda value: plain(f"{value:.4f}")


def interval_95(mean: Given, error: Given, kind: HeadKind) -> Fact:
    """The 95 % interval of a head's error, from its mean and its standard error."""
    if not (mean.known and error.known):
        return nobody_said()
    reach = NORMAL_95 * error.value
    ends = [max(0.0, mean.value - reach), mean.value + reach]
    low, high = (error_of(kind)(end) for end in ends)
    shown = Label(zh=f"{low.zh} – {high.zh}", en=f"{low.en} – {high.en}")
    return made_of(ends, shown, "interval_95", mean, error)


def moved_of(kind: HeadKind) -> Callable[[Any], Label]:
    """How far a head was moved: points; or the logarithm of an amount, or log-odds."""
    if kind is HeadKind.SCORE:
        return lambda value: said("points", value=f"{value:.2f}")
    return lambda value: plain(f"{value:.4f}")


def head_label(name: str, catalogue: Catalogue) -> Label:
    """A head in words; its name where the catalogue has none."""
    labels = {head.name: head.label for head in catalogue.heads}
    return labels.get(name, plain(name))


def gate_label(name: str) -> Label:
    """A gate in words; its name where there are none."""
    return said(f"gate_{name}") if f"gate_{name}" in _words() else plain(name)
