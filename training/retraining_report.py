"""The report of a retraining for people: one page of HTML that needs nothing beside it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from features.catalogue import Catalogue
from features.head_declaration import HeadKind
from features.stage import STAGES, in_order
from models.evaluated import MAIN_METRIC
from models.group_label import group_label
from models.release.comparison import ComparedHead, ComparedMetric, Comparison
from models.release.metric_words import METRICS
from training.evidence import groups_told, worsening
from training.recipe import told_trees
from training.report_figures import (
    NOTHING,
    SQUARE,
    curve,
    figure,
    interval_picture,
    signed,
    verdict,
)
from training.retraining_words import WORDS
from training.same_projects import TOGETHER

LANGUAGES = ("zh", "en")
_TEMPLATES = Path(__file__).parent / "templates"
_AFFECTED_SHOWN, _INPUTS_SHOWN, _LINES_SHOWN, _SUSPECTS_SHOWN, _MOVES_SHOWN = 20, 15, 20, 15, 3
Json = dict[str, Any]


def retraining_report(
    comparison: Comparison, evidence: Mapping[str, Any], catalogue: Catalogue, language: str
) -> str:
    """The page in Chinese ("zh") or English ("en"): style and pictures inside, no script."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    said = _Said(catalogue, language)
    quality = evidence["data_quality"]
    return environment.get_template("retraining.html").render(
        words=said.words,
        comparison=comparison,
        rounds=", ".join(map(str, comparison.data.rounds)) or NOTHING,
        notes=[said.words[f"note_{note}"] for note in evidence["notes"]],
        brief=[said.brief(name, head) for name, head in said.by_stage(comparison.heads)],
        not_compared=[(said.label(n), why) for n, why in evidence["not_compared"].items()],
        heads=[said.head(n, head, evidence) for n, head in said.by_stage(comparison.heads)],
        calibration=[
            (said.label(name), {model: curve(bins) for model, bins in models.items()})
            for name, models in evidence["calibration"].items()
        ],
        square=SQUARE,
        same=_same(comparison),
        affected=[said.affected(each) for each in evidence["most_affected"][:_AFFECTED_SHOWN]],
        inputs=said.inputs(evidence["inputs"]),
        effects=said.effects(comparison, evidence["champion_climb"]),
        lifted=[said.lifted(group) for group in groups_told(quality)],
        findings={
            kind: (quality[kind][:_LINES_SHOWN], max(0, len(quality[kind]) - _LINES_SHOWN))
            for kind in ("duplicates", "impossible", "changed")
        },
        since=said.since(quality["since"]),
        contributions=evidence["contributions"],
        recipe=said.recipe(evidence["recipe"]),
    )


