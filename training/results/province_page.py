"""The page on the invented province: every figure comes from the measured results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from models.release.binomial_band import CONFIDENCE
from training.results.markdown import band, count, figure, percent, table, yes
from training.results.province_figures import (
    AXES,
    COST,
    AxisFigures,
    CostFigures,
    GroupFigures,
    ProvinceFigures,
)
from training.results.province_reasons import TOP, JointFigures, ReasonFigures

LEAST_REACHED, WIDEST = 0.90, 1.25
Verdict = tuple[str, str, str, bool]


@dataclass(frozen=True)
class ProvinceResults:
    """Everything that the page says in figures.

    swaps: role → head → greatest change over `swapped` projects. climbs: head → mean gain over
    `climbed` projects. zero_based: the heads that must not know what is asked for.
    """

    main: ProvinceFigures
    others: tuple[ProvinceFigures, ...]
    reasons: tuple[ReasonFigures, ...]
    joint: tuple[JointFigures, ...]
    swaps: Mapping[str, Mapping[str, float]]
    swapped: int
    climbs: Mapping[str, float]
    climbed: int
    zero_based: tuple[str, ...]
    software: Mapping[str, str]
    settings: str

    @property
    def provinces(self) -> tuple[ProvinceFigures, ...]:
        """The province of the page and those of the other seeds."""
        return (self.main, *self.others)


def province_page(results: ProvinceResults) -> str:
    """The page as Markdown."""
    sections = (
        _HEAD,
        _verdict(results),
        _method(results),
        _axes(results),
        _cost(results),
        _groups(results),
        _risks(results),
        _reasons(results),
        _swaps(results),
        _climber(results),
        _AGAIN,
    )
    return "\n\n".join(sections) + "\n"


_HEAD = """# Results on the invented province

This page is written by a command. Do not edit it; run the command again (last section).

Everything here is invented: see [the province](province.md). These figures say nothing about real
projects; for those see [the Japanese reviews](results-japan-review.md). The province is there
because its truth is known. Only here can one ask how close a model is to the best possible, whether
a range is as narrow as it can be, and whether reasons are right. Training never reads the truth."""


def verdicts(results: ProvinceResults) -> list[Verdict]:
    """Every promise with what was measured, what was promised, and whether it holds."""
    found: list[Verdict] = []
    for one in results.provinces:
        found += [_reached(one, axis) for axis in one.axes]
        found += [_covered(one, axis.axis, axis) for axis in one.axes]
        found += [_covered(one, COST, one.cost), _narrow(one)]
        for head in (*AXES, COST):
            groups = one.of_head(head)
            own = [group for group in groups if group.outside]
            wide = [group for group in groups if group.far_outside]
            found.append(_everywhere(one, head, "its own 99 % band", own))
            found.append(_everywhere(one, head, "the band for all at once", wide))
    for role, effects in results.swaps.items():
        most = max(effects[head] for head in results.zero_based)
        promise = f"{role} swapped: greatest change of {', '.join(results.zero_based)}"
        found.append((promise, f"{most:g}", "0", most == 0.0))
    return found


def _reached(one: ProvinceFigures, axis: AxisFigures) -> Verdict:
    promise = f"seed {one.seed}: {axis.axis}, explainable variance reached"
    return promise, percent(axis.reached), f"≥ {percent(LEAST_REACHED, 0)}", _enough(axis)


def _enough(axis: AxisFigures) -> bool:
    return axis.reached >= LEAST_REACHED


def _covered(one: ProvinceFigures, head: str, found: AxisFigures | CostFigures) -> Verdict:
    holds = found.band[0] <= found.coverage <= found.band[1]
    promise = f"seed {one.seed}: {head}, 80 % range holds"
    return promise, percent(found.coverage), band(*found.band), holds


def _narrow(one: ProvinceFigures) -> Verdict:
    ratio = one.cost.ratio
    promise = f"seed {one.seed}: {COST}, width in widths of the oracle's"
    return promise, figure(ratio), f"≤ {figure(WIDEST, 2)}", ratio <= WIDEST


def _everywhere(
    one: ProvinceFigures, head: str, band_name: str, outside: Sequence[GroupFigures]
) -> Verdict:
    promise = f"seed {one.seed}: {head}, every group inside {band_name}"
    measured = f"{len(outside)} of {len(one.of_head(head))} outside"
    return promise, measured, "none outside", not outside


def _verdict(results: ProvinceResults) -> str:
    found = verdicts(results)
    missed = [promise for promise, _, _, holds in found if not holds]
    sums = f"{len(found) - len(missed)} of {len(found)} hold."
    if missed:
        sums += f" Not reached: {'; '.join(missed)}."
    rows = [(*verdict[:3], yes(verdict[3])) for verdict in found]
    return f"""## Verdict

