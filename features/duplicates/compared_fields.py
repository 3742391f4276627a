"""Which fields of a catalogue are compared to find duplicates, and what resemblances count."""

from __future__ import annotations

from functools import cache
from importlib import resources

from pydantic import Field

from features.duplicates.points import Points
from features.errors import LingjiError
from features.field import Declaration
from features.strict_yaml import read_yaml

RELATIONS = ("same", "part")
"""What two projects can be to each other: the same one, or parts of one."""


class NotCompared(LingjiError):
    """A catalogue for which nobody has said what is compared."""

    def __init__(self, catalogue: str) -> None:
        self.catalogue = catalogue
        super().__init__(
            f"expected a catalogue whose compared fields are declared, got {catalogue}; "
            f"add features/duplicates/compared/{catalogue}.yaml"
        )


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
    points: dict[str, Points] = Field(default_factory=dict)


@cache
def compared_in(catalogue: str) -> Compared:
    """What is compared in the projects of a catalogue.

    Raises:
        NotCompared: when nobody has said so.
    """
    file = resources.files(__package__) / "compared" / f"{catalogue}.yaml"
    if not file.is_file():
        raise NotCompared(catalogue)
    return Compared.model_validate(read_yaml(file.read_text(encoding="utf-8")))
