"""A run: every contestant on every head at every origin, each answer kept as it comes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from benchmarks.competitor import missing
from benchmarks.model_comparison.answers import Answers, answers
from benchmarks.model_comparison.contestant import Contestant
from benchmarks.model_comparison.sizes import Sizes
from benchmarks.model_comparison.worlds import JAPAN, PROVINCE, Origin, World


@dataclass(frozen=True)
class Unit:
    """What is run at once and kept: one contestant on one head at one origin."""

    world: World
    origin: Origin
    head: str
    contestant: Contestant

    def file(self, work: Path) -> Path:
        """Where its answers are kept."""
        plain = "".join(c if c.isalnum() else "-" for c in self.contestant.name)
        return work / f"{self.origin.name}.{self.head}.{plain}.npz"


Found = Mapping[str, Mapping[str, Mapping[str, Mapping[str, Answers]]]]
"""Catalogue → head → contestant → origin → its answers."""


def worlds(sizes: Sizes, japan_review: Path | None) -> list[World]:
    """The data sets of a size; the Japanese reviews where their file is given."""
    found = [
        World(f"province{seed}", PROVINCE, None, seed, sizes.projects) for seed in sizes.provinces
    ]
    if japan_review is not None:
        found.append(World("japan", JAPAN, japan_review, 0, 0))
    return found


def run(
    field: Sequence[Contestant], sizes: Sizes, places: Sequence[World], work: Path
) -> tuple[Found, dict[str, str]]:
    """All answers, those of an interrupted run taken over; and why a contestant is absent."""
    work.mkdir(parents=True, exist_ok=True)
    absent = {c.name: why for c in field if (why := missing(c.packages)) is not None}
    present = [contestant for contestant in field if contestant.name not in absent]
    found: dict[str, dict[str, dict[str, dict[str, Answers]]]] = {}
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns) as progress:
        for world in places:
            heads = [head.name for head in world.data.catalogue.heads]
            origins = list(world.origins(sizes.origins))
            total = len(heads) * len(origins) * len(present)
            bar = progress.add_task(world.name, total=total)
            for origin in origins:
                for head, contestant in product(heads, present):
                    unit = Unit(world, origin, head, contestant)
                    told = f"{origin.name} {head} {contestant.name}"
                    progress.update(bar, description=told)
                    answer = _answered(unit, sizes, work)
                    if answer is not None:
                        by_head = found.setdefault(world.catalogue, {}).setdefault(head, {})
                        by_head.setdefault(contestant.name, {})[origin.name] = answer
                    progress.advance(bar)
    return found, absent


def _answered(unit: Unit, sizes: Sizes, work: Path) -> Answers | None:
    file = unit.file(work)
    if file.is_file():
        return Answers.kept(file)
    tasks, clusters = unit.world.tasks(unit.origin)
    task = tasks.get(unit.head)
    if task is None:
        return None
    told = answers(task, unit.contestant, sizes.seeds, sizes.trials, clusters)
    told.keep(file)
    return told
