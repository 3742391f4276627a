"""The section on training one head."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.growing import BARE, WAYS, Growing, Grown
from benchmarks.markdown import paragraph, table
from benchmarks.reference import FEATURES
from benchmarks.told.figures import NOTHING, shown


def told(found: Growing) -> Iterator[str]:
    """The table of row counts."""
    settings = found.settings
    yield "## Training one head"
    yield ""
    yield from paragraph(
        f"Rows of {FEATURES} features, smooth synthetic data with unknown values; squared error, "
        f"{settings.trees} trees of {settings.leaves} leaves, learning rate "
        f"{settings.learning_rate:g}, {settings.bins} bins, one thread, each with the same "
        "settings under its own names (CatBoost: leaf-wise). Error: RMSE on 20,000 rows held "
        "out; the noise alone is 1."
    )
    yield ""
    yield from table(
        ("rows", "way", "× LightGBM", "seconds", "held-out error", "repeats"),
        [_row(grown, way) for grown in found.found for way in WAYS],
    )


def _row(grown: Grown, way: str) -> tuple[str, ...]:
    if way not in grown.seconds:
        return (f"{grown.rows:,}", way, grown.absent.get(way, "not measured"), *(NOTHING,) * 3)
    seconds = grown.seconds[way]
    return (
        f"{grown.rows:,}",
        way,
        shown(grown.ratio(way, BARE)),
        str(seconds),
        f"{grown.error[way]:.4f}",
        str(len(seconds.values)),
    )
