"""What reviewers let a unit cost: approved unit prices of past projects and of their lines.

A request that is padded moves nothing here: the amount that was approved is what counts, and lines
of projects that were cut are left out, but for the line of the cost driver, whose verified quantity
is known.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from features.operations import Numbers
from features.standards.errors import StandardsError
from features.standards.priced_item import Family, PricedItem, priced_items
from features.standards.unit_cost_fields import UnitCostFields
from training.appraisal_data import AppraisalData

Places = npt.NDArray[np.int64]


@dataclass(frozen=True)
class ApprovedPrices:
    """Items whose unit price was approved, with the price; all arrays have shape (n,).

    price: natural logarithm of yuan per unit. index: of the published price index, NaN where none
    is given. scale: how large each is among its like. rounds: fiscal years. projects: which project
    of the data each belongs to.
    """

    items: tuple[PricedItem, ...]
    price: Numbers
    index: Numbers
    scale: Numbers
    rounds: Places
    projects: Places

    def where(self, rows: npt.NDArray[np.bool_]) -> ApprovedPrices:
        """The rows of a mask, shape (n,)."""
        kept = np.flatnonzero(rows)
        return ApprovedPrices(
            tuple(self.items[i] for i in kept),
            self.price[kept],
            self.index[kept],
            self.scale[kept],
            self.rounds[kept],
            self.projects[kept],
        )

    @cached_property
    def by_kind(self) -> dict[tuple[str, str, str], Places]:
        """The rows of each subject: family, economic code and unit."""
        rows: dict[tuple[str, str, str], list[int]] = {}
        for row, item in enumerate(self.items):
            rows.setdefault(item.subject, []).append(row)
        return {subject: np.array(found) for subject, found in sorted(rows.items())}


def approved_prices(data: AppraisalData, fields: UnitCostFields) -> ApprovedPrices:
    """The approved unit prices of past projects.

    Raises:
        StandardsError: when the data hold no approved amount.
    """
    approved = data.outcomes.get(fields.approved)
    items: list[PricedItem] = []
    price: list[float] = []
    projects: list[int] = []
    for number, project in enumerate(data.projects):
        amount = float("nan") if approved is None else float(approved[number])
        requested = project.values[fields.requested]
        if not (amount > 0 and isinstance(requested, float) and requested > 0):
            continue
        granted = amount / requested
        for item in priced_items(project, data.catalogue, fields):
            unit_price = _approved_price(item, granted)
            if unit_price is not None:
                items.append(item)
                price.append(unit_price)
                projects.append(number)
    if not items:
        raise StandardsError(
            f"expected past projects with an approved amount ({fields.approved}), a request and a "
            "verified quantity; got none: standards are learned from what was approved"
        )
    return ApprovedPrices(
        tuple(items),
        np.log(price),
        np.log([item.price_index or np.nan for item in items]),
        np.array([item.scale for item in items], dtype=np.float64),
        np.array([item.year for item in items], dtype=np.int64),
        np.array(projects, dtype=np.int64),
    )


def _approved_price(item: PricedItem, granted: float) -> float | None:
    """Yuan per unit, None where it cannot be told; granted: approved ÷ requested.

    What drives the cost is measured by verified units. Of other lines the price that was asked for
    was approved where the project was not cut; where it was, nobody knows which line was.
    """
    if item.subject.family is Family.PROJECT or item.driver:
        return item.amount * granted / item.scale
    return item.price * min(granted, 1.0) if granted >= _UNCUT else None


_UNCUT = 0.9
"""From this share of the request on the prices of a project's lines count as approved."""
