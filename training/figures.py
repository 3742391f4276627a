"""Figures to look at in a notebook, with words in Chinese and English; each is an SVG text."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, ParamSpec

import numpy as np

from features.catalogue import Catalogue
from features.field import Kind, Label
from features.indicator import Indicator
from features.operations import Numbers
from features.stage import in_order
from models.approval import Status, Verdict
from models.comparison import ShownValue
from models.evaluated import MAIN_METRIC
from models.explanation import ExplainedHead
from models.reasons import Reason
from models.release.comparison import Comparison
from training.appraisal_data import AppraisalData
from training.evaluation import HeadEvaluation, calibration_bins
from training.evidence import worsening
from training.plots import BAD, GOOD, INK, as_svg, new_figure
from training.targets import target

P = ParamSpec("P")

_CHINESE_FONTS = ("WenQuanYi Micro Hei", "Noto Sans CJK SC", "Source Han Sans SC", "SimHei")
_PALE = "#c9d6df"
_MOST_POINTS = 500
_MOST_REASONS = 10


def _in_chinese(draw: Callable[P, str]) -> Callable[P, str]:
    """The same, drawn in a font that has Chinese where this machine has one.

    Letters stand in the SVG as text, so that the reader's fonts show them: one that lacks them here
    only makes their places less exact.
    """

    @functools.wraps(draw)
    def drawn(*args: P.args, **kwargs: P.kwargs) -> str:
        import matplotlib  # costs a second, so only where figures are drawn

        with matplotlib.rc_context({"font.family": _fonts()}), warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Glyph .* missing from font")
            return draw(*args, **kwargs)

    return drawn


@_in_chinese
def outcomes_figure(data: AppraisalData, head: str) -> str:
    """What past appraisals said, round by round: the middle half, the median, and the spread."""
    declared = data.catalogue.head(head)
    values, years = target(declared, data.outcomes), data.years
    rounds = [int(year) for year in np.unique(years)]
    known = [values[(years == year) & ~np.isnan(values)] for year in rounds]
    figure, axes = _figure(
        7, 3.2, f"历年结果：{declared.label.zh} · Outcomes by round: {declared.label.en}"
    )
    boxes = axes.boxplot(known, tick_labels=rounds, showfliers=False, patch_artist=True, widths=0.6)
    for box in boxes["boxes"]:
        box.set(facecolor=_PALE, edgecolor=GOOD)
    for median in boxes["medians"]:
        median.set(color=BAD, linewidth=2)
    return as_svg(figure)


@_in_chinese
def unknown_figure(data: AppraisalData, most: int = 15) -> str:
    """The indicators that are most often not given, and in which rounds."""
    ruler, years = data.catalogue, data.years
    rounds = [int(year) for year in np.unique(years)]
    unknown = {
        indicator.name: np.array(
            [project.values[indicator.name] is None for project in data.projects]
        )
        for indicator in ruler.given
    }
    names = sorted(unknown, key=lambda name: (-unknown[name].mean(), name))
    names = [name for name in names[:most] if unknown[name].any()]
    shares = np.array([[unknown[n][years == year].mean() for year in rounds] for n in names])
    figure, axes = _figure(7, 0.3 * len(names) + 1, "没有填写的比例 · Share not given")
    axes.imshow(shares, aspect="auto", cmap="Blues", vmin=0, vmax=1)
    axes.set_xticks(range(len(rounds)), rounds)
    axes.set_yticks(range(len(names)), [_both(ruler.by_name[name].label) for name in names])
    for row, column in np.ndindex(*shares.shape):
        share = shares[row, column]
        ink = "white" if share > 0.6 else INK
        axes.text(column, row, f"{share:.0%}", ha="center", va="center", color=ink, size=7)
    return as_svg(figure)


@_in_chinese
def request_figure(data: AppraisalData) -> str:
    """What was approved against what was requested, for some of the projects."""
    cost = data.catalogue.cost
    if cost is None:
        raise ValueError("expected a catalogue with a cost head")
    approved = target(data.catalogue.head(cost.head), data.outcomes)
    asked = np.array([project.values[cost.requested] or np.nan for project in data.projects], float)
    known = np.flatnonzero((approved > 0) & (asked > 0))
    shown = known[:: max(1, len(known) // _MOST_POINTS)]
    figure, axes = _figure(4.6, 4.4, "申报与审定 · Requested and approved")
    cut = approved[shown] < 0.99 * asked[shown]
    axes.scatter(asked[shown], approved[shown], s=8, c=np.where(cut, BAD, GOOD), alpha=0.6)
    ends = [asked[shown].min(), asked[shown].max()]
    axes.plot(ends, ends, color=INK, linewidth=0.8)
    axes.set(xscale="log", yscale="log")
    axes.set_xlabel("申报金额 requested")
    axes.set_ylabel("审定金额 approved")
    return as_svg(figure)


@_in_chinese
def differences_figure(comparison: Comparison, catalogue: Catalogue) -> str:
    """How far the challenger's error lies from what serves, with its 95 % interval, per head.

    In per cent of the error of what serves; left is better.
    """
    found = []
    for name, head in comparison.heads.items():
        metric = head.metrics[MAIN_METRIC[head.kind]]
        if metric.champion and metric.difference is not None and metric.low is not None:
            scale = 100 / metric.champion
            ends = [scale * end for end in (metric.low, metric.high or 0.0)]
            found.append((name, scale * metric.difference, ends, worsening(metric) or 0.0))
    stages = {head.name: head.stage for head in catalogue.heads}
    told = [each for _, each in in_order((stages.get(each[0]), each) for each in found)][::-1]
    figure, axes = _figure(7, 0.5 * len(told) + 1.2, "误差变化（%）· Change of the error, per cent")
    for place, (_, change, ends, _) in enumerate(told):
        certain = ends[0] > 0 or ends[1] < 0
        color = (BAD if change > 0 else GOOD) if certain else "#8c959f"
        axes.plot(ends, [place, place], color=color, linewidth=3, solid_capstyle="round")
        axes.plot([change], [place], "o", color=color)
    axes.axvline(0, color=INK, linewidth=0.8)
    axes.set_yticks(range(len(told)), [_both(catalogue.head(name).label) for name, *_ in told])
    axes.set_xlabel("← 更好 better · 更差 worse →")
    return as_svg(figure)


@_in_chinese
def reasons_figure(explained: ExplainedHead, catalogue: Catalogue) -> str:
    """From the base of similar projects to the value, reason by reason, the greatest first."""
    shown = list(explained.reasons)[:_MOST_REASONS]
    steps = [(_reason(reason, catalogue), float(reason.contribution)) for reason in shown]
    rest = sum(float(reason.contribution) for reason in explained.reasons[_MOST_REASONS:])
    if rest:
        steps.append(("其余 others", rest))
    figure, axes = _figure(7.5, 0.34 * len(steps) + 1.4, _both(explained.declaration.label))
    at = float(explained.base)
    for place, (_, step) in enumerate(steps):
        axes.barh(place, step, left=at, color=GOOD if step > 0 else BAD, height=0.7)
        axes.text(at + max(step, 0), place, f" {step:+.1f}", va="center", size=8)
        at += step
    axes.axvline(float(explained.base), color=INK, linewidth=0.8, linestyle="--")
    axes.axvline(float(explained.value), color=INK, linewidth=1.2)
    axes.set_yticks(range(len(steps)), [label for label, _ in steps])
    axes.invert_yaxis()
    axes.set_xlabel(f"同类 similar {explained.base} → 本项目 this one {explained.value}")
    return as_svg(figure)


@_in_chinese
def ranges_figure(evaluation: HeadEvaluation) -> str:
    """Every range of a later round with its outcome: blue inside, red outside."""
    declared = evaluation.declaration
    order = np.argsort(evaluation.predicted, kind="stable")
    order = order[:: max(1, len(order) // _MOST_POINTS)]
    low, high, outcome = (getattr(evaluation, n)[order] for n in ("low", "high", "outcome"))
    inside = (outcome >= low) & (outcome <= high)
    title = f"{declared.label.zh}：{inside.mean():.0%}落入区间 · {inside.mean():.0%} inside"
    figure, axes = _figure(7.5, 3.4, title)
    place = np.arange(len(order))
    axes.fill_between(place, low, high, color="#dddddd")
    axes.scatter(place, outcome, s=6, c=np.where(inside, GOOD, BAD))
    if declared.kind.value == "amount":
        axes.set_yscale("log")
    axes.set_xlabel("项目，按预测排序 projects, by prediction")
    return as_svg(figure)


@_in_chinese
def coverage_figure(by_round: Mapping[int, HeadEvaluation]) -> str:
    """How often the ranges of each round held, with the band that chance allows."""
    declared = next(iter(by_round.values())).declaration
    title = f"{declared.label.zh}：区间覆盖率 · Coverage: {declared.label.en}"
    figure, axes = _figure(7, 3, title)
    for year, found in by_round.items():
        metrics = found.metrics
        axes.plot([year, year], [metrics["band_low"], metrics["band_high"]], color=_PALE, lw=10)
        axes.plot([year], [metrics["coverage"]], "o", color=GOOD if metrics["in_band"] else BAD)
        held = metrics["coverage"]
        axes.annotate(f"{held:.0%}", (year, held), xytext=(10, -3), textcoords="offset points")
    axes.axhline(declared.level, color=INK, linewidth=0.8)
    axes.set_xticks(list(by_round))
    axes.margins(x=0.15)
    return as_svg(figure)


@_in_chinese
def calibration_figure(by_round: Mapping[int, HeadEvaluation]) -> str:
    """Predicted probability against the share observed, a line for each round."""
    declared = next(iter(by_round.values())).declaration
    title = f"{declared.label.zh} · {declared.label.en}"
    figure, axes = _figure(4.8, 4.4, title)
    top = 0.0
    shades = np.linspace(0.35, 1, len(by_round))
    for (year, found), shade in zip(by_round.items(), shades, strict=True):
        bins = calibration_bins(found.predicted, found.outcome)
        points = [(p, o) for p, o, _ in bins]
        top = max([top, *(end for point in points for end in point)])
        axes.plot(*zip(*points, strict=True), "o-", color=GOOD, alpha=shade, label=str(year))
    axes.plot([0, top], [0, top], color="#bbbbbb", linewidth=1)
    axes.set_xlabel("预测概率 predicted")
    axes.set_ylabel("实际比例 observed")
    axes.legend(frameon=False)
    return as_svg(figure)


@_in_chinese
def verdicts_figure(verdicts: Sequence[Verdict]) -> str:
    """Every gate with its verdicts: how many passed, failed, or could not be judged."""
    gates = list(dict.fromkeys(verdict.gate for verdict in verdicts))
    colors = {Status.PASS: GOOD, Status.FAIL: BAD, Status.NOT_APPLICABLE: "#d0d7de"}
    figure, axes = _figure(7, 0.26 * len(gates) + 1.2, "上线门槛 · Gates before release")
    left: Numbers = np.zeros(len(gates))
    words = {"pass": "通过 passed", "fail": "未通过 failed", "not_applicable": "不适用 n. a."}
    for status, color in colors.items():
        counts = np.array(
            [sum(v.gate == g and v.status is status for v in verdicts) for g in gates]
        )
        shares = counts / np.array([sum(v.gate == gate for v in verdicts) for gate in gates])
        axes.barh(gates, shares, left=left, color=color, label=words[status.value])
        for place, count in enumerate(counts):
            if count:
                middle = left[place] + shares[place] / 2
                ink = INK if status is Status.NOT_APPLICABLE else "white"
                axes.text(middle, place, count, ha="center", va="center", color=ink, size=7)
        left = left + shares
    axes.invert_yaxis()
    axes.set_xticks([])
    axes.legend(frameon=False, ncols=3, loc="upper center", bbox_to_anchor=(0.5, 0))
    return as_svg(figure)


def _figure(width: float, height: float, title: str) -> tuple[Any, Any]:
    """An empty figure with its title."""
    figure, axes = new_figure(width, height)
    axes.set_title(title, loc="left", fontsize=10)
    return figure, axes


@cache
def _fonts() -> list[str]:
    from matplotlib import font_manager

    there = {font.name for font in font_manager.fontManager.ttflist}
    return [*(name for name in _CHINESE_FONTS if name in there), "DejaVu Sans"]


def _both(label: Label) -> str:
    return f"{label.zh} {label.en}"


def _reason(reason: Reason, catalogue: Catalogue) -> str:
    if reason.indicator is None:
        return f"{len(reason.joint)}项综合 {len(reason.joint)} together"
    declared = catalogue.by_name[reason.indicator]
    return f"{_both(declared.label)}: {_value(declared, reason.value)}"


def _value(declared: Indicator, value: ShownValue) -> str:
    if value is None:
        return "未知 unknown"
    if declared.kind is Kind.FLAG:
        return "是 yes" if value else "否 no"
    if isinstance(value, float):
        return f"{value:,.4g}"
    code = (declared.codes or {}).get(value)
    return value if code is None else _both(code)
