"""Files of declared projects for tests, of every kind."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter

from features.errors import Fault
from features.project_files import Batch, Document, read_projects

ROWS: list[Document] = [
    {"pro_code": "A1", "pro_name": "道路养护", "apply_amt": 1200.5},
    {"pro_code": "A2", "pro_name": '食堂, "改造"\n二期', "apply_amt": 300},
    {"pro_code": "A3", "pro_name": None, "apply_amt": 7},
]


def read(path: Path, batch_size: int = 2_000) -> tuple[list[tuple[int, Document]], list[Fault]]:
    batches = list(read_projects(path, batch_size))
    documents = [pair for batch in batches for pair in batch.documents]
    return documents, [fault for batch in batches for fault in batch.faults]


def only_batch(path: Path) -> Batch:
    (batch,) = read_projects(path)
    return batch


def write_text(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def write_xlsx(path: Path, rows: list[list[Any]], **options: Any) -> Path:
    book = xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd", **options})
    sheet = book.add_worksheet()
    for number, row in enumerate(rows):
        sheet.write_row(number, 0, row)
    book.close()
    return path


def csv_text(rows: list[Document]) -> str:
    def cell(value: object) -> str:
        text = "" if value is None else str(value)
        return '"' + text.replace('"', '""') + '"' if set(text) & set(',"\n') else text

    lines = [",".join(rows[0]), *(",".join(map(cell, row.values())) for row in rows)]
    return "\r\n".join(lines) + "\r\n"


def long_file(path: Path, rows: int) -> Path:
    """A file of `rows` projects with 400 characters of text each."""
    documents = [{"code": f"P{n:07}", "text": "x" * 400} for n in range(rows)]
    kind = path.suffix
    if kind == ".csv":
        return write_text(path, csv_text(documents))
    if kind == ".parquet":
        pq.write_table(pa.Table.from_pylist(documents), path, row_group_size=500)
        return path
    if kind == ".xlsx":
        # Inline texts: a table of shared texts is read whole, and limited in size instead.
        table = [["code", "text"], *(list(document.values()) for document in documents)]
        return write_xlsx(path, table, constant_memory=True)
    lines = list(map(json.dumps, documents))
    return write_text(path, "\n".join(lines) if kind == ".jsonl" else f"[{','.join(lines)}]")
