"""Projects to compare, made up by hand."""

from __future__ import annotations

from typing import Any

from features.duplicates.traits import Traits

LIGHTS = "青屿市城市管理局路灯照明节能改造项目"
ABOUT_LIGHTS = (
    "青屿市城市管理局更换滨海大道、文昌路高压钠灯，加装单灯控制器，实施规模为1240盏。",
    "青屿市城市管理局经摸排发现，滨海大道夜间照度低于标准，2016年安装的灯具故障率逐年上升。",
)


def project(number: int = 1, **changes: Any) -> Traits:
    """A project about street lights, with fields changed."""
    told: dict[str, Any] = {
        "project_id": f"P{number}",
        "year": 2025,
        "name": LIGHTS,
        "texts": (*ABOUT_LIGHTS, "", "", ""),
        "sort": "urban_upkeep",
        "place": "990200",
        "department": "212002",
        "amount": 1_860_000.0,
        "quantity": 1_240.0,
        "people": 52_000.0,
        "documents": frozenset({"青政发〔2023〕12号", "岚财预〔2024〕7号"}),
        "targets": frozenset(
            {"更换灯具数量\t1240", "设施完好率\t98", "节电率\t41", "居民满意度\t92"}
        ),
        "declared_new": True,
        "one_off": True,
    }
    return Traits(**told | changes)


def other_project(number: int) -> Traits:
    """One of many projects that have nothing to do with each other."""
    subjects = (
        *("图书馆古籍数字化", "渔港航道疏浚", "小学食堂设备更新", "森林防火瞭望塔"),
        *("疫苗冷链配送", "老年人助餐点", "河道断面监测", "档案库房恒温改造"),
        *("公交站台雨棚", "乡村医生培训"),
    )
    subject = subjects[number % len(subjects)]
    return project(
        number,
        name=f"青屿市第{number}单位{subject}项目",
        texts=(
            f"青屿市第{number}单位围绕{subject}开展工作，规模{number * 7 + 3}处。",
            f"{subject}现状不足。编号{number * 31}的设施需要处理。",
            "",
            "",
            "",
        ),
        sort=f"sort{number % 7}",
        amount=100_000.0 + 13_577 * number,
        quantity=10.0 + 3 * number,
        people=100.0 + 17 * number,
        documents=frozenset({f"青政发〔2022〕{number}号"}),
        targets=frozenset({f"{subject}完成数\t{number}", f"合格率\t{80 + number % 19}"}),
        department=f"D{number % 9}",
    )


def others(count: int = 60) -> list[Traits]:
    """Many projects that have nothing to do with each other."""
    return [other_project(number) for number in range(100, 100 + count)]
