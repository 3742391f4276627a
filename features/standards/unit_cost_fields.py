"""Which fields of a catalogue tell unit costs: what is bought, how much of it, at which price."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Annotated

from pydantic import StringConstraints

from features.catalogue import Catalogue
from features.form import Form
from features.standards.errors import StandardsError
from features.yaml_form import yaml_form

FieldName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
_FOLDER = "fields"


class LineFields(Form):
    """The part that holds calculation lines, and what its fields are."""

    part: FieldName
    task: FieldName
    economic_code: FieldName
    unit: FieldName
    price: FieldName
    quantity: FieldName
    amount: FieldName


class UnitCostFields(Form):
    """The fields of one catalogue. All amounts are in its currency.

    quantity, unit: of the cost driver, verified. price_index: published, of region and year.
    approved: an outcome. requested: what is asked for.
    """

    catalogue: FieldName
    project_type: FieldName
    quantity: FieldName
    unit: FieldName
    price_index: FieldName
    region_level: FieldName
    requested: FieldName
    approved: FieldName
    lines: LineFields


def unit_cost_fields(catalogue: Catalogue) -> UnitCostFields:
    """The fields of a catalogue that ships.

    Raises:
        StandardsError: when nothing says which of its fields tell unit costs.
    """
    return _shipped(catalogue.catalogue)


@cache
def _shipped(name: str) -> UnitCostFields:
    file = resources.files("features.standards") / _FOLDER / f"{name}.yaml"
    if not file.is_file():
        raise StandardsError(
            f"expected a catalogue whose fields tell unit costs; got {name}, for which there is "
            f"no features/standards/{_FOLDER}/{name}.yaml"
        )
    return yaml_form(UnitCostFields, file.read_bytes(), file.name)
