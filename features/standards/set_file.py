"""A bureau's own file of set standards: YAML, or a table with Chinese headings (xlsx, csv)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError, field_validator

from features.errors import Fault, FileError
from features.form import Form, form_bytes, form_faults
from features.project_files import read_projects
from features.standards.set_standard import SetStandard
from features.yaml_form import yaml_form

COLUMNS = {
    "标准编码": "code",
    "标准名称": "name_zh",
    "英文名称": "name_en",
    "标准类别": "standing",
    "标准形式": "form",
    "标准值": "value",
    "经济分类": "economic_codes",
    "计量单位": "unit",
    "开支内容": "task",
    "项目类型": "project_types",
    "预算级次": "region_levels",
    "财政区划": "divisions",
    "文号": "document_number",
    "生效日期": "start",
    "失效日期": "end",
}
"""The headings of a table, and the field that each fills."""
_LISTS = ("economic_codes", "task", "project_types", "region_levels", "divisions")
_WORDS = {
    "法定标准": "statutory",
    "固定标准": "fixed",
    "暂定标准": "interim",
    "定额": "quota",
    "比例": "ratio",
    "限额": "limit",
    "省级": "province",
    "市级": "city",
    "县级": "county",
}


class SetStandards(Form):
    """The standards of one file; each code stands once."""

    format: Literal[1]
    standards: tuple[SetStandard, ...] = Field(max_length=5_000)

    @field_validator("standards")
    @classmethod
    def _once_each(cls, standards: tuple[SetStandard, ...]) -> tuple[SetStandard, ...]:
        codes = [standard.code for standard in standards]
        if twice := sorted({code for code in codes if codes.count(code) > 1}):
            raise ValueError(f"each code once; got {', '.join(twice)} again")
        return standards


def set_standards(path: Path) -> tuple[SetStandard, ...]:
    """The standards that a file sets.

    Raises:
        FormError: naming every place where a YAML file is of another shape.
        FileError: naming every row of a table that is no standard.
    """
    if path.suffix.lower() in (".yaml", ".yml"):
        return yaml_form(SetStandards, form_bytes(path), str(path)).standards
    faults: list[Fault] = []
    found: dict[str, SetStandard] = {}
    for batch in read_projects(path):
        faults += batch.faults
        for number, row in batch.documents:
            standard = _standard(row, number, faults)
            if standard is None:
                continue
            if standard.code in found:
                faults.append(Fault(number, "标准编码", "each code once", f"{standard.code} again"))
            found[standard.code] = standard
    if faults:
        raise FileError(faults, str(path))
    return tuple(found.values())


def _standard(row: Any, number: int, faults: list[Fault]) -> SetStandard | None:
    unknown = [name for name in row if name not in COLUMNS]
    if unknown:
        expected = f"the headings {', '.join(COLUMNS)}"
        faults += [Fault(number, str(name), expected, "another") for name in unknown]
        return None
    cells = {COLUMNS[name]: value for name, value in row.items() if value not in (None, "")}
    plain: dict[str, Any] = {
        name: _WORDS.get(str(value).strip(), str(value).strip()) for name, value in cells.items()
    }
    plain |= {name: list(_words(plain[name])) for name in _LISTS if name in plain}
    zh = plain.pop("name_zh", "")
    plain["name"] = {"zh": zh, "en": plain.pop("name_en", zh)}
    if "value" in plain:
        plain["value"] = _number(plain["value"])
    try:
        return SetStandard.model_validate_json(json.dumps(plain))
    except ValidationError as error:
        headings = {field: heading for heading, field in COLUMNS.items()}
        headings |= {"name.zh": "标准名称", "name.en": "英文名称"}
        for fault in form_faults(error):
            place = headings.get(fault.field or "", fault.field)
            faults.append(Fault(number, place, fault.expected, fault.got))
        return None


def _words(text: str) -> Iterable[str]:
    cut = text.replace("，", "、").replace(",", "、").replace(";", "、").replace("；", "、")
    return (_WORDS.get(word.strip(), word.strip()) for word in cut.split("、") if word.strip())


def _number(text: str) -> float | str:
    """A number, or a share written as 3 %; anything else as it stands, to be refused."""
    bare = text.replace(",", "").replace("，", "").strip()
    share = bare.endswith(("%", "％"))
    try:
        value = float(bare.rstrip("%％").strip())
    except ValueError:
        return text
    return value / 100 if share else value
