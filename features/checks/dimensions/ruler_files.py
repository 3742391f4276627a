"""Rulers of dimensions: the one in force for a catalogue, and whether it fits what it scores."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from features.catalogue import Catalogue
from features.checks.dimensions.rating import Rating, section_of
from features.checks.dimensions.ruler import IndicatorScale, RuledDimension, Ruler
from features.checks.rule_book import RuleBook
from features.errors import Fault, FormError, RuleError
from features.field import Kind
from features.form import form_bytes
from features.head_declaration import HeadKind
from features.levers import rests_on_verified
from features.yaml_form import yaml_form

FOLDER = "dimensions"
"""Where in a working folder a bureau's own rulers are, each named as its catalogue."""


def ruler_in_force(home: Path, catalogue: str) -> Ruler | None:
    """The bureau's own ruler for a catalogue, else the one that ships; None where there is none.

    Raises:
        RuleError: when it cannot be read or is of another shape.
    """
    own = home / FOLDER / f"{catalogue}.yaml"
    if own.is_file():
        return read_ruler(own)
    shipped = shipped_ruler(catalogue)
    return None if shipped is None else _ruler(shipped.read_bytes(), shipped.name)


def shipped_ruler(catalogue: str) -> Traversable | None:
    """The file that ships for a catalogue; None where there is none."""
    file = resources.files("features.checks.dimensions") / "rulers" / f"{catalogue}.yaml"
    return file if file.is_file() else None


def read_ruler(path: Path) -> Ruler:
    """The ruler in a file.

    Raises:
        RuleError: when it cannot be read or is of another shape.
    """
    try:
        return _ruler(form_bytes(path), str(path))
    except FormError as error:
        raise RuleError(error.faults, error.subject) from error


def _ruler(content: bytes, origin: str) -> Ruler:
    try:
        return yaml_form(Ruler, content, origin)
    except FormError as error:
        raise RuleError(error.faults, error.subject) from error


def rating_by(ruler: Ruler, catalogue: Catalogue, book: RuleBook) -> Rating:
    """The ruler made ready for a rule book.

    Raises:
        RuleError: naming everything in which it does not fit the catalogue or the rules.
    """
    faults = list(_of_catalogue(ruler, catalogue)) or list(_of_rules(ruler, book))
    if faults:
        raise RuleError(faults, f"ruler {ruler.identity}")
    return Rating(ruler, book.rules)


def _of_catalogue(ruler: Ruler, catalogue: Catalogue) -> Iterator[Fault]:
    if ruler.ruler_for != catalogue.catalogue:
        yield Fault(None, "ruler_for", catalogue.catalogue, ruler.ruler_for)
    names = [dimension.name for dimension in catalogue.dimensions]
    if sorted(names) != sorted(dimension.name for dimension in ruler.dimensions):
        got = ", ".join(dimension.name for dimension in ruler.dimensions)
        yield Fault(None, "dimensions", f"those of the catalogue: {', '.join(names)}", got)
    scores = [head.name for head in catalogue.heads if head.kind is HeadKind.SCORE]
    for dimension in ruler.dimensions:
        if dimension.head is not None and dimension.head not in scores:
            place = f"{dimension.name}.head"
            yield Fault(None, place, f"one of the scores {', '.join(scores)}", dimension.head)
        for section in dimension.sections:
            for scale in section.indicators:
                yield from _of_scale(dimension, scale, catalogue)


def _of_scale(
    dimension: RuledDimension, scale: IndicatorScale, catalogue: Catalogue
) -> Iterator[Fault]:
    place, indicator = f"{dimension.name}.{scale.indicator}", catalogue.by_name.get(scale.indicator)
    if indicator is None or not indicator.numeric or indicator.dimension != dimension.name:
        got = scale.indicator if indicator is None else f"{indicator.kind}, {indicator.dimension}"
        yield Fault(None, place, f"a numeric indicator of the dimension {dimension.name}", got)
    elif not rests_on_verified(scale.indicator, catalogue):
        yield Fault(None, place, "an indicator that rests on verified facts", "a declared one")
    elif scale.counted is not None and indicator.kind is not Kind.COUNT:
        yield Fault(None, place, "bands, for it counts nothing", f"counted, of {indicator.kind}")


def _of_rules(ruler: Ruler, book: RuleBook) -> Iterator[Fault]:
    sections = {each.name: each for each in ruler.dimensions if each.sections}
    for rule in book.rules:
        if rule.dimension not in sections:
            expected = f"a dimension that is scored by deductions: {', '.join(sections)}"
            yield Fault(None, f"{rule.code}.dimension", expected, str(rule.dimension))
    known = {rule.code for file in book.files for rule in file.rules}
    named = [("rules", code) for code in ruler.rules]
    for dimension in sections.values():
        for section in dimension.sections:
            place = f"{dimension.name}.{section.name}"
            named += [(f"{place}.missing", code) for code in section.missing]
            for code in section.missing:
                if section_of(dimension, code) is not section:
                    yield Fault(None, f"{place}.missing", "a rule of the section", code)
    for place, code in named:
        if code not in known:
            yield Fault(None, place, "the code of a rule", code)
