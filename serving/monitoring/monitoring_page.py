"""The page of the newest monitoring report: alerts first, then what they rest on."""

from __future__ import annotations

from dataclasses import dataclass

from features.catalogue import Catalogue
from serving.monitoring.alert_words import alert_said, named, reason_said, todo
from serving.monitoring.monitoring_figures import (
    EffectFigure,
    SeriesFigure,
    effect_figure,
    series_figure,
)
from serving.page.frame import Frame
from serving.page.templates import rendered
from serving.page.words import page_words
from serving.wording.envelope import Json

_SHOWN = 15
_KINDS = {"input": "inputs", "value": "values", "reason": "reasons"}


@dataclass(frozen=True)
class DriftView:
    """One thing that has moved, as the template shows it."""

    label: str
    effect: str
    verdict: str
    said: str
    unknown: str
    n: str
    figure: EffectFigure


@dataclass(frozen=True)
class DriftsView:
    """One kind of drift: the rows shown, and what is said of the others."""

    kind: str
    rows: tuple[DriftView, ...]
    rest: str


@dataclass(frozen=True)
class SeriesView:
    """One thing forecast of one round."""

    round: int
    head: str
    measure: str
    nominal: str
    estimated: str
    n: str
    came: str
    m: str
    off: str
    late: bool
    figure: SeriesFigure


@dataclass(frozen=True)
class SkillView:
    """Brier scores of departments and of the model."""

    round: int
    head: str
    model: str
    department: str
    skill: str
    difference: str
    m: str


def monitoring_page(
    frame: Frame,
    catalogue: Catalogue,
    report: Json | None,
    answers: str,
    beside: Json,
    *,
    broken: bool,
) -> str:
    """The page of a report, or that there is none.

    Args:
        answers: the version that answers now.
        beside: what runs beside it, and what became of the answers made there.
        broken: whether there is one that cannot be read.
    """
    lang = frame.lang
    if report is None:
        return rendered(
            "monitoring.html", lang, frame=frame, report=None, broken=broken, beside=beside
        )
    return rendered(
        "monitoring.html",
        lang,
        frame=frame,
        report=report,
        broken=False,
        beside=beside,
        other=report["model"]["version"] != answers,
        alerts=[
            (each["level"], alert_said(each, lang, catalogue), todo(each, lang))
            for each in report["alerts"]
        ],
        due=[reason_said(each, lang) for each in report["retraining_due"]],
        drifts=[_drifts(report, kind, catalogue, lang) for kind in _KINDS],
        series=_series(report, catalogue, lang),
        skills=_skills(report, catalogue, lang),
    )


def _drifts(report: Json, kind: str, catalogue: Catalogue, lang: str) -> DriftsView:
    words = page_words(lang)
    found = [each for each in report["drifts"] if each["kind"] == kind]
    shown = [e for e in found if e["verdict"] != "stable"][:_SHOWN] if kind == "input" else found
    stable = sum(each["verdict"] == "stable" for each in found if each not in shown)
    word = "monitoring_others_stable" if shown else "monitoring_all_stable"
    rest = words[word].format(count=stable) if stable else ""
    return DriftsView(_KINDS[kind], tuple(_drift(e, report, catalogue, lang) for e in shown), rest)


def _drift(each: Json, report: Json, catalogue: Catalogue, lang: str) -> DriftView:
    words, unknown = page_words(lang), 100 * each["unknown"]
    said = words["monitoring_unknown"].format(points=f"{unknown:+.1f}")
    limits = (report["thresholds"]["note"], report["thresholds"]["warn"])
    return DriftView(
        label=named(each["name"], catalogue, lang),
        effect=f"{each['effect']:.3f} ± {2 * each['error']:.3f}",
        verdict=each["verdict"],
        said=words[f"verdict_{each['verdict']}"],
        unknown=said if abs(unknown) >= 1 else "",
        n=f"{each['n']:,}",
        figure=effect_figure(each["effect"], 2 * each["error"], limits),
    )


def _series(report: Json, catalogue: Catalogue, lang: str) -> list[SeriesView]:
    words = page_words(lang)
    nominal = {(f["head"], f["measure"]): f["nominal"] for f in report["forecasts"] if f["nominal"]}
    digest = report["model"]["digest"]
    own = [each for each in report["series"] if each["digest"] == digest]
    own.sort(key=lambda each: (each["measure"], each["head"], each["round"]))
    found = []
    for each in own:
        level, came = nominal.get((each["head"], each["measure"])), each["realised"]
        off = "" if came is None else f"{100 * each['off']:+.1f}"
        if came is not None:
            errors = words["monitoring_errors"]
            off += f" ({each['standard_errors']:+.1f} {errors})"
        found.append(
            SeriesView(
                round=each["round"],
                head=named(each["head"], catalogue, lang),
                measure=words[f"measure_{each['measure']}"],
                nominal="" if level is None else f"{level:.0%}",
                estimated=f"{each['estimate']:.1%} ± {2 * each['error']:.1%}",
                n=f"{each['n']:,}",
                came="" if came is None else f"{came:.1%}",
                m=f"{each['m']:,}" if each["m"] else "",
                off=off,
                late=each["late"],
                figure=series_figure(each["estimate"], 2 * each["error"], came, level),
            )
        )
    return found


def _skills(report: Json, catalogue: Catalogue, lang: str) -> list[SkillView]:
    return [
        SkillView(
            round=each["round"],
            head=named(each["head"], catalogue, lang),
            model=f"{each['skill']['model']:.4f}",
            department=f"{each['skill']['department']:.4f}",
            skill=f"{each['skill']['skill']:+.1%}",
            difference=f"{each['skill']['difference']:+.4f} ± {2 * each['skill']['error']:.4f}",
            m=f"{each['skill']['m']:,}",
        )
        for each in report["forecasts"]
        if each["skill"] is not None
    ]
