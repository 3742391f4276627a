"""Project series: what stays the same while a project is declared year after year."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from training.province.departments import departments
from training.province.functions import class_index
from training.province.project_types import category_weights, type_values
from training.province.randomness import choose, stream
from training.province.regions import regions
from training.province.span import Span

# Series simulated together; a constant, so that no result depends on the machine's memory.
BLOCK = 1024


@dataclass(frozen=True)
class Series:
    """One entry per series; indices point into the tables of the named modules."""

    number: np.ndarray  # unique in the province
    start: np.ndarray  # round of the first declaration
    length: np.ndarray  # planned number of rounds
    region: np.ndarray
    department: np.ndarray
    unit: np.ndarray  # sub-unit of the department, 1–9
    kind: np.ndarray  # project type
    function: np.ndarray  # index of the functional class
    function_code: np.ndarray
    category: np.ndarray
    recurring: np.ndarray
    quantity: np.ndarray  # of the driver in the first round
    growth: np.ndarray  # of the quantity, per round, logarithmic
    per_unit: np.ndarray  # beneficiaries per unit of the driver
    statutory: np.ndarray
    deadline: np.ndarray  # round index of the set deadline; NaN where there is none
    strategic_shift: np.ndarray  # strategic match above or below the class priority
    asset: np.ndarray
    procured: np.ndarray
    bought: np.ndarray
    copied: np.ndarray  # texts and targets are copied
    sloppy: np.ndarray
    padding: np.ndarray  # median of log(request ÷ true cost)
    quantifying: np.ndarray  # probability that a target is quantified
    wordiness: np.ndarray  # 0–1, how much the texts say
    hidden_necessity: np.ndarray  # points that no visible fact tells
    hidden_importance: np.ndarray


HIDDEN_SD = {"necessity": 2.8, "importance": 3.6}


def draw_series(seed: int, block: int, span: Span) -> Series:
    """The series of one block."""
    rng = stream(seed, block, "series")
    region = choose(rng, np.tile(regions().weight, (BLOCK, 1)))
    department = rng.integers(len(departments().code), size=BLOCK)
    kind = choose(rng, departments().type_weight[department])
    recurring = rng.random(BLOCK) < type_values("recurring")[kind]
    start = rng.integers(0, span.rounds, size=BLOCK)
    code = _function_code(rng, department)
    return Series(
        number=np.arange(block * BLOCK, (block + 1) * BLOCK),
        start=start,
        length=np.where(recurring, rng.integers(3, 8, BLOCK), rng.integers(1, 4, BLOCK)),
        region=region,
        department=department,
        unit=rng.integers(1, 10, BLOCK),
        kind=kind,
        function=np.array([class_index(c) for c in code]),
        function_code=code,
        category=choose(rng, category_weights()[kind]),
        recurring=recurring,
        deadline=_deadline(rng, start, recurring),
        strategic_shift=rng.choice([-2, -1, 0, 1], p=[0.1, 0.25, 0.4, 0.25], size=BLOCK),
        hidden_necessity=rng.normal(0, HIDDEN_SD["necessity"], BLOCK),
        hidden_importance=rng.normal(0, HIDDEN_SD["importance"], BLOCK),
        **_sizes(rng, kind, region),
        **_features(rng, kind),
        **_habits(seed, block, department),
    )


def _function_code(rng: np.random.Generator, department: np.ndarray) -> np.ndarray:
    point = rng.random(BLOCK)
    codes = [departments().functions[d] for d in department]
    return np.array([own[int(p * len(own))] for own, p in zip(codes, point, strict=True)])


def _deadline(rng: np.random.Generator, start: np.ndarray, recurring: np.ndarray) -> np.ndarray:
    has = rng.random(BLOCK) < np.where(recurring, 0.15, 0.40)
    return np.where(has, start + rng.integers(0, 6, BLOCK), np.nan)


def _sizes(rng: np.random.Generator, kind: np.ndarray, region: np.ndarray) -> dict[str, np.ndarray]:
    # Higher levels of government run larger projects.
    scale = np.array([1.8, 1.3, 0.85])[regions().level[region]]
    spread = rng.normal(0, 1, BLOCK) * type_values("spread")[kind]
    served = type_values("served")[kind] * np.exp(rng.normal(0, 0.6, BLOCK))
    return {
        "quantity": type_values("quantity")[kind] * scale * np.exp(spread),
        "growth": rng.normal(0.02, 0.05, BLOCK),
        "per_unit": served,
    }


def _features(rng: np.random.Generator, kind: np.ndarray) -> dict[str, np.ndarray]:
    names = ("statutory", "asset", "procured", "bought")
    return {name: rng.random(BLOCK) < type_values(name)[kind] for name in names}


def _habits(seed: int, block: int, department: np.ndarray) -> dict[str, np.ndarray]:
    # A stream of its own: swapping departments moves habits and nothing else.
    rng = stream(seed, block, "habits")
    table = departments()
    usual = np.log(table.padding[department])
    quantifying = table.quantifying[department] + rng.normal(0, 0.12, BLOCK)
    return {
        "copied": rng.random(BLOCK) < table.copying[department],
        "sloppy": rng.random(BLOCK) < table.sloppiness[department],
        "padding": usual + rng.normal(0, 0.5, BLOCK) * table.padding_spread[department],
        "quantifying": np.clip(quantifying, 0.05, 0.97),
        "wordiness": np.clip(rng.beta(2.2, 1.8, BLOCK), 0, 1),
    }
