"""The picture of a comparison: how far each contestant lies from the project's recipe."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from benchmarks.model_comparison.standings import Contest, Verdict
from training.plots import BAD, GOOD, INK, as_svg, new_figure

_COLOURS = {Verdict.WORSE: GOOD, Verdict.BETTER: BAD, Verdict.LEVEL: "#888888"}
_WIDEST = 0.3


def distances(contests: Mapping[str, Sequence[Contest]], shown: Sequence[str]) -> str:
    """Per head, by how much each contestant's loss is larger than ours, with its interval."""
    rows = [
        (f"{catalogue} {contest.declaration.name} · {name}", contest, name)
        for catalogue, group in contests.items()
        for contest in group
        for name in shown
        if name in contest.standings
    ]
    figure, axes = new_figure(7.2, 0.19 * len(rows) + 1.2)
    for place, (_, contest, name) in enumerate(reversed(rows)):
        standing = contest.standings[name][contest.main.name]
        colour = _COLOURS[contest.verdict(name)]
        if standing.interval is not None:
            low, high = (100 * min(end, _WIDEST) for end in standing.interval)
            axes.plot([low, high], [place, place], color=colour, linewidth=1.6)
        mark = ">" if standing.apart > _WIDEST else "o"
        axes.plot([100 * min(standing.apart, _WIDEST)], [place], mark, color=colour, markersize=4)
    axes.axvline(0, color=INK, linewidth=0.8)
    axes.set_yticks(range(len(rows)), [told for told, _, _ in reversed(rows)], fontsize=7)
    axes.set_ylim(-0.7, len(rows) - 0.3)
    axes.set_xlabel(
        "loss larger than Lingji's, in %\n"
        f"red: better, blue: worse beyond chance; ▸ more than {_WIDEST:.0%}"
    )
    return as_svg(figure)
