"""The catalogue: one ruler, written once, from which everything else is derived."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Any, TypeVar

from pydantic import Field, ValidationError

from features.catalogue_draft import Draft
from features.catalogue_rules import broken_rules
from features.catalogue_sections import Columns, CostRole, Currency, Dimension, Priority
from features.consistency import Check
from features.derivation import evaluation_order, origins
from features.errors import CatalogueError, Fault
from features.field import AsciiName, Declaration, Direction, Label, Part
from features.head_declaration import HeadDeclaration
from features.indicator import Indicator
from features.strict_yaml import NotYaml, read_yaml

Declared = TypeVar("Declared", bound=Declaration)

SHIPPED = ("zero_base", "japan_review")


class Catalogue(Declaration):
    """One ruler: the indicators, the heads, and how a file names them.

    Use `load_catalogue` or `parse_catalogue`, which check the rules that span several entries.
    """

    catalogue: AsciiName
    version: str
    label: Label
    note: Label | None = None
    columns: Columns
    peers: tuple[str, ...] = ()
    currency: Currency
    dimensions: tuple[Dimension, ...]
    parts: tuple[Part, ...] = ()
    indicators: tuple[Indicator, ...]
    heads: tuple[HeadDeclaration, ...] = Field(min_length=1)
    priority: Priority | None = None
    cost: CostRole | None = None
    checks: tuple[Check, ...] = ()

    @cached_property
    def by_name(self) -> dict[str, Indicator]:
        """Every indicator under its name."""
        return {indicator.name: indicator for indicator in self.indicators}

    @cached_property
    def given(self) -> tuple[Indicator, ...]:
        """The indicators that a project document carries."""
        return tuple(i for i in self.indicators if not i.derived)

    @cached_property
    def key_evidence(self) -> tuple[str, ...]:
        """The given indicators without which a project cannot be rated."""
        return tuple(i.name for i in self.given if i.key_evidence)

    @cached_property
    def document_names(self) -> frozenset[str]:
        """The names that a project document may carry: given indicators and parts."""
        return frozenset(i.name for i in self.given) | {part.name for part in self.parts}

    @cached_property
    def derivation_order(self) -> tuple[str, ...]:
        """The derived indicators, each after everything it reads."""
        return tuple(evaluation_order(self.indicators))

    @cached_property
    def identity(self) -> str:
        """Name and version, as quoted in every answer."""
        return f"{self.catalogue}@{self.version}"

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the catalogue's canonical JSON form."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()

    def head(self, name: str) -> HeadDeclaration:
        """The declared head of that name.

        Raises:
            KeyError: when no head has the name.
        """
        return {head.name: head for head in self.heads}[name]

    def inputs(self, head: str) -> tuple[Indicator, ...]:
        """The indicators that a head uses, in catalogue order: its feature list."""
        return tuple(i for i in self.indicators if head in i.use)

    def direction(self, head: str, indicator: str) -> Direction:
        """The declared direction of an indicator for a head."""
        return self.by_name[indicator].use[head]

    def origins(self, head: str) -> frozenset[str]:
        """Everything that a head's prediction rests on, at any depth."""
        names = [i.name for i in self.inputs(head)] + list(self.head(head).relative_to)
        return frozenset().union(*(origins(name, self.by_name) for name in names))


def parse_catalogue(text: str, origin: str = "catalogue") -> Catalogue:
    """The catalogue that a YAML text declares.

    Raises:
        CatalogueError: naming every fault, of form and of meaning, at once.
    """
    return checked_catalogue(_read_yaml(text, origin), origin)


def checked_catalogue(raw: dict[str, Any], origin: str = "catalogue") -> Catalogue:
    """The catalogue that plain data declares.

    Raises:
        CatalogueError: naming every fault, of form and of meaning, at once.
    """
    faults: list[Fault] = []
    catalogue: Catalogue | None = None
    try:
        catalogue = Catalogue.model_validate(raw)
    except ValidationError as error:
        faults += list(_form_faults(error, raw))
    faults += broken_rules(_draft(raw))
    if catalogue is None or faults:
        raise CatalogueError(faults, f"catalogue {origin}")
    return catalogue


