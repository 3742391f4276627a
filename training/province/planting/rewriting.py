"""Texts of a declared project said again in other words, as by somebody who declares it twice."""

from __future__ import annotations

import re

import numpy as np

from training.province.planting.amounts import Project

TEXTS = ("pro_desc", "pro_necessary", "pro_feasibility", "pro_plan", "money_measure",
         "kpi_goal_total")  # fmt: skip
# What is written for what; either may stand in the other's place.
_SAID = (
    ("组织实施", "开展实施"), ("牵头开展", "统筹推进"), ("主要内容：一是", "建设内容为："),
    ("；二是", "，同时"), ("较为突出", "比较明显"), ("已影响正常履职", "对履职造成影响"),
    ("逐年增加", "持续增多"), ("难以满足要求", "不能满足需要"), ("主要短板", "薄弱环节"),
    ("明确了相应责任", "提出了具体要求"), ("是具体落实措施", "属于落实举措"),
    ("工作部署", "总体安排"), ("要求按期完成相应任务", "对完成时限作出规定"),
    ("现有安排尚不能覆盖", "现有经费未予覆盖"), ("针对性投入", "专门安排资金"),
    ("服务对象对", "群众和服务单位对"), ("反映集中", "反映较多"), ("补齐短板", "加以解决"),
    ("如不实施", "若不及时实施"), ("将继续加重", "会进一步加剧"), ("暂缓实施", "延后实施"),
    ("预计达到年度目标", "可望达到预期"), ("得到改善", "有所改善"), ("巩固成效", "形成长效"),
    ("按任务清单推进", "对照任务清单实施"), ("具备实施条件", "实施条件成熟"),
    ("完成方案编制和采购准备", "编制方案并做好采购准备"), ("年底前完成验收", "年末组织完成验收"),
    ("市场询价", "询价结果"), ("逐项测算", "分项测算"), ("逐步提高", "稳步提升"),
    ("年度任务", "当年任务"), ("达到目标值", "实现目标"), ("委托服务", "外包服务"),
    ("购置", "采购"), ("装备更新", "装备更换"), ("维修改造", "维修提升"), ("日常管护", "日常养护"),
    ("建立月调度机制", "实行按月调度"), ("向社会公开", "对外公开"), ("需通过", "有必要通过"),
)  # fmt: skip
_FILLERS = (
    "项目已纳入单位年度重点工作。", "有关情况已向分管领导汇报。", "前期已征求相关科室意见。",
    "项目实施主体和责任分工明确。", "后续将按规定公开项目信息。", "相关工作已列入议事日程。",
)  # fmt: skip
_NAME_ENDINGS = ("项目", "经费", "工程", "资金", "专项")
_UNIT = "\N{WHITE SQUARE}"  # stands for the unit's name while the rest is reworded
_SWAPPED, _DROPPED, _ADDED, _REORDERED = 0.55, 0.22, 0.3, 0.5
_OTHER_ENDING = 0.45


def rewrite(rng: np.random.Generator, project: Project, own: str, other: str) -> None:
    """Say name and texts in other words, for the unit `other` instead of `own`."""
    for name in TEXTS:
        if project[name]:
            said = _reworded(rng, project[name].replace(own, _UNIT))
            project[name] = said.replace(_UNIT, other)
    project["pro_name"] = _renamed(rng, project["pro_name"].removeprefix(own), other)


def readdressed(text: str | None, own: str, other: str) -> str | None:
    """The text with another unit's name, and nothing else changed."""
    return text.replace(own, other) if text else text


def _reworded(rng: np.random.Generator, text: str) -> str:
    sentences = [s for s in re.split(r"(?<=。)", text) if s]
    if len(sentences) > 2 and rng.random() < _DROPPED:
        del sentences[int(rng.integers(1, len(sentences)))]
    if len(sentences) > 2 and rng.random() < _REORDERED:
        place = int(rng.integers(1, len(sentences) - 1))
        sentences[place : place + 2] = sentences[place : place + 2][::-1]
    if rng.random() < _ADDED:
        sentences.append(str(rng.choice(_FILLERS)))
    return "".join(_swapped(rng, sentence) for sentence in sentences)


def _swapped(rng: np.random.Generator, sentence: str) -> str:
    for one, other in _SAID:
        if one in sentence and rng.random() < _SWAPPED:
            sentence = sentence.replace(one, other, 1)
    return sentence


def _renamed(rng: np.random.Generator, title: str, unit: str) -> str:
    ending = next((e for e in _NAME_ENDINGS if title.endswith(e)), "")
    if ending and rng.random() < _OTHER_ENDING:
        title = title.removesuffix(ending) + str(rng.choice(_NAME_ENDINGS))
    if rng.random() < 0.5:
        title = _swapped(rng, title)
    lead = rng.random()
    if lead < 0.3:
        return title
    return unit + title if lead < 0.8 else f"{unit}拟实施{title}"
