"""What a project asks a unit price for: itself, per unit of its cost driver, and its lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from features.catalogue import Catalogue
from features.declared_project import DeclaredProject, Record, project_identity
from features.standards.unit_cost_fields import UnitCostFields


class Family(StrEnum):
    """What a unit price is of: a whole project, or one line of its calculation."""

    PROJECT = "project"
    LINE = "line"


class Subject(NamedTuple):
    """A sort of thing that has a unit price. economic_code: "" of a whole project."""

    family: Family
    economic_code: str
    unit: str


@dataclass(frozen=True)
class PricedItem:
    """One thing asked for at a unit price.

    place: where it stands in the document, "" for the whole project. price: yuan per unit. amount:
    in yuan. driver: whether it is the line of the project's cost driver, the largest of that unit.
    quantity: how many units at that price; of the whole project the verified ones. scale: the
    quantity that says how large it is among its like. price_index: None where none is given.
    """

    project_id: str
    year: int
    place: str
    subject: Subject
    task: str
    project_type: str
    division: str
    region_level: str
    price_index: float | None
    quantity: float
    scale: float
    price: float
    amount: float
    driver: bool


def priced_items(
    project: DeclaredProject, catalogue: Catalogue, fields: UnitCostFields
) -> Iterator[PricedItem]:
    """The project per unit, and each of its lines that tells a quantity and a price."""
    return priced_items_of(project.values, catalogue, fields)


def priced_items_of(
    values: Mapping[str, Any], catalogue: Catalogue, fields: UnitCostFields
) -> Iterator[PricedItem]:
    """The same of a project's values."""
    project_id, year = project_identity(values, catalogue), int(values[catalogue.columns.time])
    region = catalogue.columns.region
    driver_unit = _text(values.get(fields.unit))
    verified = _positive(values.get(fields.quantity))
    requested = _positive(values.get(fields.requested))

    everywhere = (
        _text(values.get(fields.project_type)),
        _text(values.get(region)) if region else "",
        _text(values.get(fields.region_level)),
        _positive(values.get(fields.price_index)),
    )

    def item(
        place: str, subject: Subject, task: str, quantity: float, scale: float, amount: float,
        price: float, driver: bool,
    ) -> PricedItem:  # fmt: skip
        return PricedItem(
            project_id, year, place, subject, task, *everywhere, quantity, scale, price, amount,
            driver,
        )  # fmt: skip

    if verified and requested and driver_unit:
        whole = Subject(Family.PROJECT, "", driver_unit)
        yield item("", whole, "", verified, verified, requested, requested / verified, False)
    names = fields.lines
    lines = values.get(names.part)
    found = [_line(line, fields) for line in (lines if isinstance(lines, tuple) else ())]
    of_driver = [read[3] for read in found if read and read[0].unit == driver_unit]
    largest = max(of_driver, default=None)
    for number, (read, line) in enumerate(zip(found, lines or (), strict=True), start=1):
        if read is not None:
            subject, quantity, price, amount = read
            driver = subject.unit == driver_unit and amount == largest
            scale = verified if driver and verified else quantity
            place, task = f"{names.part}[{number}]", _text(line.get(names.task))
            yield item(place, subject, task, quantity, scale, amount, price, driver)


def _line(line: Record, fields: UnitCostFields) -> tuple[Subject, float, float, float] | None:
    """What a line says of quantity, unit price and amount; None where it does not say enough."""
    names = fields.lines
    code, unit = _text(line.get(names.economic_code)), _text(line.get(names.unit))
    quantity, amount = _positive(line.get(names.quantity)), _positive(line.get(names.amount))
    price = _positive(line.get(names.price))
    if price is None and quantity and amount:
        price = amount / quantity
    if not (code and unit and quantity and price):
        return None
    return Subject(Family.LINE, code, unit), quantity, price, amount or price * quantity


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _positive(value: object) -> float | None:
    return value if isinstance(value, float) and value > 0 else None