{table(("promise", "measured", "promised", "holds"), rows)}

{sums} Groups outside their own 99 % band are listed below, one by one."""


def _method(results: ProvinceResults) -> str:
    rows = [
        (
            str(one.seed),
            count(one.projects),
            f"to {one.rounds[0]}",
            str(one.rounds[1]),
            str(one.rounds[2]),
        )
        for one in results.provinces
    ]
    software = ", ".join(f"{name} {version}" for name, version in results.software.items())
    return f"""## What was done

{table(("seed", "projects", "learned from", "calibrated on", "tested on"), rows)}

Seed {results.main.seed} is the default of `lingji simulate`. The others are smaller, to save time;
they show that it is not one lucky seed. The sections on reasons, swaps and the climber use
seed {results.main.seed}. Trees: {results.settings}. Software: {software}."""


def _axes(results: ProvinceResults) -> str:
    rows = [
        (
            str(one.seed),
            axis.axis,
            count(axis.n),
            percent(axis.reached),
            figure(axis.experts),
            figure(axis.best),
            percent(axis.coverage),
            band(*axis.band),
            figure(axis.width, 1),
            figure(axis.oracle_width, 1),
            figure(axis.width / axis.oracle_width),
        )
        for one in results.provinces
        for axis in one.axes
    ]
    header = (
        "seed", "axis", "n", "reached", "R² of experts", "best possible", "80 % range holds",
        "99 % band", "width", "oracle's", "ratio",
    )  # fmt: skip
    return f"""## The axes

*Explainable* points are those that visible facts give. *Reached*: the share of their variance
that the prediction tells. Experts err, so nobody can tell all of their scores: the explainable
points themselves reach *best possible*. The oracle's range holds 80 % of the experts' distances
from the explainable points. Widths in points.

{table(header, rows)}"""


def _cost(results: ProvinceResults) -> str:
    rows = [
        (
            str(one.seed),
            count(one.cost.n),
            percent(one.cost.coverage),
            band(*one.cost.band),
            figure(one.cost.width),
            figure(one.cost.oracle_width),
            figure(one.cost.ratio),
            percent(one.cost.oracle_coverage),
        )
        for one in results.provinces
    ]
    header = (
        "seed", "n", "80 % range holds", "99 % band", "width", "oracle's width", "ratio",
        "oracle's range holds",
    )  # fmt: skip
    return f"""## The cost range

The oracle knows the true cost and the size of the noise. Its range is the narrowest honest one.
Width: mean of log(high ÷ low).

{table(header, rows)}

![Coverage of the cost range by group](pictures/province-cost-coverage.svg)"""


def _groups(results: ProvinceResults) -> str:
    counts = [
        (
            str(one.seed),
            head,
            str(len(one.of_head(head))),
            str(sum(group.outside for group in one.of_head(head))),
            str(sum(group.far_outside for group in one.of_head(head))),
        )
        for one in results.provinces
        for head in (*AXES, COST)
    ]
    listed = [(one.seed, group) for one in results.provinces for group in one.groups]
    outside = [(seed, group) for seed, group in listed if group.outside]
    every = (group for group in results.main.groups if group.head == COST)
    header = ("head", "group", "n", "holds", "99 % band", "99 % for all at once", "outside")
    return f"""## Groups of 100 and more

For each project type and topic with at least 100 tested cases. A band of its own is left by one
group in a hundred by chance alone; the band for all at once (Bonferroni) by one head in a hundred.
Both bands leave out that the offsets are themselves estimated from a few hundred cases, so a
correct range leaves them more often than that. Projects count in their type and in their topic.

{table(("seed", "head", "groups", "outside its own band", "outside the band for all"), counts)}