def load_catalogue(name_or_path: str | Path) -> Catalogue:
    """A shipped catalogue by name, or one read from a YAML file.

    Raises:
        CatalogueError: when it is neither, cannot be read, or is wrong.
    """
    return parse_catalogue(catalogue_text(name_or_path), str(name_or_path))


def catalogue_text(name_or_path: str | Path) -> str:
    """The YAML text of a shipped catalogue or of a file.

    Raises:
        CatalogueError: when there is no such catalogue, or the file is not UTF-8 text.
    """
    if str(name_or_path) in SHIPPED:
        file = resources.files("features") / "catalogues" / f"{name_or_path}.yaml"
        return file.read_text(encoding="utf-8")
    try:
        return Path(name_or_path).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        expected = f"one of {', '.join(SHIPPED)}, or a UTF-8 YAML file"
        fault = Fault(None, None, expected, f"{name_or_path} ({type(error).__name__})")
        raise CatalogueError([fault]) from error


def _read_yaml(text: str, origin: str) -> dict[str, Any]:
    try:
        raw = read_yaml(text)
    except NotYaml as error:
        raise CatalogueError([error.fault], f"catalogue {origin}") from error
    if not isinstance(raw, dict):
        fault = Fault(None, None, "a mapping with catalogue, columns, indicators, heads", repr(raw))
        raise CatalogueError([fault], f"catalogue {origin}")
    return raw


def _form_faults(error: ValidationError, raw: dict[str, Any]) -> Iterator[Fault]:
    for item in error.errors(include_url=False):
        yield Fault(None, _place(item["loc"], raw), item["msg"], repr(item["input"])[:80])


def _place(location: tuple[int | str, ...], raw: Any) -> str:
    """A path such as `indicators[policy_level].kind`: entries by name rather than by number."""
    words: list[str] = []
    for step in location:
        raw = _step_into(raw, step)
        if isinstance(step, int) and words:
            name = raw.get("name", step) if isinstance(raw, dict) else step
            words[-1] = f"{words[-1]}[{name}]"
        else:
            words.append(str(step))
    return ".".join(words)


def _step_into(raw: Any, step: int | str) -> Any:
    if isinstance(raw, dict):
        return raw.get(step)
    if isinstance(raw, list | tuple) and isinstance(step, int) and step < len(raw):
        return raw[step]
    return None


def _draft(raw: dict[str, Any]) -> Draft:
    """Whatever of a catalogue has the right form, so that its meaning can be checked too."""
    return Draft(
        names=frozenset(_names(raw, "indicators")),
        indicators=tuple(_valid(Indicator, raw.get("indicators"))),
        parts=tuple(_valid(Part, raw.get("parts"))),
        heads=tuple(_valid(HeadDeclaration, raw.get("heads"))),
        head_names=frozenset(_names(raw, "heads")),
        dimensions=tuple(_names(raw, "dimensions")),
        columns=next(_valid(Columns, [raw.get("columns")]), None),
        peers=tuple(p for p in raw.get("peers") or () if isinstance(p, str)),
        priority=next(_valid(Priority, [raw.get("priority")]), None),
        cost=next(_valid(CostRole, [raw.get("cost")]), None),
        checks=tuple(_valid(Check, raw.get("checks"))),
    )


def _valid(model: type[Declared], entries: Any) -> Iterator[Declared]:
    for entry in entries if isinstance(entries, list) else ():
        try:
            yield model.model_validate(entry)
        except ValidationError:
            continue  # named by _form_faults already


def _names(raw: dict[str, Any], section: str) -> Iterator[str]:
    entries = raw.get(section)
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, dict) and isinstance(entry.get("name"), str):
            yield entry["name"]
