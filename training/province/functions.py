"""Functional classes of expenditure: how they matter, and what each year puts first."""

from __future__ import annotations

import numpy as np

# class: (necessity points, importance points, livelihood, strategic priority until the change,
# strategic priority after it); classes and their names are the national ones.
_CLASSES: dict[str, tuple[float, float, bool, int, int]] = {
    "201": (-2.0, -4.0, False, 0, 0),
    "204": (4.0, 3.0, False, 1, 1),
    "205": (2.0, 3.0, True, 2, 2),
    "206": (-1.0, 4.0, False, 2, 3),
    "207": (-3.0, -1.0, False, 1, 1),
    "208": (4.0, 3.0, True, 1, 2),
    "210": (3.5, 4.0, True, 2, 2),
    "211": (1.0, 3.0, False, 2, 2),
    "212": (0.0, 0.0, False, 1, 0),
    "213": (1.0, 2.0, False, 2, 2),
    "214": (1.0, 1.0, False, 1, 1),
    "215": (-3.0, 2.0, False, 1, 2),
    "216": (-3.0, -1.0, False, 1, 0),
    "220": (0.0, 0.0, False, 0, 1),
    "221": (2.0, 2.0, True, 1, 1),
    "224": (5.0, 4.0, False, 1, 2),
}
CLASSES = tuple(_CLASSES)
CLASS_NAMES = (
    "一般公共服务", "公共安全", "教育", "科学技术", "文化旅游", "社会保障和就业", "卫生健康",
    "生态环保", "城乡社区", "农业农村", "交通运输", "产业发展", "商贸服务", "自然资源",
    "住房保障", "应急管理",
)  # fmt: skip

_TABLE = np.array(list(_CLASSES.values()), dtype=float)
NECESSITY, IMPORTANCE = _TABLE[:, 0], _TABLE[:, 1]
LIVELIHOOD = _TABLE[:, 2].astype(bool)

# From this fiscal year on strategic match and livelihood weigh more, and priorities differ.
POLICY_CHANGE = 2023


def class_index(code: str) -> int:
    """Index of the functional class of a seven-digit functional code."""
    return CLASSES.index(code[:3])


def priority(year: int) -> np.ndarray:
    """Strategic priority 0–3 of every functional class in a fiscal year."""
    return _TABLE[:, 4 if year >= POLICY_CHANGE else 3].astype(int)
