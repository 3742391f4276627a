"""Amounts of one declared project changed so that its lines still add up."""

from __future__ import annotations

from typing import Any

Project = dict[str, Any]
"""A declared project as plain values, in the fields of the catalogue `zero_base`."""


def adds_up(project: Project) -> bool:
    """Whether every line is price × quantity, and the lines come to the request."""
    lines = project["cost_lines"]
    return (
        len(lines) > 1
        and all(abs(_product(line) - line["est_amt"]) < 1 for line in lines)
        and abs(sum(line["est_amt"] for line in lines) - project["apply_amt"]) < 1
    )


def request(project: Project, amount: float) -> None:
    """Let the project ask for `amount` yuan, rounded to the hundred, at other unit prices."""
    factor = amount / project["apply_amt"]
    for line in project["cost_lines"]:
        line["price"] = round(line["price"] * factor, 2)
        line["est_amt"] = round(_product(line), 2)
    _settle(project, max(round(amount / 100), 1) * 100.0)


def divide(project: Project, share: float) -> None:
    """Leave `share` of the project's quantity and amount to it, at the same unit prices."""
    before = project["driver_quantity"]
    step = 0.1 if project["driver_unit"] == "公里" else 1.0
    after = round(max(round(before * share / step), 1) * step, 1)
    project["driver_quantity"] = after
    driver, *others = project["cost_lines"]
    driver["qty"] = round(max(round(driver["qty"] * share / step), 1) * step, 1)
    for line in others:
        line["qty"] = max(round(line["qty"] * share), 1)
    for line in project["cost_lines"]:
        line["est_amt"] = round(_product(line), 2)
    _quantity_in_words(project, before, after)
    _settle(project, max(round(project["apply_amt"] * share / 100), 1) * 100.0)


def raise_price(project: Project, place: int, factor: float) -> None:
    """Multiply one line's unit price, and ask for as much more."""
    line = project["cost_lines"][place]
    before = line["est_amt"]
    line["price"] = round(line["price"] * factor, 2)
    line["est_amt"] = round(_product(line), 2)
    more = project["apply_amt"] + line["est_amt"] - before
    _settle(project, round(more / 100) * 100.0)


def _product(line: dict[str, Any]) -> float:
    product: float = line["price"] * line["qty"]
    return product


def _settle(project: Project, amount: float) -> None:
    """The request is `amount`; the last line makes up the difference, and the plan follows."""
    factor = amount / project["apply_amt"]
    project["apply_amt"] = amount
    *lines, rest = project["cost_lines"]
    missing = round(amount - sum(line["est_amt"] for line in lines), 2)
    if missing > 0:
        rest.update(qty=1.0, price=missing, est_amt=missing)
    else:  # the others have grown beyond the request: it has to follow them
        project["cost_lines"] = lines
        project["apply_amt"] = round(sum(line["est_amt"] for line in lines), 2)
    for year in project["year_plan"]:
        for name in ("declaration_amt", "support_amount", "social_amt"):
            year[name] = round(year[name] * factor / 100) * 100.0
    project["pro_total_amt"] = sum(year["declaration_amt"] for year in project["year_plan"])


def _quantity_in_words(project: Project, before: float, after: float) -> None:
    unit, old, new = project["driver_unit"], f"{before:g}", f"{after:g}"
    if project["pro_desc"]:
        project["pro_desc"] = project["pro_desc"].replace(f"{old}{unit}", f"{new}{unit}")
    for target in project["kpi"]:
        if target["target"] == old and target["unit"] == unit:
            target["target"] = new