class _Said:
    """Figures and names as one language says them."""

    def __init__(self, catalogue: Catalogue, language: str) -> None:
        self.words = WORDS[language]
        self._catalogue = catalogue
        self._language = language
        self._stages = {head.name: head.stage for head in catalogue.heads}

    def label(self, name: str) -> str:
        """A head, an indicator, or several facts of a dimension together, as people call it."""
        if name.startswith(TOGETHER):
            dimension = name.removeprefix(TOGETHER)
            found = next(d.label for d in self._catalogue.dimensions if d.name == dimension)
            return self.words["together"].format(dimension=getattr(found, self._language))
        heads = {head.name: head.label for head in self._catalogue.heads}
        named = {**{n: i.label for n, i in self._catalogue.by_name.items()}, **heads}
        return getattr(named[name], self._language) if name in named else name or NOTHING

    def group(self, name: str) -> str:
        """A group with the words of its indicator and code."""
        return group_label(name, self._catalogue).of(self._language)

    def move(self, name: str, move: float) -> str:
        """How far a head moved: in points, per cent of the amount, or percentage points."""
        kind = self._catalogue.head(name).kind
        if kind is HeadKind.SCORE:
            return f"{move:+.1f}"
        if kind is HeadKind.AMOUNT:
            return f"{math.expm1(move):+.1%}"
        return f"{100 * move:+.1f} {self.words['percentage_points']}"

    def metric(self, name: str, metric: ComparedMetric) -> Json:
        """One row of a table of metrics."""
        zh, en = METRICS[name]
        title = (zh if self._language == "zh" else en).format(nominal=f"{metric.nominal or 0:.0%}")
        interval = NOTHING
        if metric.low is not None and metric.high is not None:
            interval = f"{signed(metric.low)} … {signed(metric.high)}"
        return {
            "title": title,
            "challenger": figure(metric.challenger),
            "champion": figure(metric.champion),
            "difference": signed(metric.difference),
            "interval": interval,
            "picture": interval_picture(metric),
            "verdict": verdict(metric),
            "said": self.words[verdict(metric)],
            "n": f"{metric.n:,}",
        }

    def brief(self, name: str, head: ComparedHead) -> Json:
        """The main metric of a head, with the groups to look at."""
        main = MAIN_METRIC[head.kind]
        stage = self._stages.get(name)
        at = "" if stage is None else STAGES[stage].of(self._language)
        return {"head": self.label(name), "stage": at, **self.metric(main, head.metrics[main])}

    def by_stage(self, heads: Mapping[str, ComparedHead]) -> list[tuple[str, ComparedHead]]:
        """The heads in the order of the stages of the budget process that they help in."""
        staged = ((self._stages.get(name), (name, head)) for name, head in heads.items())
        return [each for _, each in in_order(staged)]

    def head(self, name: str, head: ComparedHead, evidence: Mapping[str, Any]) -> Json:
        """All of a head: its metrics, and its main metric in every group."""
        main = MAIN_METRIC[head.kind]
        groups = [(g, metrics[main]) for g, metrics in head.groups.items() if main in metrics]
        groups.sort(key=lambda each: -(worsening(each[1]) or 0.0))
        worst = evidence["worst_groups"][name]
        return {
            "label": self.label(name),
            "metrics": [self.metric(n, metric) for n, metric in head.metrics.items()],
            "groups": [{"name": self.group(g), **self.metric(main, m)} for g, m in groups],
            "worst": {
                kind: f"{self.group(worst[kind]['group'])} ({figure(worst[kind]['challenger'])})"
                for kind in ("least_accurate", "most_worsened")
                if worst[kind] is not None
            },
        }

    def affected(self, each: Mapping[str, Any]) -> Json:
        """One of the most affected projects."""
        moves = sorted(each["moves"].items(), key=lambda move: -abs(move[1]))[:_MOVES_SHOWN]
        reasons = list(each["reasons"].items())[:_MOVES_SHOWN]
        return {
            "project": each["project_id"],
            "year": each["year"],
            "grade": " → ".join(dict.fromkeys(each["grade"])) if each["grade"] else NOTHING,
            "places": NOTHING if each["places"] is None else f"{each['places']:+d}",
            "moves": [f"{self.label(n)} {self.move(n, move)}" for n, move in moves],
            "reasons": [
                f"{self.label(n)}{self.words['colon']}{self.label(a)} → {self.label(b)}"
                for n, (a, b) in reasons
            ],
        }

    def inputs(self, shifts: list[Json]) -> Json:
        """The indicators that moved, and how many did not."""
        shown = [s for s in shifts if s["verdict"] != "stable" or not s["certain"]][:_INPUTS_SHOWN]
        rows = [
            {
                "label": self.label(s["indicator"]),
                "effect": f"{s['effect']:.3f} ± {2 * s['error']:.3f}",
                "verdict": s["verdict"],
                "said": self.words[s["verdict"]]
                + ("" if s["certain"] else " " + self.words["uncertain"]),
            }
            for s in shown
        ]
        count = sum(s["verdict"] == "stable" for s in shifts if s not in shown)
        rest = "others_stable" if rows else "all_stable"
        return {"rows": rows, "rest": self.words[rest].format(count=count)}

    def effects(self, comparison: Comparison, before: Mapping[str, float]) -> list[Json]:
        """Per head: what must be zero, and what changing declared facts gains."""
        told = comparison.effects
        return [
            {
                "head": self.label(name),
                "zero_base": figure(told.zero_base.get(name)),
                "identity": figure(
                    max((effects.get(name, 0.0) for effects in told.identity.values()), default=0.0)
                ),
                "climb": figure(told.climb[name]),
                "climb_before": figure(before.get(name)),
                "moved": any(
                    effect > 0
                    for effect in (
                        told.zero_base.get(name, 0.0),
                        *(effects.get(name, 0.0) for effects in told.identity.values()),
                    )
                ),
            }
            for name in told.climb
        ]

    def lifted(self, group: Mapping[str, Any]) -> Json:
        """A group that stands out, and its projects."""
        line = self.words["lifted_line"].format(
            far=group["far"],
            n=group["projects"],
            usual=f"{group['usual']:.1f}",
            z=NOTHING if group["z"] is None else f"{group['z']:+.1f}",
            p=f"{group['p']:.2g}",
            influence=self._influence(group["head"], group["influence"]),
        )
        kind = group["kind"]
        shown = self.words["contributor"] if kind == "contributor" else self.label(kind)
        return {
            "title": f"{shown} {group['group']} · {self.label(group['head'])}",
            "line": line,
            "suspects": [
                (s["project_id"], s["year"], *self._said(group["head"], s["said"], s["expected"]))
                for s in group["suspects"][:_SUSPECTS_SHOWN]
            ],
            "more": max(0, len(group["suspects"]) - _SUSPECTS_SHOWN),
        }

    def _influence(self, head: str, influence: float | None) -> str:
        """How far a group's labels move predictions, an amount's in per cent."""
        if influence is not None and self._catalogue.head(head).kind is HeadKind.AMOUNT:
            return f"{math.expm1(influence):+.1%}"
        return signed(influence)

    def _said(self, head: str, said: float, expected: float) -> tuple[str, str]:
        """What was said and expected; of an amount, which is told in logs, how many times it."""
        if self._catalogue.head(head).kind is HeadKind.AMOUNT:
            return self.words["times"].format(times=f"{math.exp(said - expected):,.3g}"), NOTHING
        return figure(said), figure(expected)

    def since(self, told: str) -> str:
        """What changed outcomes are compared with."""
        key = "since_earlier" if told == "earlier contributions" else "since_champion"
        return self.words["since"].format(since=self.words[key])

    def recipe(self, recipe: Mapping[str, Any]) -> str:
        """How the challenger was trained."""
        return self.words["recipe_line"].format(
            fit=recipe["fit_until"],
            calibrate=recipe["calibrate_until"],
            trees=told_trees(recipe),
        )


def _same(comparison: Comparison) -> list[tuple[str, str]] | None:
    same = comparison.same_projects
    if same is None:
        return None

    def percent(share: float | None) -> str:
        return NOTHING if share is None else f"{share:.1%}"

    return [
        ("projects", f"{same.projects:,}"),
        ("grade_flips", percent(same.grade_flips)),
        ("rank_correlation", figure(same.rank_correlation)),
        ("changed_top_reasons", percent(same.changed_top_reasons)),
    ]
