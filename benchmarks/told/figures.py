"""Figures in cells."""

from __future__ import annotations

from benchmarks.sample import Ratio, Sample

NOTHING = "–"
MEBIBYTE = 1 << 20


def shown(ratio: Ratio | float | None) -> str:
    """A ratio, or a dash where there is none."""
    if ratio is None:
        return NOTHING
    return str(ratio) if isinstance(ratio, Ratio) else f"{ratio:.3g}"


def micro(seconds: Sample) -> Sample:
    """Microseconds."""
    return seconds.times(1e6)


def milli(seconds: Sample) -> Sample:
    """Milliseconds."""
    return seconds.times(1e3)


def mebibytes(size: Sample) -> str:
    """Median and spread of a size in MiB."""
    return str(size.times(1 / MEBIBYTE))
