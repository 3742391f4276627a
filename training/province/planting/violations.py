"""Violations of rules, and unit prices padded beyond the usual."""

from __future__ import annotations

import numpy as np

from training.province.cost_lines import USUAL_PRICE
from training.province.planting.amounts import Project, raise_price
from training.province.planting.ground import Ground
from training.province.planting.planted import PADDED_PRICE, Planted
from training.province.target_names import VAGUE

# Factors of a padded unit price: of the declared one for the cost driver, of the usual one beside.
DRIVER_FACTORS, SIDE_FACTORS = (1.8, 3.0), (2.2, 4.0)
_SIDE_LINES = 0.25  # share of padded prices that are not the cost driver's
# A code of the national series that does not fit: what people write for each code by mistake.
_MISTAKEN = {
    "30211": "30215", "30239": "30211", "30217": "30215", "30201": "30202", "30231": "30239",
    "30226": "30199", "30216": "30211", "30215": "30201", "30202": "30218", "31003": "30213",
    "31002": "30201", "30218": "30201", "30213": "31006", "30209": "30227", "30205": "30209",
    "30206": "30209", "30227": "30226", "30203": "30299", "31007": "30227", "30214": "30207",
    "30207": "30214", "31005": "30213", "31006": "30213", "30224": "30201", "30229": "30228",
    "30308": "30399", "30309": "30301", "30306": "30399", "30305": "30226", "30399": "30227",
}  # fmt: skip


def pad_price(ground: Ground, row: int) -> None:
    """One line at a multiple of its unit price; the request grows with it."""
    project = ground.project(row)
    lines, rng = project["cost_lines"], ground.rng
    place, (low, high), usual = 0, DRIVER_FACTORS, lines[0]["price"]
    if len(lines) > 2 and rng.random() < _SIDE_LINES:
        place, (low, high) = int(rng.integers(1, len(lines) - 1)), SIDE_FACTORS
        usual = USUAL_PRICE[lines[place]["unit"]]
    factor = float(np.exp(rng.uniform(np.log(low), np.log(high)))) * usual / lines[place]["price"]
    raise_price(project, place, factor)
    ground.touch(row, project)
    _plant(ground, project, PADDED_PRICE, f"cost_lines[{place + 1}]", f"{factor:.3f}")


def remove_document(ground: Ground, row: int) -> None:
    """The policy documents that are cited are not attached."""
    project = ground.project(row)
    project["attachments"] = [a for a in project["attachments"] if a["doctype"] != "政策依据"]
    ground.touch(row, project)
    _plant(ground, project, "missing_document", "attachments", "政策依据")


def expire_policy(ground: Ground, row: int) -> None:
    """Every cited document ran out one to three years before."""
    project = ground.project(row)
    for policy in project["policy_basis"]:
        last = project["fiscal_year"] - int(ground.rng.integers(1, 4))
        policy["valid_to"] = f"{last}-12-31"
        issued = int(policy["issue_date"][:4])
        if issued > last - 1:
            policy["issue_date"] = f"{last - 2}{policy['issue_date'][4:]}"
            policy["doc_no"] = policy["doc_no"].replace(f"〔{issued}〕", f"〔{last - 2}〕")
    ground.touch(row, project)
    _plant(ground, project, "expired_policy", "policy_basis", None)


def spoil_sums(ground: Ground, row: int) -> None:
    """A line that is not price × quantity, or lines that do not come to the request."""
    project = ground.project(row)
    lines = project["cost_lines"]
    place = int(ground.rng.integers(len(lines) - 1))
    if ground.rng.random() < 0.5:
        factor = float(ground.rng.uniform(1.04, 1.3))
        lines[place]["est_amt"] = round(lines[place]["est_amt"] * factor, 2)
        item = f"cost_lines[{place + 1}].est_amt"
    else:
        del lines[place]
        item = "cost_lines"
    ground.touch(row, project)
    _plant(ground, project, "sums_wrong", item, None)


def mistake_code(ground: Ground, row: int) -> None:
    """One line under an economic code that does not fit; the detail is the right one."""
    project = ground.project(row)
    lines = project["cost_lines"]
    place = int(ground.rng.integers(len(lines) - 1))
    right = lines[place]["dep_bgt_eco_code"]
    lines[place]["dep_bgt_eco_code"] = _MISTAKEN[right]
    ground.touch(row, project)
    item = f"cost_lines[{place + 1}].dep_bgt_eco_code"
    _plant(ground, project, "wrong_economic_code", item, right)


def blur_targets(ground: Ground, row: int) -> None:
    """Most targets without a figure."""
    project = ground.project(row)
    for target in project["kpi"]:
        if ground.rng.random() < 0.85:
            target["target"], target["unit"] = str(ground.rng.choice(VAGUE)), None
            target["direction"], target["nature"] = 3, 3
    ground.touch(row, project)
    _plant(ground, project, "vague_targets", "kpi", None)


def _plant(ground: Ground, project: Project, kind: str, item: str, detail: str | None) -> None:
    code, year = project["pro_code"], project["fiscal_year"]
    ground.plant(Planted(kind, code, year, item, detail=detail))
