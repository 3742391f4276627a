"""The declared projects of a block, where faults are planted into some and others are added."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import numpy as np
import pyarrow as pa

from training.province.planting.amounts import Project
from training.province.planting.planted import Planted
from training.province.series import BLOCK

Outcomes = dict[str, Any]


class Ground:
    """Projects of one block by row, those touched and those added, and what was planted.

    A row is touched by one fault at most, so that what is found in it can only be that.
    """

    def __init__(self, rng: np.random.Generator, projects: pa.Table, block: int) -> None:
        self.rng = rng
        self.planted: list[Planted] = []
        self.touched: dict[int, Project] = {}
        self.added: list[tuple[int, Project]] = []  # with the row that it was made from
        self.keys = set(
            zip(projects["pro_code"].to_pylist(), projects["fiscal_year"].to_pylist(), strict=True)
        )
        self._projects = projects
        self._codes = {code for code, _ in self.keys}
        self._taken: set[int] = set()
        self._free = self._free_numbers(block)

    def __len__(self) -> int:
        return int(self._projects.num_rows)

    def column(self, name: str) -> list[Any]:
        """Values of a column, row by row."""
        values: list[Any] = self._projects[name].to_pylist()
        return values

    def project(self, row: int) -> Project:
        """A copy of the project of a row, to be made into another."""
        copied: Project = self._projects.slice(row, 1).to_pylist()[0]
        return copied

    def free(self, row: int) -> bool:
        """Whether nothing has been planted in a row, nor taken from it."""
        return row not in self._taken

    def take(self, *rows: int) -> None:
        """Let nothing else be planted in these rows."""
        self._taken.update(rows)

    def touch(self, row: int, project: Project) -> None:
        """Put a changed project in the place of a row."""
        self.take(row)
        self.touched[row] = project

    def add(self, row: int, project: Project) -> None:
        """Declare one more project, made from that of a row."""
        self.keys.add((project["pro_code"], project["fiscal_year"]))
        self.added.append((row, deepcopy(project)))

    def plant(self, fault: Planted) -> None:
        """Keep the truth about one fault."""
        self.planted.append(fault)

    def new_code(self, project: Project) -> str:
        """A code that no project has, in the form of the others."""
        number = self._free.pop()
        first, place = project["pro_start_year"], project["mof_div_code"]
        return f"SIM{place}-{first}-{project['dept_code']}-{number:07d}"

    def _free_numbers(self, block: int) -> list[int]:
        """Numbers of series that were never declared in the written rounds, in random order."""
        numbers = set(range(block * BLOCK, (block + 1) * BLOCK))
        numbers -= {int(code.rsplit("-", 1)[1]) for code in self._codes}
        return [int(n) for n in self.rng.permutation(sorted(numbers))]
