"""Sentences with facts of one's own: invented places, counts and dates of no other project."""

from __future__ import annotations

import numpy as np

_FIRST = "柳白石清杨枫竹梅松桃槐榆双龙凤新永安和平古大小上下东西南北青红黄"
_SECOND = "溪塘桥湾岭坪坝沟井口庄店寨畈垄墩埠渡洲冲源屯"
_KINDS = ("村", "社区", "街道", "片区", "站点")
_SENTENCES = (
    "经{y}年{m}月摸底，{a}、{b}两处共登记{n}项，其中{k}项需在年内处理。",
    "{a}自{y}年启用以来已累计服务{n}人次，{k}次因条件所限未能受理。",
    "{y}年{m}月例行检查中，{a}有{k}处、{b}有{l}处不符合要求。",
    "{a}至{b}一线上年共收到来电来信{n}件，办结{k}件。",
    "{y}年{m}月起由{a}先行试点，覆盖{n}户，{k}户提出了改进意见。",
    "现有设施中{k}处建于{y}年以前，集中在{a}和{b}。",
    "对{a}、{b}的{n}份问卷显示，{k}份认为现状亟待改变。",
    "{a}上年度累计投入{n}个工日，仍有{k}处未完成。",
)


def particulars(rng: np.random.Generator, count: int) -> str:
    """`count` different sentences about places and figures drawn for this call."""
    chosen = rng.permutation(len(_SENTENCES))[:count]
    return "".join(_sentence(rng, _SENTENCES[place]) for place in chosen)


def _sentence(rng: np.random.Generator, template: str) -> str:
    n = int(rng.integers(60, 9_000))
    return template.format(
        a=_place(rng), b=_place(rng), y=int(rng.integers(2012, 2020)), m=int(rng.integers(1, 13)),
        n=n, k=int(rng.integers(3, 60)), l=int(rng.integers(2, 30)),
    )  # fmt: skip


def _place(rng: np.random.Generator) -> str:
    first, second = rng.choice(list(_FIRST)), rng.choice(list(_SECOND))
    return f"{first}{second}{rng.choice(_KINDS)}"
