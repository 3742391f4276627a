"""Set standards as a bureau writes them: YAML and tables, strictly."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from features.errors import FileError, FormError
from features.standards.set_file import COLUMNS, set_standards

EXAMPLE = Path("docs/examples/standards.yaml")
ROW = {
    "标准编码": "MEETING-2",
    "标准名称": "会议费综合定额",
    "标准类别": "固定标准",
    "标准形式": "定额",
    "标准值": 650,
    "经济分类": "30215、30216",
    "计量单位": "人天",
    "预算级次": "县级，市级",
    "文号": "岚财行〔2023〕12号",
    "生效日期": "2023-01-01",
}


def table(path: Path, *rows: dict[str, object]) -> Path:
    """A workbook with these rows."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(list(rows[0]))
    for row in rows:
        sheet.append(list(row.values()))
    book.save(path)
    return path


def test_the_example_is_read() -> None:
    found = {each.code: each for each in set_standards(EXAMPLE)}
    assert found["MEETING-2"].value == 650
    assert found["RECEPTION"].form == "ratio"


def test_a_table_with_chinese_headings_is_read(tmp_path: Path) -> None:
    share = ROW | {"标准编码": "SHARE", "标准形式": "比例", "标准值": "3％", "标准类别": "暂定标准"}
    first, second = set_standards(table(tmp_path / "标准.xlsx", ROW, share))
    assert (first.standing, first.form, first.value) == ("fixed", "quota", 650.0)
    assert first.economic_codes == ("30215", "30216")
    assert first.region_levels == ("county", "city")
    assert (second.standing, second.value) == ("interim", 0.03)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"标准值": "六百五"}, "标准值"),
        ({"生效日期": "去年"}, "生效日期"),
        ({"标准类别": "参考"}, "标准类别"),
        ({"计量单位": ""}, "a quota needs the unit"),
        ({"备注": "x"}, "备注"),
    ],
)
def test_a_row_that_is_no_standard_is_named(
    tmp_path: Path, change: dict[str, object], named: str
) -> None:
    with pytest.raises(FileError, match=f"row 2.*{named}"):
        set_standards(table(tmp_path / "t.xlsx", ROW | change))


def test_a_code_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="MEETING-2 again"):
        set_standards(table(tmp_path / "t.xlsx", ROW, ROW))
    text = EXAMPLE.read_text(encoding="utf-8")
    (tmp_path / "s.yaml").write_text(text.replace("TRAINING-2", "MEETING-2"), encoding="utf-8")
    with pytest.raises(FormError, match="MEETING-2 again"):
        set_standards(tmp_path / "s.yaml")


def test_every_field_has_a_heading() -> None:
    from features.standards.set_standard import SetStandard

    named = set(COLUMNS.values()) - {"name_zh", "name_en"} | {"name"}
    assert named == set(SetStandard.model_fields)
