"""Calculation lines and yearly plans: how a request is derived, rightly or not."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from training.province.nested import integers, list_of_records, numbers, texts
from training.province.project_types import type_values
from training.province.randomness import stream
from training.province.rows import Rows

# Per project type: the line of the cost driver, then lines beside it (task, economic code, unit).
_LINES = (
    (("差旅及交通", "30211"), ("租用交通工具", "30239", "次"), ("公务接待", "30217", "批"),
     ("办公用品", "30201", "批")),
    (("车辆运行维护", "30231"), ("过路停车", "30239", "次"), ("驾驶劳务", "30226", "人月"),
     ("办公用品", "30201", "批")),
    (("培训", "30216"), ("会议", "30215", "场"), ("资料印刷", "30202", "批"), ("授课劳务", "30226",
     "人次")),
    (("专用设备", "31003"), ("办公设备", "31002", "台"), ("专用材料", "30218", "批"), ("安装维修",
     "30213", "项")),
    (("物业管理", "30209"), ("设施维修", "30213", "项"), ("水费", "30205", "月"), ("电费", "30206",
     "月")),
    (("规划设计委托", "30227"), ("技术咨询", "30203", "项"), ("成果印刷", "30202", "批"),
     ("专家劳务", "30226", "人次")),
    (("软件开发", "31007"), ("数据治理委托", "30227", "项"), ("云资源租赁", "30214", "月"),
     ("监理咨询", "30203", "项")),
    (("系统运行维护", "30213"), ("安全测评委托", "30227", "次"), ("线路租赁", "30214", "条"),
     ("通信", "30207", "月")),
    (("设施养护", "30213"), ("养护劳务", "30226", "人月"), ("养护材料", "30218", "批"), ("电费",
     "30206", "月")),
    (("养护工程", "31005"), ("小修保养", "30213", "项"), ("检测委托", "30227", "项"), ("养护材料",
     "30218", "批")),
    (("修缮施工", "31006"), ("零星维修", "30213", "项"), ("造价咨询", "30203", "项"), ("监理委托",
     "30227", "项")),
    (("委托服务", "30227"), ("专家劳务", "30226", "人次"), ("资料印刷", "30202", "批"), ("公务接待",
     "30217", "批")),
    (("人员劳务", "30226"), ("岗前培训", "30216", "期"), ("工作服装", "30224", "套"), ("福利",
     "30229", "人")),
    (("资助金", "30308"), ("奖励金", "30309", "人"), ("宣传印刷", "30202", "批"), ("办公用品",
     "30201", "批")),
    (("救助金", "30306"), ("生活补助", "30305", "人"), ("宣传印刷", "30202", "批"), ("核查劳务",
     "30226", "人次")),
    (("卫生服务", "30218"), ("人员劳务", "30226", "人月"), ("宣传印刷", "30202", "批"), ("业务培训",
     "30216", "期")),
    (("生产补助", "30399"), ("核实委托", "30227", "项"), ("技术培训", "30216", "期"), ("公示印刷",
     "30202", "批")),
    (("治理工程", "31005"), ("监测委托", "30227", "次"), ("设施维护", "30213", "项"), ("技术咨询",
     "30203", "项")),
)  # fmt: skip
_TASK = np.array([[line[0] for line in row] + ["其他支出"] for row in _LINES])
_CODE = np.array([[line[1] for line in row] + ["30299"] for row in _LINES])
# Wide enough for the unit of every driver, which is put in the first place.
_SIDE_UNIT = np.array([["", *(line[2] for line in row[1:]), "项"] for row in _LINES], dtype="U8")
_REMARKS = np.array(["市场询价", "参照上年合同", "同类项目标准", "政府采购目录价", "历史数据"])
SLOTS, DRIVER, REST = 5, 0, 4
_SIDE_SHOWN = 0.6
# What one unit of a side line usually costs, in yuan; its quantity follows from the amount.
USUAL_PRICE = {"人月": 7_000, "人次": 900, "次": 3_000, "批": 6_000, "项": 28_000, "台": 4_800,
                "月": 9_000, "条": 12_000, "期": 16_000, "场": 14_000, "套": 650, "人": 3_200,
                "": 1}  # fmt: skip
_SIDE_PRICE = np.vectorize(USUAL_PRICE.__getitem__, otypes=[float])(_SIDE_UNIT)
# Share of padding that is declared as quantity rather than as price.
_PADDED_QUANTITY = 0.4
_WRONG, _WRONG_SLOPPY = 0.03, 0.40  # share of projects whose lines do not add up


def cost_line_column(rows: Rows) -> pa.Array:
    """`cost_lines` of each project: price × quantity, the last line making up the request."""
    rng = stream(rows.block.seed, rows.block.number, "cost lines")
    shape = (len(rows.block.rounds), len(rows.block.series.number))
    drawn = rng.random((*shape, 4, SLOTS))[rows.round, rows.series]
    kind = rows.of_series(rows.block.series.kind)
    requested = rows.of_round(lambda r: r.request.amount)
    wanted = requested[:, None] * _shares(drawn[:, 1])
    quantity = _quantities(rows, wanted)
    price = np.round(wanted / quantity, 2)
    amount = np.round(price * quantity, 2)
    shown = drawn[:, 2] < _SIDE_SHOWN
    shown[:, [DRIVER, REST]] = True
    amount[:, REST] = np.round(requested - (amount * shown)[:, :REST].sum(axis=1), 2)
    price[:, REST] = amount[:, REST]
    _err(rows, drawn[:, 3], shown, amount)
    unit = _SIDE_UNIT[kind]
    unit[:, DRIVER] = type_values("unit")[kind]
    remark = drawn[:, 3] * len(_REMARKS)
    fields = {
        "task": texts(_TASK[kind][shown]),
        "dep_bgt_eco_code": texts(_CODE[kind][shown]),
        "unit": texts(unit[shown]),
        "price": numbers(price[shown]),
        "qty": numbers(quantity[shown]),
        "est_amt": numbers(amount[shown]),
        "remark": texts(_REMARKS[remark.astype(int)][shown], drawn[:, 1][shown] < 0.2),
    }
    return list_of_records(shown.sum(axis=1), fields)


def _shares(drawn: np.ndarray) -> np.ndarray:
    share = 0.02 + 0.06 * drawn
    share[:, DRIVER] = 0.62 + 0.12 * drawn[:, DRIVER]
    return share


def _quantities(rows: Rows, wanted: np.ndarray) -> np.ndarray:
    usual = _SIDE_PRICE[rows.of_series(rows.block.series.kind)]
    quantity: np.ndarray = np.maximum(np.rint(wanted / usual), 1)
    verified = rows.of_round(lambda r: r.situation.quantity)
    padding = np.maximum(rows.of_round(lambda r: r.request.padding), 0)
    declared = verified * np.exp(_PADDED_QUANTITY * padding)
    in_tenths = type_values("unit")[rows.of_series(rows.block.series.kind)] == "公里"
    quantity[:, DRIVER] = np.where(in_tenths, np.round(declared, 1), np.rint(declared))
    quantity[:, REST] = 1
    return quantity


def _err(rows: Rows, drawn: np.ndarray, shown: np.ndarray, amount: np.ndarray) -> None:
    """Make some projects not add up: a line left out, or an amount that is not the product."""
    sloppy = rows.of_series(rows.block.series.sloppy)
    wrong = drawn[:, DRIVER] < np.where(sloppy, _WRONG_SLOPPY, _WRONG)
    left_out = wrong & (drawn[:, REST] < 0.5)
    shown[left_out, REST] = False
    mistaken = wrong & ~left_out
    amount[mistaken, DRIVER] = np.round(amount[mistaken, DRIVER] * 1.1, 2)


PLAN_YEARS = 3
_PLANNED_GROWTH = 1.03
_SOCIAL, _SOCIAL_SHARE = 0.06, 0.1  # share of projects with other money, and how much of it


def last_year(rows: Rows) -> np.ndarray:
    """Last planned fiscal year of each project."""
    series = rows.block.series
    return rows.of_series(rows.block.span.year(0) + series.start + series.length - 1)


def plan_amounts(rows: Rows) -> np.ndarray:
    """Planned amounts, projects × PLAN_YEARS; NaN after the last year."""
    requested = rows.of_round(lambda r: r.request.amount)
    ahead = np.arange(PLAN_YEARS)
    amount = np.round(requested[:, None] * _PLANNED_GROWTH**ahead, -2)
    return np.where(rows.years[:, None] + ahead <= last_year(rows)[:, None], amount, np.nan)


def year_plan_column(rows: Rows) -> pa.Array:
    """`year_plan` of each project: this year's request and the years to come."""
    amount = plan_amounts(rows)
    shown = ~np.isnan(amount)
    rng = stream(rows.block.seed, rows.block.number, "social money")
    has = rows.of_series(rng.random(len(rows.block.series.number)) < _SOCIAL)
    social = np.round(amount * np.where(has, _SOCIAL_SHARE, 0.0)[:, None], -2)
    years = rows.years[:, None] + np.arange(PLAN_YEARS)
    fields = {
        "year": integers(years[shown]),
        "declaration_amt": numbers(amount[shown]),
        "support_amount": numbers((amount - social)[shown]),
        "social_amt": numbers(social[shown]),
    }
    return list_of_records(shown.sum(axis=1), fields)
