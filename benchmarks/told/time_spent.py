"""The section on where the time goes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from benchmarks.markdown import paragraph, table
from benchmarks.sample import Sample
from benchmarks.stages import STAGES, TREES
from benchmarks.time_spent import BATCH, ONE, TimeSpent


def told(found: TimeSpent) -> Iterator[str]:
    """The table of stages, and what it says."""
    passed = [stage for stage in STAGES if any(_middle(found, w, stage) for w in (ONE, BATCH))]
    yield "## Where the time goes"
    yield ""
    yield from paragraph(
        "Share of the path from JSON text to explained score, each stage without those inside it."
    )
    yield ""
    yield from table(
        ("stage", "one project", f"batch of {found.batch:,}"),
        [(stage, *(_share(found.shares[w][stage]) for w in (ONE, BATCH))) for stage in passed],
    )
    yield ""
    for where, said in ((ONE, "One project"), (BATCH, "In a batch")):
        own = sorted(
            (s for s in passed if s != TREES),
            key=lambda stage: -_middle(found, where, stage),
        )
        inside = _middle(found, where, TREES)
        yield from paragraph(
            f"{said}: {inside:.0%} waits for the trees; the rest costs most in “{own[0]}” "
            f"({_middle(found, where, own[0]):.0%}) and “{own[1]}” "
            f"({_middle(found, where, own[1]):.0%})."
        )
    missing = [stage for stage in STAGES if stage not in passed]
    if missing:
        yield ""
        yield from paragraph(f"Not seen as stages of their own: {', '.join(missing)}.")
    if found.gone:
        yield ""
        yield from paragraph(
            "No function of theirs was found, so that their time is with whatever calls them: "
            f"{', '.join(found.gone)}."
        )


def _middle(found: TimeSpent, where: str, stage: str) -> float:
    return found.shares[where][stage].median


def _share(share: Sample) -> str:
    low, middle, high = np.quantile(share.values, [0.25, 0.5, 0.75])
    return f"{middle:.1%} ({low:.1%}–{high:.1%})"
