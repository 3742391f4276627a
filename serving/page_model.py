"""The page about the model in service: its card, in words and tables."""

from __future__ import annotations

import math
from dataclasses import dataclass

from features.catalogue import Catalogue
from features.field import Role
from features.head_declaration import HeadKind
from serving.page.frame import Frame
from serving.page.templates import rendered
from serving.page.words import page_words
from serving.wording.envelope import Json

_POINTS = 2
_KINDS = {
    HeadKind.SCORE: "model_kind_score",
    HeadKind.AMOUNT: "model_kind_amount",
    HeadKind.PROBABILITY: "model_kind_probability",
}
_MORE: dict[HeadKind, dict[str, str]] = {
    HeadKind.SCORE: {"spearman": "model_spearman", "r2": "model_r2"},
    HeadKind.AMOUNT: {},
    HeadKind.PROBABILITY: {
        "auc": "model_auc",
        "brier_constant": "model_brier_constant",
        "positive": "model_positive",
        "calibration_error": "model_calibration_error",
    },
}
"""What else is worth knowing of a head: metrics with their words."""


@dataclass(frozen=True)
class CoverageView:
    """How often the ranges of a category held the outcome. inside: within the binomial band."""

    label: str
    n: str
    coverage: str
    band: str
    inside: bool


@dataclass(frozen=True)
class HeadView:
    """A head as the template shows it; texts are "" where there is nothing to say."""

    label: str
    kind: str
    indicators: int
    n: str
    error: str
    interval: str
    more: str
    level: str
    coverage: CoverageView | None
    groups: tuple[CoverageView, ...]
    climb: str
    swap: str


def model_page(frame: Frame, catalogue: Catalogue, card: Json) -> str:
    """The card as a page."""
    lang = frame.lang
    heads = [_head(head, card, lang) for head in card["heads"]]
    policy = catalogue.priority
    named = (
        {} if policy is None else {"necessity": policy.necessity, "importance": policy.importance}
    )
    axes = {axis: catalogue.head(head).label.of(lang) for axis, head in named.items()}
    return rendered("model.html", lang, frame=frame, card=card, heads=heads, axes=axes)


def _head(head: Json, card: Json, lang: str) -> HeadView:
    kind, found, words = HeadKind(head["kind"]), head["metrics"], page_words(lang)
    swap = card["swaps"].get(Role.DECLARER.value, {}).get(head["name"])
    climb = card["climbs"].get(head["name"])
    known = found is not None and found["error"] is not None
    level = "" if head["level"] is None else f"{head['level']:.0%}"
    return HeadView(
        label=head["label"][lang],
        kind=words[_KINDS[kind]],
        indicators=head["indicators"],
        n=f"{found['n']:,}" if known else "",
        error=_error(found["error"], kind, lang) if known else "",
        interval=_interval(found["interval"], kind, lang) if known and found["interval"] else "",
        more=_more(found["all"], kind, lang) if known else "",
        level=level,
        coverage=_coverage(words["model_all_projects"], found) if known else None,
        groups=tuple(
            view for each in head["groups"] if (view := _coverage(each["label"][lang], each))
        ),
        climb="" if climb is None else _moved(climb, kind, lang),
        swap="" if swap is None else _moved(swap, kind, lang),
    )


def _error(value: float, kind: HeadKind, lang: str) -> str:
    """How far a head is off on average, in its unit: points, per cent, or a Brier score."""
    if kind is HeadKind.SCORE:
        return page_words(lang)["model_points"].format(value=f"{value:.{_POINTS}f}")
    if kind is HeadKind.AMOUNT:
        return f"× / ÷ {math.exp(value):.3f}"
    return f"{value:.4f}"


def _interval(interval: list[float], kind: HeadKind, lang: str) -> str:
    low, high = (_error(value, kind, lang) for value in interval)
    return f"{low} – {high}"


def _more(metrics: Json, kind: HeadKind, lang: str) -> str:
    """What else is worth knowing of a head, in one line."""
    words = page_words(lang)
    said = [
        f"{words[word]} {metrics[name]:.3f}"
        for name, word in _MORE[kind].items()
        if metrics.get(name) is not None
    ]
    return "；".join(said) if lang == "zh" else "; ".join(said)


def _coverage(label: str, found: Json) -> CoverageView | None:
    metrics = found["all"]
    if metrics.get("coverage") is None:
        return None
    return CoverageView(
        label=label,
        n=f"{metrics['ranges']:,.0f}",
        coverage=f"{metrics['coverage']:.1%}",
        band=f"{metrics['band_low']:.1%} – {metrics['band_high']:.1%}",
        inside=bool(metrics["in_band"]),
    )


def _moved(value: float, kind: HeadKind, lang: str) -> str:
    if kind is HeadKind.SCORE:
        return page_words(lang)["model_points"].format(value=f"{value:.{_POINTS}f}")
    return f"{value:.4f}"
