"""Files of many projects: those of the province again and again under new ids, as a stream."""

from __future__ import annotations

import csv
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

ROW_GROUP = 5_000
_ID = "pro_code"


def write_parquet(source: Path, out: Path, rows: int) -> None:
    """Write a file of so many projects, in row groups, so that no more than one is held."""
    projects = pq.read_table(source)
    with pq.ParquetWriter(out, projects.schema) as writer:
        done = 0
        while done < rows:
            part = projects.slice(done % len(projects), min(ROW_GROUP, rows - done))
            writer.write_table(_renamed(part, done))
            done += len(part)


def write_csv(source: Path, out: Path, rows: int) -> None:
    """Write a csv file of so many projects, their simple values only: a csv holds no parts."""
    projects = pq.read_table(source)
    simple = [f.name for f in projects.schema if not pa.types.is_nested(f.type)]
    records = projects.select(simple).to_pylist()
    with out.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, simple)
        writer.writeheader()
        for number in range(rows):
            record = records[number % len(records)]
            writer.writerow({**record, _ID: _new_id(record[_ID], number)})


def _renamed(part: pa.Table, first: int) -> pa.Table:
    ids = [_new_id(code, first + n) for n, code in enumerate(part[_ID].to_pylist())]
    place = part.schema.get_field_index(_ID)
    return part.set_column(place, part.schema.field(place), pa.array(ids, pa.string()))


def _new_id(code: str, number: int) -> str:
    return f"{code}-{number}"
