"""The invented table of the catalogue guide: five rounds of village road upkeep in a county."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

HEADER = (
    "项目编号",
    "年度",
    "项目名称",
    "乡镇",
    "路面类型",
    "道路级别",
    "里程（公里）",
    "路况评分",
    "上次大修年份",
    "立项理由",
    "沿线常住人口",
    "是否唯一通道",
    "申请金额（万元）",
    "上年预算（万元）",
    "材料价格指数",
    "上年执行率（%）",
)
OUTCOMES = ("必要性专家分", "重要性专家分", "审定金额（万元）", "支出金额（万元）")
_PRICE = {"沥青": 38.0, "水泥": 45.0, "砂石": 12.0}
_REASONS = (
    "路面破损严重。",
    "路面坑槽较多，雨季积水，影响村民出行和农产品外运，须及时修复。",
    "该路为通往小学的主要道路，校车每日通行，路基沉陷存在安全隐患，须尽快整治。",
)


def rounds(years: Sequence[int], per_year: int, seed: int) -> list[dict[str, Any]]:
    """The rows of so many projects per round, with outcomes, as the county's clerk writes them."""
    random = np.random.default_rng(seed)
    return [_project(random, year, number) for year in years for number in range(per_year)]


def _project(random: np.random.Generator, year: int, number: int) -> dict[str, Any]:
    surface = str(random.choice(list(_PRICE), p=[0.35, 0.4, 0.25]))
    town = str(random.choice(["石桥镇", "柳河镇", "东岭乡", "双溪乡"]))
    level = int(random.integers(3))
    road = ("村道", "乡道", "县道")[level]
    length = float(np.round(np.clip(random.lognormal(1.0, 0.6), 0.3, 30), 1))
    condition = int(random.integers(20, 96))
    repaired = year - int(random.integers(1, 25))
    reason = int(random.integers(3))
    residents = int(random.lognormal(6.8, 0.7))
    only = bool(random.random() < 0.3)
    index = round(1 + 0.02 * (year - 2021) + float(random.normal(0, 0.01)), 3)
    rate = float(np.clip(random.beta(9, 2), 0.2, 1))
    cost = _PRICE[surface] * index * length * (1.6 - condition / 100) * random.lognormal(0, 0.15)
    approved = round(float(cost), 2)
    executed = approved * float(np.clip(rate + random.normal(0, 0.12), 0.05, 1))
    need = 62 - 0.6 * (condition - 50) + 0.5 * (year - repaired) + 12 * only + 3 * reason
    worth = 35 + 7 * level + 6 * np.log1p(residents / length / 100) + 8 * only + 6 * (reason == 2)
    cells = (
        f"C{year}-{number:03}",
        year,
        f"{town}{number}号{road}养护",
        town,
        surface,
        road,
        length,
        condition,
        repaired,
        _REASONS[reason],
        residents,
        "是" if only else "否",
        round(approved * float(random.uniform(1.0, 1.5)), 2),
        round(approved * float(random.uniform(0.5, 1.2)), 2),
        index,
        round(100 * rate, 1),
        round(float(np.clip(need + random.normal(0, 4), 0, 100)), 1),
        round(float(np.clip(worth + random.normal(0, 4), 0, 100)), 1),
        approved,
        round(executed, 2),
    )
    return dict(zip((*HEADER, *OUTCOMES), cells, strict=True))


def write_table(path: Path, rows: Sequence[dict[str, Any]], columns: Sequence[str]) -> None:
    """The rows as the table that a Chinese office program saves: csv in GB18030."""
    with path.open("w", encoding="gb18030", newline="") as stream:
        writer = csv.DictWriter(stream, columns, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)


def write_guide_files(folder: Path) -> None:
    """The two tables that the guide works with: five past rounds, and a round with two slips."""
    write_table(folder / "past.csv", rounds(range(2021, 2026), 400, seed=3), (*HEADER, *OUTCOMES))
    declared = rounds([2026], 40, seed=4)
    declared[6]["申请金额（万元）"] = "86.5万元"
    declared[11]["路面类型"] = "沥清"
    declared[11]["路况评分"] = 174
    write_table(folder / "round_2026.csv", declared, HEADER)
