"""A special topic as data: what belongs to it, what may not grow, what is forbidden."""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, field_validator

from features.catalogue import Catalogue
from features.declared_project import DeclaredProject, Record
from features.field import AsciiName, Label
from features.form import Form, form_bytes
from features.standards.unit_cost_fields import LineFields
from features.yaml_form import yaml_form

_FOLDER = "topics"


class Belongs(Form):
    """What belongs to a topic: whole projects of some types or with a flag, else single lines.

    economic_codes: of lines. flags: indicators that are true of a whole project.
    """

    project_types: tuple[AsciiName, ...] = ()
    flags: tuple[AsciiName, ...] = ()
    economic_codes: tuple[str, ...] = ()


class Beside(StrEnum):
    """What a request is held against."""

    LAST_BUDGET = "last_budget"
    LAST_EXECUTED = "last_executed"


class ScaleRule(Form):
    """That a request may not be more than so many times what it is held against."""

    code: str
    label: Label
    beside: Annotated[Beside, Field(strict=False)]
    times: Annotated[float, Field(gt=0)]
    basis: Label


class Prohibition(Form):
    """That some lines may not be there. Of several conditions a line meets all that are given.

    economic_codes: the line's class is one of these. words: its content has one of these.
    unless_types: project types in which it is allowed.
    """

    code: str
    label: Label
    economic_codes: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    unless_types: tuple[AsciiName, ...] = ()
    basis: Label

    def forbids(self, line: Record, project_type: str, lines: LineFields) -> bool:
        """Whether a line of a project is forbidden."""
        code, task = line.get(lines.economic_code), line.get(lines.task)
        if not self.economic_codes and not self.words:
            return False
        of_class = not self.economic_codes or code in self.economic_codes
        named = not self.words or any(word in str(task or "") for word in self.words)
        return of_class and named and project_type not in self.unless_types


class Topic(Form):
    """One special topic."""

    name: AsciiName
    label: Label
    belongs: Belongs
    scale: tuple[ScaleRule, ...] = ()
    prohibited: tuple[Prohibition, ...] = ()

    @property
    def rules(self) -> list[tuple[str, Label, Label]]:
        """Its rules: the code, the words and the basis of each."""
        scale = [(rule.code, rule.label, rule.basis) for rule in self.scale]
        return scale + [(rule.code, rule.label, rule.basis) for rule in self.prohibited]

    def has_project(self, project: DeclaredProject, type_field: str) -> bool:
        """Whether a whole project belongs to it."""
        if project.values.get(type_field) in self.belongs.project_types:
            return True
        return any(project.values.get(flag) for flag in self.belongs.flags)


class Topics(Form):
    """The topics of one catalogue.

    The fields that amounts are held against: budget, of last year. history, executed, year: the
    part with earlier years, and in it what was spent in which.
    """

    format: Literal[1]
    catalogue: AsciiName
    budget: AsciiName
    history: AsciiName
    executed: AsciiName
    year: AsciiName
    unit: AsciiName
    function: AsciiName
    topics: Annotated[tuple[Topic, ...], Field(min_length=1, max_length=60)]

    @field_validator("topics")
    @classmethod
    def _once_each(cls, topics: tuple[Topic, ...]) -> tuple[Topic, ...]:
        names = [topic.name for topic in topics]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"each name once; got {', '.join(twice)} again")
        return topics

    def named(self, name: str) -> Topic | None:
        """The topic of a name; None where there is none."""
        return next((topic for topic in self.topics if topic.name == name), None)


def topics_of(catalogue: Catalogue, home: Path) -> Topics | None:
    """The topics of a catalogue: the working folder's own, else those that ship; None without any.

    Raises:
        FormError: when the file cannot be used.
    """
    own = home / _FOLDER / f"{catalogue.catalogue}.yaml"
    if own.is_file():
        return yaml_form(Topics, form_bytes(own), str(own))
    return _shipped(catalogue.catalogue)


@cache
def _shipped(name: str) -> Topics | None:
    file = resources.files("features.topics") / _FOLDER / f"{name}.yaml"
    return yaml_form(Topics, file.read_bytes(), file.name) if file.is_file() else None
