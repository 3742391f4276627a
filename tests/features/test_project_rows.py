"""Rows of a file: as many out as in, bad ones beside good ones, each with its number."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from features.errors import FileError
from features.project_rows import ParsedRow, parse_rows
from tests.rulers import Raw, catalogue_of, indicator, named, ruler

RULER = catalogue_of(ruler())


def _least() -> Raw:
    """A ruler of three fields, so that many rows are read fast."""
    raw = ruler()
    raw["indicators"] = [
        indicator("code", "text", required=True),
        indicator("year", "count", required=True, range=[2000, 2100]),
        indicator("area", use={"axis": "free"}),
    ]
    raw["heads"] = raw["heads"][:1]
    raw |= {"peers": [], "parts": [], "columns": {"id": ["code"], "time": "year"}}
    del raw["priority"], raw["cost"]
    return raw


def _rows(path: Path) -> list[ParsedRow]:
    return [row for batch in parse_rows(path, RULER) for row in batch.rows]


def test_rows_in_are_rows_out_with_bad_ones_named(tmp_path: Path) -> None:
    lines = ["code,year,area,outcome_axis,colour"]
    lines += [f"P{n},2024,{n},{50 + n},red" for n in range(1, 21)]
    lines[3] = "P3,24,3,53,red"  # year out of range
    lines[7] = "P7,2024,seven,57,red"
    lines[11] = "P11,2024,11,good,red"
    path = tmp_path / "projects.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    rows = _rows(path)
    first = rows[0].number
    assert [row.number for row in rows] == list(range(first, first + 20))
    bad = {row.number - first + 1: row.faults for row in rows if row.project is None}
    assert {n: [f.field for f in faults] for n, faults in bad.items()} == {
        3: ["year"],
        7: ["area"],
        11: ["outcome_axis"],
    }
    assert all(fault.row == n + first - 1 for n, faults in bad.items() for fault in faults)
    good = rows[0]
    assert good.project is not None
    assert good.project.values["area"] == 1.0
    assert good.outcomes == {"outcome_axis": 51.0}
    assert next(parse_rows(path, RULER)).unread == ("colour",)


@pytest.mark.parametrize(
    ("cell", "outcome"), [("", None), (" ", None), ("61.5", 61.5), ("1,234", 1234.0)]
)
def test_an_outcome_may_be_unknown(tmp_path: Path, cell: str, outcome: float | None) -> None:
    path = tmp_path / "p.csv"
    path.write_text(f'code,year,outcome_axis\nP1,2024,"{cell}"\n', encoding="utf-8")
    found = _rows(path)[0].outcomes["outcome_axis"]
    assert found == outcome or (outcome is None and found != found)


@pytest.mark.parametrize("cell", ["inf", "-inf", "1e999", "good"])
def test_an_outcome_that_is_no_number_refuses_the_row(tmp_path: Path, cell: str) -> None:
    path = tmp_path / "p.csv"
    path.write_text(f"code,year,outcome_axis\nP1,2024,{cell}\n", encoding="utf-8")
    row = _rows(path)[0]
    assert row.project is None
    assert "outcome_axis: expected an outcome as a number" in row.faults[0].message()


def test_three_bad_rows_among_a_hundred_thousand(tmp_path: Path) -> None:
    bad = {17: "P17,x,1", 50_000: "P50000,2024,many", 99_999: ",2024,1"}
    path = tmp_path / "projects.csv"
    with path.open("w", encoding="utf-8") as file:
        file.write("code,year,area\n")
        file.writelines(bad.get(n, f"P{n},2024,{n}") + "\n" for n in range(100_000))
    count, refused, largest = 0, [], 0
    for batch in parse_rows(path, catalogue_of(_least())):
        largest = max(largest, len(batch.rows))
        for row in batch.rows:
            if row.project is None:
                refused.append((count, row.faults[0].field))
            count += 1
    assert count == 100_000
    assert refused == [(17, "year"), (50_000, "area"), (99_999, "code")]
    assert largest <= 2000  # bounded batches, whatever the file


def test_chinese_files_of_old_programs_are_read(tmp_path: Path) -> None:
    path = tmp_path / "项目.csv"
    header, row = "code（中）,year（中）,level（中）,mandatory（中）", "甲1,2024,city（中）,是"
    path.write_bytes(f"{header}\r\n{row}\r\n".encode("gb18030"))
    batch = next(parse_rows(path, RULER))
    project = batch.rows[0].project
    assert batch.origin.encoding == "gb18030"
    assert project is not None
    assert (project.project_id, project.values["level"]) == ("甲1", "city")
    assert project.values["mandatory"] == 1.0


def test_json_lines_are_values_and_not_cells(tmp_path: Path) -> None:
    documents = [
        {"code": "P1", "year": 2024, "area": 3, "outcome_axis": 61},
        {"code": "P2", "year": 2024, "area": "3"},
        {"code": "P3", "year": 2024, "area（中）": 3},
    ]
    path = tmp_path / "p.jsonl"
    path.write_text("\n".join(map(json.dumps, documents)), encoding="utf-8")
    rows = _rows(path)
    assert [row.project is None for row in rows] == [False, True, True]
    assert rows[0].outcomes == {"outcome_axis": 61.0}


def test_nested_parts_come_from_parquet(tmp_path: Path) -> None:
    path = tmp_path / "p.parquet"
    lines = [[{"task": "gravel", "amount": 5.0}], None]
    table = pa.table({"code": ["P1", "P2"], "year": [2024, 2024], "lines": lines})
    pq.write_table(table, path)
    values = [row.project.values["lines"] for row in _rows(path) if row.project]
    assert values == [({"task": "gravel", "amount": 5.0},), ()]


def test_a_file_without_a_required_column_is_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text("code,area\nP1,3\n", encoding="utf-8")
    with pytest.raises(FileError, match=r"year: expected a column .*file has code, area"):
        list(parse_rows(path, RULER))


@pytest.mark.parametrize("column", ["万元", "asked"])
def test_a_scaled_column_is_named_with_its_scale_when_a_cell_is_wrong(
    tmp_path: Path, column: str
) -> None:
    raw = ruler()
    aliases = [] if column == "asked" else [column]
    named(raw, "indicators", "asked").update(column=aliases, scale=10000)
    path = tmp_path / "p.csv"
    path.write_text(f"code,year,{column}\nP1,2024,320万元\nP2,2024,320\n", encoding="utf-8")
    first, second = next(parse_rows(path, catalogue_of(raw))).rows
    assert first.faults[0].hint == f"column {column}: a number alone, which is read × 10000"
    assert second.project is not None
    assert second.project.values["asked"] == 3_200_000.0
