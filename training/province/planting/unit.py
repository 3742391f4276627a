"""Which unit declares a project, and the same project under another one."""

from __future__ import annotations

import numpy as np

from training.province.costs import price_index
from training.province.departments import departments
from training.province.functions import CLASS_NAMES, class_index
from training.province.planting.amounts import Project
from training.province.project_types import TYPE_INDEX
from training.province.regions import COUNTIES_PER_CITY, LEVELS, regions
from training.province.texts import unit_names

_UNITS = 9  # sub-units of a department


def unit_name(project: Project) -> str:
    """Name of the declaring unit, as the project's name and texts begin with it."""
    return _name(region_of(project), department_of(project))


def region_of(project: Project) -> int:
    """Index of the project's region."""
    return int(np.flatnonzero(regions().code == project["mof_div_code"])[0])


def department_of(project: Project) -> int:
    """Index of the project's department."""
    return int(np.flatnonzero(departments().code == project["dept_code"])[0])


def above(region: int) -> int:
    """Index of the region one level higher; the province is its own."""
    code = str(regions().code[region])
    higher = code[:4] + "00" if code[4:] != "00" else "990000"
    return int(np.flatnonzero(regions().code == higher)[0])


def neighbour(rng: np.random.Generator, region: int) -> int:
    """Index of another county of the same city; of another city for cities."""
    if regions().level[region] == LEVELS.index("county"):
        same = [r for r in range(len(regions().code)) if above(r) == above(region)]
        assert len(same) == COUNTIES_PER_CITY  # noqa: S101
    else:
        same = [int(r) for r in np.flatnonzero(regions().level == LEVELS.index("city"))]
    return int(rng.choice([r for r in same if r != region]))


def other_department(rng: np.random.Generator, project: Project) -> int:
    """Index of another department that declares projects of this type; of any where none does."""
    weight = departments().type_weight[:, TYPE_INDEX[project["project_type"]]].copy()
    weight[department_of(project)] = 0
    if not weight.any():
        weight[np.arange(len(weight)) != department_of(project)] = 1
    return int(rng.choice(len(weight), p=weight / weight.sum()))


def declared_by(
    rng: np.random.Generator, project: Project, region: int, department: int
) -> tuple[str, str]:
    """Hand the project to a department in a region; the unit's name before and after."""
    before = unit_name(project)
    code = str(departments().code[department])
    if department != department_of(project):
        function = str(rng.choice(departments().functions[department]))
        duty = project["duty_code"].removeprefix(_class_name(project["exp_func_code"]))
        project["exp_func_code"], project["duty_code"] = function, _class_name(function) + duty
    project["dept_code"] = code
    project["agency_code"] = f"{code}{int(rng.integers(1, _UNITS + 1)):03d}"
    project["mof_div_code"] = str(regions().code[region])
    project["region_level"] = LEVELS[regions().level[region]]
    kind = np.array([TYPE_INDEX[project["project_type"]]])
    price = regions().price[[region]]
    project["price_index"] = float(price_index(kind, price, project["fiscal_year"])[0])
    return before, _name(region, department)


def _name(region: int, department: int) -> str:
    return str(unit_names(np.array([region]), np.array([department]))[0])


def _class_name(function: str) -> str:
    return CLASS_NAMES[class_index(function)]
