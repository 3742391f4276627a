"""Releases as HTML: the list, and the case of one version."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from features.catalogue import Catalogue
from models.approval import Status, Verdict
from models.group_label import group_label
from models.release.comparison import ComparedMetric, Comparison
from models.release.metric_words import METRICS
from serving.page.frame import Frame
from serving.page.templates import rendered
from serving.page.words import page_words
from serving.releasing.case import Case
from serving.routes import APPROVE, PROMOTE, RELEASE, RESUME, ROLLBACK, STOP
from serving.wording.envelope import Json
from serving.wording.words import LANGUAGES

_NOTHING = "—"


@dataclass(frozen=True)
class GateView:
    """How often a gate gave each verdict. fails: when it fails, in words."""

    label: str
    fails: str
    passed: int
    failed: int
    not_applicable: int


@dataclass(frozen=True)
class VerdictView:
    """A verdict as a line. waived: by whom and why, where somebody has. spoken: the language of
    the reason, English where an old approval has no other."""

    name: str
    label: str
    about: str
    status: str
    word: str
    figure: str
    threshold: str
    reason: str
    spoken: str
    waived: str


@dataclass(frozen=True)
class MetricView:
    """A metric of both models as a line."""

    head: str
    metric: str
    n: str
    challenger: str
    champion: str
    difference: str


def releases_page(frame: Frame, told: Json) -> str:
    """The list of releases and versions, and the acts that the visitor may do."""
    return rendered(
        "releasing/releases.html",
        frame.lang,
        frame=frame,
        told=told,
        alias=_alias(told["mlflow_alias"], frame.lang),
        may_look=_may(frame, "GET", RELEASE),
        may_return=told["may_return"] is not None and _may(frame, "POST", ROLLBACK),
        may_stop=told["stopped"] is None and _may(frame, "POST", STOP),
        may_resume=told["stopped"] is not None and _may(frame, "POST", RESUME),
    )


def release_page(frame: Frame, catalogue: Catalogue, case: Case) -> str:
    """One version: its comparison, every verdict, its review and its approval."""
    lang = frame.lang
    waived = {waiver.verdict: waiver for waiver in case.waivers}
    lines = [_verdict(each, waived, catalogue, lang) for each in case.gates]
    comparison = case.comparison
    return rendered(
        "releasing/release.html",
        lang,
        frame=frame,
        case=case,
        gates=list(_gates(case.gates, lang)),
        lines=lines,
        failed=[line for line in lines if line.status == Status.FAIL.value],
        comparison=comparison,
        rounds=_listed([str(each) for each in comparison.data.rounds], lang) if comparison else "",
        metrics=list(_metrics(comparison, catalogue, lang)) if comparison else [],
        missing=max(case.needed - len(case.signatures), 0),
        may_sign=case.to_sign is not None and _may(frame, "POST", APPROVE),
        may_promote=case.may_be_released and _may(frame, "POST", PROMOTE),
        reviewers=_listed(case.review.reviewers, lang) if case.review else "",
    )


def _may(frame: Frame, method: str, path: str) -> bool:
    return frame.visitor is not None and frame.visitor.may(method, path)


def _alias(alias: Json, lang: str) -> str:
    """Where MLflow's alias is, in words."""
    state, words = str(alias["state"]), page_words(lang)
    if state == "elsewhere" and alias["version"] is None:
        return words["releases_alias_strange"]
    return words[f"releases_alias_{state}"].format(version=alias["version"])


def _gates(verdicts: Sequence[Verdict], lang: str) -> Iterator[GateView]:
    words = page_words(lang)
    for gate in dict.fromkeys(verdict.gate for verdict in verdicts):
        count = Counter(verdict.status for verdict in verdicts if verdict.gate == gate)
        yield GateView(
            words.get(f"gate_{gate}", gate),
            words.get(f"gate_{gate}_fails", ""),
            count[Status.PASS],
            count[Status.FAIL],
            count[Status.NOT_APPLICABLE],
        )


def _verdict(verdict: Verdict, waived: Json, catalogue: Catalogue, lang: str) -> VerdictView:
    words, waiver = page_words(lang), waived.get(verdict.name)
    parts = [
        _head_label(verdict.head, catalogue, lang) if verdict.head else "",
        group_label(verdict.group, catalogue).of(lang) if verdict.group else "",
        _metric_label(verdict.metric, lang) if verdict.metric else "",
    ]
    by = "" if waiver is None else words["release_waived_by"].format(person=waiver.person)
    colon = "：" if lang == "zh" else ": "
    spoken = "zh" if lang == "zh" and verdict.reason_zh else "en"
    return VerdictView(
        verdict.name,
        words.get(f"gate_{verdict.gate}", verdict.gate),
        " · ".join(filter(None, parts)),
        verdict.status.value,
        words["release_waived" if waiver else f"release_{verdict.status.value}"],
        _number(verdict.figure),
        _number(verdict.threshold),
        verdict.reason_zh if spoken == "zh" else verdict.reason,
        spoken,
        "" if waiver is None else f"{by}{colon}{waiver.reason}",
    )


def _metrics(comparison: Comparison, catalogue: Catalogue, lang: str) -> Iterator[MetricView]:
    """Every metric over all projects; groups are too many for a page."""
    for head, compared in comparison.heads.items():
        for name, metric in compared.metrics.items():
            yield MetricView(
                _head_label(head, catalogue, lang),
                _metric_label(name, lang, metric.nominal),
                f"{metric.n:,}",
                _number(metric.challenger),
                _number(metric.champion),
                _difference(metric, lang),
            )


def _difference(metric: ComparedMetric, lang: str) -> str:
    if metric.difference is None:
        return _NOTHING
    to = "至" if lang == "zh" else "to"
    if metric.low is None or metric.high is None:
        return _signed(metric.difference)
    return f"{_signed(metric.difference)} ({_signed(metric.low)} {to} {_signed(metric.high)})"


def _head_label(head: str, catalogue: Catalogue, lang: str) -> str:
    known = {each.name: each.label.of(lang) for each in catalogue.heads}
    return known.get(head, head)


def _metric_label(name: str, lang: str, nominal: float | None = None) -> str:
    """A metric of a comparison, or what else a gate looks at, in words."""
    if name not in METRICS:
        return page_words(lang).get(f"gate_of_{name}", name)
    label = METRICS[name][LANGUAGES.index(lang)]
    if nominal is None:
        return label.partition("（")[0].partition(" (near")[0]
    return label.format(nominal=f"{nominal:.0%}")


def _number(value: float | None) -> str:
    """A number with four significant digits."""
    return _NOTHING if value is None else f"{value:.4g}".replace("-", "−")


def _signed(value: float) -> str:
    return f"{value:+.4g}".replace("-", "−")


def _listed(words: Sequence[str], lang: str) -> str:
    return ("、" if lang == "zh" else ", ").join(words)
