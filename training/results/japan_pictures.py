"""Pictures of the results on the Japanese reviews, as SVG without fonts or links."""

from __future__ import annotations

from collections.abc import Sequence

from training.plots import BAD, GOOD, INK, as_svg, new_figure
from training.results.japan_amount import AmountResult
from training.results.japan_probability import ProbabilityResult

_COLOURS = (GOOD, BAD, "#7a8b3c")


def calibration_lines(results: Sequence[ProbabilityResult]) -> str:
    """Predicted probability against the observed share, by tenths of the tested sheets."""
    figure, axes = new_figure(5.2, 4.4)
    axes.plot([0, 1], [0, 1], color="#bbbbbb", linewidth=1)
    for result, colour in zip(results, _COLOURS, strict=True):
        points = [(p, o) for p, o, _ in result.after.bins]
        axes.plot(*zip(*points, strict=True), "o-", color=colour, label=result.head, markersize=4)
    axes.set_xlabel("predicted probability")
    axes.set_ylabel("observed share")
    axes.legend(frameon=False)
    axes.set_title("Calibration on the test round, by tenths", loc="left")
    return as_svg(figure)


def coverage_lines(result: AmountResult, level: float) -> str:
    """The share of test outcomes in the range, by group: raw, last round alone, and as shown."""
    figure, axes = new_figure(6.8, 0.42 * len(result.groups) + 1.2)
    for place, group in enumerate(result.groups):
        axes.plot(group.band, [place, place], color="#cccccc", linewidth=7, zorder=0)
        axes.plot([group.raw], [place], "x", color=BAD)
        axes.plot([group.plain], [place], "o", color=INK, markerfacecolor="none")
        axes.plot([group.shown], [place], "o", color=GOOD)
    axes.axvline(level, color=INK, linewidth=0.8)
    axes.set_yticks(
        range(len(result.groups)), [f"{group.group} (n={group.n})" for group in result.groups]
    )
    axes.set_xlabel("× raw   ○ last round alone   ● as shown   grey: 99 % band")
    axes.set_title("Share of test outcomes inside the 80 % range", loc="left")
    return as_svg(figure)
