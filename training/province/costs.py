"""What a project reasonably costs, what the review centre approves, what departments request.

The true cost is a function of facts that a model can see. The approved amount differs from it by
what no visible fact tells (quality tier, local circumstances) and never looks at the request.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from training.province.project_types import type_values

BASE_YEAR = 2020  # of the published price index
# Yearly growth of prices by cost class, and the jump in building materials.
GROWTH = {"labour": 0.035, "construction": 0.030, "goods": 0.005, "service": 0.020,
          "transfer": 0.030}  # fmt: skip
MATERIALS_YEAR, MATERIALS_JUMP = 2021, 0.05

# Visible factors of the true cost, as logarithms.
REGION_LEVEL = np.array([0.06, 0.02, 0.0])  # province, city, county
ASSET, ONE_OFF, PROCURED, BOUGHT = 0.05, 0.04, -0.03, -0.02
COUNTY_CONSTRUCTION = -0.04  # local materials and labour
# Share of the approval noise's variance that stays with a project series: its quality tier.
TIER_SHARE = 0.5
OUTER = 1.2815515655446004  # 90 % quantile of the standard normal distribution
ROUNDING = 100.0  # yuan


@dataclass(frozen=True)
class CostFacts:
    """What the true cost depends on, one entry per project."""

    kind: np.ndarray
    quantity: np.ndarray
    price_index: np.ndarray
    region_level: np.ndarray  # 0 province, 1 city, 2 county
    asset: np.ndarray
    one_off: np.ndarray
    procured: np.ndarray
    bought: np.ndarray


def price_index(kind: np.ndarray, region_price: np.ndarray, year: int) -> np.ndarray:
    """The published index of the cost class, region and year, to three decimals."""
    classes = type_values("prices")[kind]
    growth = np.array([GROWTH[name] for name in classes])
    level = region_price * (1 + growth) ** (year - BASE_YEAR)
    jump = (classes == "construction") & (year >= MATERIALS_YEAR)
    index: np.ndarray = np.round(level * np.where(jump, 1 + MATERIALS_JUMP, 1.0), 3)
    return index


def true_cost(facts: CostFacts) -> np.ndarray:
    """The reasonable cost in yuan: unit price × quantity, less economies of scale, × factors."""
    usual = type_values("quantity")[facts.kind]
    scale = (facts.quantity / usual) ** (type_values("elasticity")[facts.kind] - 1)
    price = type_values("price")[facts.kind] * facts.price_index
    cost: np.ndarray = facts.quantity * price * scale * np.exp(_factors(facts))
    return cost


def _factors(facts: CostFacts) -> np.ndarray:
    construction = type_values("prices")[facts.kind] == "construction"
    factors: np.ndarray = (
        REGION_LEVEL[facts.region_level]
        + ASSET * facts.asset
        + ONE_OFF * facts.one_off
        + PROCURED * facts.procured
        + BOUGHT * facts.bought
        + COUNTY_CONSTRUCTION * (construction & (facts.region_level == 2))
    )
    return factors


def approved_amount(
    cost: np.ndarray, kind: np.ndarray, tier: np.ndarray, chance: np.ndarray
) -> np.ndarray:
    """The approved amount in yuan, from standard normal draws per series and per round."""
    unseen = np.sqrt(TIER_SHARE) * tier + np.sqrt(1 - TIER_SHARE) * chance
    return rounded(cost * np.exp(type_values("noise")[kind] * unseen))


def oracle_range(cost: np.ndarray, kind: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The 10 % and 90 % quantiles of the approved amount: the best an 80 % range can know."""
    factor = np.exp(OUTER * type_values("noise")[kind])
    return cost / factor, cost * factor


def rounded(amount: np.ndarray) -> np.ndarray:
    """Amounts to the hundred yuan, at least one hundred."""
    return np.maximum(np.round(amount / ROUNDING), 1) * ROUNDING
