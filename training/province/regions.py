"""The province, its cities and counties: level, price level, fiscal strength."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

PROVINCE_SHORT = "岚"
LEVELS = ("province", "city", "county")
# Share of declared projects by level of government.
LEVEL_WEIGHT = {"province": 0.10, "city": 0.28, "county": 0.62}

# name, one-character sign in document numbers, price level (province = 1), fiscal strength
CITIES = (
    ("岚州市", "州", 1.10, 1.30),
    ("青屿市", "屿", 1.12, 1.25),
    ("望湖市", "湖", 1.05, 1.12),
    ("临溪市", "溪", 1.02, 1.05),
    ("松浦市", "浦", 1.00, 1.00),
    ("云陂市", "陂", 0.98, 0.95),
    ("白渚市", "渚", 0.97, 0.92),
    ("长岫市", "岫", 0.95, 0.85),
    ("禾丘市", "禾", 0.93, 0.80),
    ("石蓝市", "蓝", 0.92, 0.75),
)
COUNTIES = (
    "江左区", "东垣区", "湾头区", "汀兰县", "鹤鸣县", "上岭县",
    "鼓浪区", "潮港区", "沙嘴区", "晏海县", "渔阳县", "礁石县",
    "湖汀区", "柳堤区", "荷塘区", "菱湖县", "苇泊县", "南汀县",
    "溪口区", "桥东区", "竹坞县", "清漪县", "石潭县", "茶亭县",
    "松亭区", "浦口区", "梅堰县", "枫渡县", "橘园县", "水碓县",
    "陂上区", "云门区", "霞渡县", "雁汀县", "鹿回县", "梨树县",
    "白渡区", "渚清区", "芦汀县", "鸥渡县", "盐仓县", "堰头县",
    "岫前区", "长亭区", "翠嶂县", "樵川县", "杉岭县", "云根县",
    "禾城区", "丘南区", "麦积县", "粟溪县", "稻香县", "桑柘县",
    "石梁区", "蓝渡区", "砚坑县", "铜坊县", "赤岩县", "黛山县",
)  # fmt: skip
COUNTIES_PER_CITY = 6


@dataclass(frozen=True)
class Regions:
    """One entry per fiscal division; all arrays have the same length."""

    code: np.ndarray  # six digits; 99 is no real province
    name: np.ndarray  # as it begins a project name
    sign: np.ndarray  # character of the issuer in document numbers
    level: np.ndarray  # index into LEVELS
    price: np.ndarray  # price level, province average of cities = 1
    strength: np.ndarray  # fiscal strength; below 1 funds fewer of its projects
    weight: np.ndarray  # share of declared projects


def _rows() -> list[tuple[str, str, str, int, float, float]]:
    rows = [("990000", "岚江省", PROVINCE_SHORT, 0, 1.04, 1.20)]
    for c, (city, sign, price, strength) in enumerate(CITIES):
        rows.append((f"99{c + 1:02d}00", city, sign, 1, price, strength))
    for k, county in enumerate(COUNTIES):
        c, place = divmod(k, COUNTIES_PER_CITY)
        city, _, price, strength = CITIES[c]
        price *= 0.99 - 0.015 * place  # the outlying counties are cheaper
        strength *= 1.05 - 0.09 * place  # and poorer
        rows.append((f"99{c + 1:02d}{place + 1:02d}", city + county, county[0], 2, price, strength))
    return rows


@cache
def regions() -> Regions:
    """All fiscal divisions: the province, ten cities, sixty counties."""
    columns = [np.array(column) for column in zip(*_rows(), strict=True)]
    code, name, sign, level, price, strength = columns
    share = np.array([LEVEL_WEIGHT[name] for name in LEVELS])
    weight = share[level] / np.bincount(level)[level]
    return Regions(code, name, sign, level, price, strength, weight)