Every group outside either band, all seeds ({len(outside)} of {len(listed)}; by chance alone about
{figure((1 - CONFIDENCE) * len(listed), 1)} would leave a band of their own):

{table(("seed", *header), ((str(seed), *_group(group)) for seed, group in outside))}

All groups of the cost range, seed {results.main.seed}:

{table(header, (_group(group) for group in every))}"""


def _group(group: GroupFigures) -> tuple[str, ...]:
    place = "both" if group.far_outside else "its own" if group.outside else "–"
    return (
        group.head,
        group.group,
        count(group.n),
        percent(group.coverage),
        band(*group.band),
        band(*group.wide_band),
        place,
    )


def _risks(results: ProvinceResults) -> str:
    rows = [
        (
            str(one.seed),
            risk.risk,
            count(risk.n),
            percent(risk.positive),
            figure(risk.auc),
            figure(risk.best_auc),
            figure(risk.brier, 4),
            figure(risk.best_brier, 4),
        )
        for one in results.provinces
        for risk in one.risks
    ]
    header = ("seed", "risk", "n", "positive", "AUC", "best possible", "Brier", "best possible")
    return f"""## The risks

*Best possible*: the probabilities that the outcomes were drawn from.

{table(header, rows)}

![Calibration of poor performance](pictures/province-poor_performance.svg)
![Calibration of low execution](pictures/province-low_execution.svg)"""


def _reasons(results: ProvinceResults) -> str:
    facts = [
        (
            one.axis,
            fact.fact,
            figure(fact.correlation),
            figure(fact.spread, 2),
            figure(fact.told, 2),
        )
        for one in results.reasons
        for fact in one.facts
    ]
    order = [
        (
            one.axis,
            count(one.n),
            f"{figure(one.order)} ({figure(one.order_chance)})",
            f"{percent(one.first)} ({percent(one.first_chance)})",
            f"{percent(one.top)} ({percent(one.top_chance)})",
            percent(one.elsewhere),
        )
        for one in results.reasons
    ]
    joint = [(one.head, figure(one.reasons, 1), percent(one.joint)) for one in results.joint]
    summary = (
        "axis", "projects", "rank correlation of the facts", "true first among the top reasons",
        f"true top {TOP} among the top {TOP}", "told of other facts",
    )  # fmt: skip
    return f"""## Are the reasons right?

Contributions are grouped by the fact they rest on and compared with the points that the truth
gives for this fact, both against the project's peers. Correlation over projects; *true* and *told*
are standard deviations in points.

{table(("axis", "fact", "correlation", "true", "told"), facts)}

Per project, in brackets the control: the same reasons beside the truth of another project.

{table(summary, order)}

Movement that no indicator can tell alone is told jointly, by dimension: its value is the peers',
or the movement would seem to deny the declared direction.

{table(("head", "reasons per project", "share of movement told jointly"), joint)}"""


def _swaps(results: ProvinceResults) -> str:
    heads = list(next(iter(results.swaps.values())))
    rows = [
        (role, *(f"{effects[head]:.3g}" for head in heads))
        for role, effects in results.swaps.items()
    ]
    return f"""## What must not matter

Every field of a role takes the value of another project. Greatest change over
{count(results.swapped)} tested projects: points, logarithm of the amount, log-odds. The risks may
know what is asked for; they are given as information. Nobody may know who declares.

{table(("swapped", *heads), rows)}"""


def _climber(results: ProvinceResults) -> str:
    units = {"necessity": "points", "importance": "points", COST: "logarithm of the amount"}
    rows = [
        (head, figure(gain, 2), units.get(head, "log-odds, downwards"))
        for head, gain in results.climbs.items()
    ]
    return f"""## How far declared facts alone can carry

A climber gives every indicator that rests on declared facts alone the value that helps most, each
for itself, whether or not all can be had at once or are true. Mean gain over
{count(results.climbed)} tested projects: an upper bound.

{table(("head", "gain", "unit"), rows)}

Citations, arguments and targets are declared by departments themselves, and necessity rests on
them. Citations can be checked: an invented one is a finding and not a better project."""


_AGAIN = """## Again

```sh
lingji report province --out docs/results-province.md
```

The same versions give the same page."""
