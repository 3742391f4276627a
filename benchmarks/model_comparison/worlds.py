"""Worlds: data sets with the origins from which their heads are forecast, in order of time."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from benchmarks.model_comparison.answers import Names
from benchmarks.model_comparison.head_task import HeadTask, head_tasks
from features.catalogue import load_catalogue
from training.appraisal_data import AppraisalData, read_appraisal_data
from training.province import simulate_province
from training.split import TimeSplit

PROVINCE, JAPAN = "zero_base", "japan_review"
Tasks = tuple[dict[str, HeadTask], Names]
"""By head; and the cluster of each row, shape (n,)."""


@dataclass(frozen=True)
class Origin:
    """A round that is forecast, from a world of its own: a seed of the province, or the reviews."""

    world: str
    split: TimeSplit
    tested: int

    @property
    def name(self) -> str:
        """As files call it."""
        return f"{self.world}-{self.tested}"


@dataclass
class World:
    """One data set, read when first needed; `tested`: how many of its last rounds are forecast."""

    name: str
    catalogue: str
    file: Path | None
    seed: int
    projects: int
    tested: int
    _data: AppraisalData | None = field(default=None, repr=False)
    _made: tuple[Origin, Tasks] | None = field(default=None, repr=False)

    @property
    def data(self) -> AppraisalData:
        """The projects with outcomes."""
        if self._data is None:
            catalogue = load_catalogue(self.catalogue)
            if self.file is not None:
                self._data = read_appraisal_data(self.file, catalogue)
            else:
                with tempfile.TemporaryDirectory() as folder:
                    simulate_province(Path(folder), self.projects, seed=self.seed)
                    self._data = read_appraisal_data(Path(folder), catalogue)
        return self._data

    def origins(self) -> Iterator[Origin]:
        """The last rounds, each tested once: all before the one before it are learned from."""
        rounds = [int(year) for year in np.unique(self.data.years)]
        for place in range(max(2, len(rounds) - self.tested), len(rounds)):
            split = TimeSplit(rounds[place - 2], rounds[place - 1])
            yield Origin(self.name, split, rounds[place])

    def tasks(self, origin: Origin) -> Tasks:
        """The task of each head at an origin, and the cluster of each of its rows."""
        if self._made is None or self._made[0] != origin:
            seen = self.data.where(self.data.years <= origin.tested)
            tasks = {task.declaration.name: task for task in head_tasks(seen, origin.split)}
            clusters = np.array([f"{self.name}/{group}" for group in seen.groups])
            self._made = origin, (tasks, clusters)
        return self._made[1]
