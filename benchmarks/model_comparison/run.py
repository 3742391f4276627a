"""A run: every contestant on every head at every origin, each answer kept as it comes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from benchmarks.competitor import missing
from benchmarks.model_comparison.answers import Answers, answers
from benchmarks.model_comparison.contestant import Contestant, Settings
from benchmarks.model_comparison.sizes import Sizes
from benchmarks.model_comparison.worlds import JAPAN, PROVINCE, Origin, World


@dataclass(frozen=True)
class Unit:
    """What is run at once and kept: one contestant on one head at one origin by one seed."""

    world: World
    origin: Origin
    head: str
    contestant: Contestant
    seed: int

    @property
    def name(self) -> str:
        """What it is, in words that a file may be called by."""
        plain = "".join(c if c.isalnum() else "-" for c in self.contestant.name)
        return f"{self.origin.name}.{self.head}.{plain}.{self.seed}"


Found = Mapping[str, Mapping[str, Mapping[str, Mapping[str, Sequence[Answers]]]]]
"""Catalogue → head → contestant → origin → its answers, by seed."""


def worlds(sizes: Sizes, japan_review: Path | None) -> list[World]:
    """The data sets of a size; the Japanese reviews where their file is given."""
    found = [
        World(f"province{seed}", PROVINCE, None, seed, sizes.projects, sizes.origins)
        for seed in sizes.provinces
    ]
    if japan_review is not None:
        found.append(World("japan", JAPAN, japan_review, 0, 0, sizes.japan_origins))
    return found


def run(
    field: Sequence[Contestant], sizes: Sizes, places: Sequence[World], work: Path
) -> tuple[Found, dict[str, str]]:
    """All answers, those of an interrupted run taken over; and why a contestant is absent.

    Settings are chosen at the first origin of a world, by the first seed, and kept.
    """
    work.mkdir(parents=True, exist_ok=True)
    absent = {c.name: why for c in field if (why := missing(c.packages)) is not None}
    present = [contestant for contestant in field if contestant.name not in absent]
    units = list(_units(present, sizes, places))
    found: dict[str, dict[str, dict[str, dict[str, list[Answers]]]]] = {}
    chosen: dict[tuple[str, str, str], Settings] = {}
    with Progress(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()) as progress:
        bar = progress.add_task("", total=len(units))
        for unit in units:
            progress.update(bar, description=unit.name)
            told = _answered(unit, sizes, work, chosen)
            if told is not None:
                by_head = found.setdefault(unit.world.catalogue, {}).setdefault(unit.head, {})
                by_origin = by_head.setdefault(unit.contestant.name, {})
                by_origin.setdefault(unit.origin.name, []).append(told)
            progress.advance(bar)
    return found, absent


def _units(present: Sequence[Contestant], sizes: Sizes, places: Sequence[World]) -> Iterator[Unit]:
    for seed, world in product(sizes.seeds, places):
        heads = [head.name for head in world.data.catalogue.heads]
        for origin, head, contestant in product(world.origins(), heads, present):
            yield Unit(world, origin, head, contestant, seed)


def _answered(
    unit: Unit, sizes: Sizes, work: Path, chosen: dict[tuple[str, str, str], Settings]
) -> Answers | None:
    file = work / f"{unit.name}.npz"
    whose = unit.world.name, unit.head, unit.contestant.name
    if file.is_file():
        told = Answers.kept(file)
    else:
        tasks, clusters = unit.world.tasks(unit.origin)
        task = tasks.get(unit.head)
        if task is None:
            return None
        if whose not in chosen:
            chosen[whose] = unit.contestant.chosen(task, sizes.trials, unit.seed)
        told = answers(task, unit.contestant, chosen[whose], unit.seed, clusters)
        told.keep(file)
    chosen.setdefault(whose, json.loads(told.settings))
    return told
