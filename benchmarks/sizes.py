"""How much is measured, and how often."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from training.growing import TreeSettings

REFERENCE = TreeSettings(
    trees=400, leaves=31, learning_rate=0.05, least_rows_per_leaf=20, row_share=1.0, l2=1.0
)


@dataclass(frozen=True)
class Sizes:
    """The size of every section.

    projects, trees: the province and the settings that the bundle is trained with; None for the
    recipe that ships.
    reference, reference_heads, reference_rows: the reference models and what each learns from.
    fast_rows, slow_rows, turn_seconds: a batch has as many rows as take about turn_seconds,
    between slow_rows and fast_rows. singles, single_seconds: turns of one project, and how long it
    is repeated in each; repeats: of the rest in process; trainings: of a whole training.
    connections, load_seconds, load_turns, batch: the load on the services, short and often, because
    a machine may change its pace every few seconds. batch_turns: those with batches too. records:
    appended to a log per turn. starts: of each service.
    file_rows, csv_rows, recorded_rows, patience: files; one that would take longer than `patience`
    seconds is left out and named.
    growing_rows, growing: row counts to train on with their repeats, and the settings.
    leaves, most_trees, size_rows: the trees whose size is compared, and the rows they learn from.
    """

    name: str = "full"
    projects: int = 6_000
    trees: TreeSettings | None = None
    reference: TreeSettings = REFERENCE
    reference_heads: int = 6
    reference_rows: int = 20_000
    fast_rows: int = 10_000
    slow_rows: int = 200
    turn_seconds: float = 0.8
    singles: int = 60
    single_seconds: float = 0.05
    repeats: int = 5
    trainings: int = 2
    connections: tuple[int, ...] = (1, 8, 32)
    load_seconds: float = 0.4
    load_turns: int = 25
    batch_turns: int = 5
    batch: int = 50
    records: int = 400
    starts: int = 3
    file_rows: tuple[int, ...] = (100_000, 1_000_000)
    csv_rows: tuple[int, ...] = (100_000,)
    recorded_rows: tuple[int, ...] = (100_000,)
    patience: float = 3600.0
    growing_rows: Mapping[int, int] = field(
        default_factory=lambda: {10_000: 3, 100_000: 2, 1_000_000: 1}
    )
    growing: TreeSettings = field(default_factory=TreeSettings)
    leaves: tuple[int, ...] = (7, 15, 31, 63)
    most_trees: int = 1_000
    size_rows: int = 10_000


_SMALL = TreeSettings(trees=10, leaves=4)
FULL = Sizes()
QUICK = Sizes(
    name="quick",
    projects=1_500,
    trees=TreeSettings(trees=30, leaves=7),
    reference=TreeSettings(trees=40, leaves=15, learning_rate=0.05),
    reference_heads=2,
    reference_rows=3_000,
    fast_rows=500,
    slow_rows=50,
    turn_seconds=0.2,
    singles=20,
    single_seconds=0.01,
    repeats=3,
    trainings=1,
    connections=(1, 4),
    load_seconds=0.5,
    load_turns=2,
    batch_turns=2,
    batch=5,
    records=50,
    starts=1,
    file_rows=(400, 2_000),
    csv_rows=(400,),
    recorded_rows=(400,),
    patience=60.0,
    growing_rows={2_000: 2, 5_000: 1},
    growing=TreeSettings(trees=30),
    leaves=(7, 15),
    most_trees=100,
    size_rows=2_000,
)
TINY = replace(
    QUICK,
    name="tiny",
    trees=_SMALL,
    reference=_SMALL,
    reference_rows=400,
    fast_rows=20,
    slow_rows=5,
    turn_seconds=0.01,
    singles=2,
    single_seconds=0.0,
    repeats=2,
    connections=(1, 2),
    load_seconds=0.05,
    batch=2,
    records=10,
    file_rows=(60, 150),
    csv_rows=(60,),
    recorded_rows=(60,),
    growing_rows={500: 2},
    growing=_SMALL,
    leaves=(4, 8),
    most_trees=20,
    size_rows=500,
)
BY_NAME: Mapping[str, Sizes] = {sizes.name: sizes for sizes in (FULL, QUICK, TINY)}
