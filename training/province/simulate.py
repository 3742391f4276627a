"""Files of the invented province: declared projects, their outcomes, and the truth."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from training.province.documents import outcomes_table, projects_table, truth_table
from training.province.life import live
from training.province.planting import PlantedTables, plant
from training.province.rows import Rows, written_rows
from training.province.span import LAST_YEAR, Span

SIMULATED = {b"lingji.simulated": b"true"}
# Blocks of project series that make one row group: about 17,000 projects over six rounds.
_BLOCKS_PER_GROUP = 10
_FIRST_NUMBERED_YEAR = 2000  # earlier rounds would need citations of another century

_README = """# 模拟数据 / simulated data

本目录全部内容由程序虚构，不含任何真实项目、单位或文件。
Everything in this folder is invented by a program: no real project, unit or document is in it.

- `projects.parquet`: {projects} declared projects, fiscal years {first}–{last}
- `outcomes.parquet`: expert scores for all; amounts, execution and evaluation where they exist
- `truth/truth.parquet`: what the outcomes were made from; training must never read it

{planted}Seed {seed}. The process is written down in docs/province.md. `pro_code` begins with SIM.
"""
_README_PLANTED = (
    "- `truth/planted.parquet`: the faults that were planted, and look-alikes that are none\n\n"
)


@dataclass(frozen=True)
class ProvinceFiles:
    """Where the files are, and how many rows of which sort they hold."""

    projects: Path
    outcomes: Path
    truth: Path
    planted: Path | None  # where faults were planted
    counts: dict[str, int]  # projects, appraised, funded, evaluated, and planted where faults were


_COUNTED = {"appraised": "approved_amt", "funded": "budget_amt", "evaluated": "eval_score"}


def simulate_province(
    out: Path,
    projects: int = 20_000,
    years: int = 6,
    seed: int = 7,
    progress: Callable[[int, int], None] | None = None,
    *,
    planting: bool = False,
) -> ProvinceFiles:
    """Paths and counts of `projects` simulated declarations over the last `years` rounds.

    The content depends on the seed and the number of years only: fewer projects are a prefix of
    more. Memory does not grow with `projects`. `progress` is called with (done, all).

    Args:
        planting: plant faults, and keep the truth about them in `truth/planted.parquet`. Some
            projects are changed and some 4 in 100 added; the others are those that there are
            without planting.

    Raises:
        ValueError: fewer than one project or round, or a negative seed.
    """
    _check(projects, years, seed)
    files = _files(out, planting)
    counts = dict.fromkeys(("projects", *_COUNTED), 0)
    done = 0
    with ExitStack() as stack:
        writers = {name: stack.enter_context(_Writer(p)) for name, p in files.items()}
        for rows in _blocks(projects, Span(years), seed):
            tables = _planted_tables(rows) if planting else _tables(rows)
            for name, table in tables.items():
                writers[name].add(table)
            _count(counts, tables)
            done += len(rows.series)
            if progress:
                progress(done, projects)
    first = LAST_YEAR - years + 1
    text = _README.format(
        projects=counts["projects"], first=first, last=LAST_YEAR, seed=seed,
        planted=_README_PLANTED if planting else "",
    )  # fmt: skip
    (out / "README.md").write_text(text, encoding="utf-8")
    return ProvinceFiles(
        files["projects"], files["outcomes"], files["truth"], files.get("planted"), counts
    )


def _check(projects: int, years: int, seed: int) -> None:
    most = LAST_YEAR - _FIRST_NUMBERED_YEAR
    for name, value, low, high in (
        ("projects", projects, 1, None),
        ("years", years, 1, most),
        ("seed", seed, 0, None),
    ):
        if value < low or (high is not None and value > high):
            limit = f"at least {low}" + (f" and at most {high}" if high else "")
            raise ValueError(f"{name} must be {limit}, got {value}")


def _files(out: Path, planting: bool) -> dict[str, Path]:
    (out / "truth").mkdir(parents=True, exist_ok=True)
    files = {
        "projects": out / "projects.parquet",
        "outcomes": out / "outcomes.parquet",
        "truth": out / "truth" / "truth.parquet",
    }
    planted = out / "truth" / "planted.parquet"
    if planting:
        files["planted"] = planted
    else:
        planted.unlink(missing_ok=True)  # of an earlier simulation in the same folder
    return files


def _tables(rows: Rows) -> dict[str, pa.Table]:
    return {
        "projects": projects_table(rows),
        "outcomes": outcomes_table(rows),
        "truth": truth_table(rows),
    }


def _planted_tables(rows: Rows) -> dict[str, pa.Table]:
    made: PlantedTables = plant(rows, **_tables(rows))
    return dict(vars(made))


def _blocks(projects: int, span: Span, seed: int) -> Iterator[Rows]:
    """The rows of one block of series after another, until there are enough."""
    number = 0
    while projects > 0:
        rows = written_rows(live(seed, number, span)).first(projects)
        projects -= len(rows.series)
        number += 1
        yield rows


def _count(counts: dict[str, int], tables: dict[str, pa.Table]) -> None:
    outcomes = tables["outcomes"]
    counts["projects"] += outcomes.num_rows
    if "planted" in tables:
        counts["planted"] = counts.get("planted", 0) + tables["planted"].num_rows
    for name, column in _COUNTED.items():
        counts[name] += outcomes.num_rows - outcomes[column].null_count


class _Writer:
    """One Parquet file, written in row groups of a fixed number of blocks."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: pq.ParquetWriter | None = None
        self._waiting: list[pa.Table] = []

    def __enter__(self) -> _Writer:
        return self

    def __exit__(self, *error: object) -> None:
        self._flush()
        if self._file is not None:
            self._file.close()

    def add(self, table: pa.Table) -> None:
        self._waiting.append(table)
        if len(self._waiting) == _BLOCKS_PER_GROUP:
            self._flush()

    def _flush(self) -> None:
        if not self._waiting:
            return
        table = pa.concat_tables(self._waiting).replace_schema_metadata(SIMULATED)
        if self._file is None:
            self._file = pq.ParquetWriter(self._path, table.schema, compression="zstd")
        self._file.write_table(table)
        self._waiting = []
