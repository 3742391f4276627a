"""Which fields of a catalogue are compared to find duplicates, and what resemblances count."""

from __future__ import annotations

from functools import cache, cached_property
from hashlib import sha256
from importlib import resources
from typing import Literal

from pydantic import Field

from features.catalogue import Catalogue
from features.duplicates.points import Points
from features.field import Declaration, Kind, Role, Sensitivity
from features.strict_yaml import read_yaml

Relation = Literal["same", "part"]
"""What two projects can be to each other: the same one, or parts of one."""


class Stated(Declaration):
    """A statement that holds where a field has a value."""

    field: str
    value: str


class Fields(Declaration):
    """Names of fields, those of parts as `part.field`; None where the catalogue has none."""

    name: str
    texts: tuple[str, ...]
    sort: str | None = None
    place: str | None = None
    department: str | None = None
    amount: str | None = None
    quantity: str | None = None
    people: str | None = None
    documents: str | None = None
    targets: tuple[str, str] | None = None
    declared_new: Stated | None = None
    one_off: Stated | None = None


class Compared(Declaration):
    """The fields, the thresholds below which projects are split, and the points of each relation.

    An empty relation is not looked for.
    """

    catalogue: str
    fields: Fields
    thresholds: tuple[float, ...] = ()
    points: dict[Relation, Points] = Field(default_factory=dict)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of all this, which with the projects decides what is found."""
        return f"sha256:{sha256(self.model_dump_json().encode()).hexdigest()}"


@cache
def compared_in(catalogue: str) -> Compared | None:
    """What is compared in the projects of a catalogue; None where no file says so."""
    file = resources.files(__package__) / "compared" / f"{catalogue}.yaml"
    if not file.is_file():
        return None
    return Compared.model_validate(read_yaml(file.read_text(encoding="utf-8")))


def compared_of(catalogue: Catalogue) -> Compared:
    """What is compared in the projects of a catalogue.

    Where no file says so, it is what every catalogue tells of its fields, with the points of
    `zero_base`, which are not calibrated on these projects.
    """
    return compared_in(catalogue.catalogue) or _derived(catalogue)


def _derived(catalogue: Catalogue) -> Compared:
    columns, given = catalogue.columns, catalogue.given
    named = {*columns.id, columns.name, columns.group, columns.region, columns.time}
    texts = (
        field.name
        for field in given
        if field.kind is Kind.TEXT
        and field.name not in named
        and field.role is None
        and field.sensitivity is not Sensitivity.PERSONAL
    )
    amounts = (f.name for f in given if f.kind is Kind.MONEY and f.role is Role.REQUESTED_AMOUNT)
    fields = Fields(
        name=columns.name or columns.id[0],
        texts=tuple(texts),
        sort=catalogue.peers[0] if catalogue.peers else None,
        place=columns.region,
        department=columns.group,
        amount=next(amounts, None),
    )
    usual = compared_in("zero_base")
    return Compared(
        catalogue=catalogue.catalogue, fields=fields, points=usual.points if usual else {}
    )
