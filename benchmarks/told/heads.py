"""The section on training a bundle."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.heads import ALL, BARE, OURS, Heads
from benchmarks.markdown import paragraph, table
from benchmarks.told.figures import milli


def told(found: Heads) -> Iterator[str]:
    """The table of heads."""
    yield "## Training a bundle"
    yield ""
    yield from paragraph(
        "Lingji: a head from its target to its finished state: matrix, trees, calibration, each "
        "peer group's mean contributions. LightGBM: `train` alone on the matrix that is ready; "
        "for the amount three models with LightGBM's own quantile loss."
    )
    yield ""
    yield from table(
        ("head", "× `train`", "Lingji, ms", "`train`, ms"),
        [
            (head, str(t[OURS].ratio_to(t[BARE])), str(milli(t[OURS])), str(milli(t[BARE])))
            for head, t in found.seconds.items()
        ],
    )
    yield ""
    yield from paragraph(
        f"`{ALL}` is the whole training, with the indicators of every project, peer groups and "
        "past projects. A score or a probability also explains up to 200 past projects of each "
        "peer group, for the mean contributions that later reasons are measured against. The "
        "amount costs most beside LightGBM: its quantiles are grown from the mean with a smoothed "
        "loss of our own that keeps declared directions, four sets of trees whose derivatives are "
        "computed in Python; LightGBM's own loss has no directions."
    )
    if found.regrown:
        yield from paragraph(
            "A head that asks for ranges that hold in a new round is also grown once per past "
            "round that it forecasts."
        )
