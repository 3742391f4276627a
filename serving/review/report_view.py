"""The report of agreement in words and figures, as its page and its file show it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from features.catalogue import Catalogue
from models.review.case import Kind
from models.review.judgement import Stance
from models.review.report import ALL, PANEL, Agreement, Figure, Pair, ReviewReport, WhyNot
from serving.page.words import page_words

_NOTHING = "—"


Line = tuple[str, str]
"""A figure's name and the figure, in words."""


@dataclass(frozen=True)
class Row:
    """One group of one pair: its cases, and for each column its figures, one under the other."""

    label: str
    cases: int
    cells: tuple[tuple[Line, ...], ...]


@dataclass(frozen=True)
class PairView:
    """Two who are compared: a column for the grade and each head, a row for every group."""

    label: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class ReportView:
    """Everything that the template shows beside the report's own counts."""

    models: tuple[PairView, ...]
    between: tuple[PairView, ...]
    strata: tuple[tuple[str, int, int], ...]
    stances: tuple[tuple[str, str, tuple[int, ...]], ...]


def report_view(report: ReviewReport, catalogue: Catalogue, lang: str) -> ReportView:
    """The report in one language."""
    words = page_words(lang)
    labels = {head.name: head.label.of(lang) for head in catalogue.heads}
    return ReportView(
        tuple(_pair(pair, catalogue, lang) for pair in report.models),
        tuple(_pair(pair, catalogue, lang) for pair in report.between),
        tuple(
            (said_stratum(name, catalogue, lang), size.projects, size.drawn)
            for name, size in report.strata.items()
        ),
        tuple(
            (words[f"model_{model}"], labels[head], tuple(heads[head][s] for s in Stance))
            for model, heads in report.stances.items()
            for head in labels
            if head in heads
        ),
    )


def said_stratum(name: str, catalogue: Catalogue, lang: str) -> str:
    """What a case was chosen for, in words."""
    words = page_words(lang)
    kind, _, code = name.partition("=")
    if kind == ALL:
        return words["review_all"]
    said = words[f"review_kind_{Kind(kind)}"]
    if not code:
        return said
    known = (i.codes for i in catalogue.given if i.codes and code in i.codes)
    label = next((codes[code].of(lang) for codes in known), code)
    return f"{said}{'：' if lang == 'zh' else ': '}{label}"


def _pair(pair: Pair, catalogue: Catalogue, lang: str) -> PairView:
    whole, words = pair.groups[ALL], page_words(lang)
    heads = [h for h in catalogue.heads if h.name in (whole.scores | whole.amounts)]
    graded = whole.grade_kappa is not None
    return PairView(
        " – ".join(_named(who, lang) for who in (pair.first, pair.second)),
        (*((words["grade"],) if graded else ()), *(head.label.of(lang) for head in heads)),
        tuple(
            Row(
                said_stratum(name, catalogue, lang),
                found.cases,
                (
                    *((_grade(found, lang),) if graded else ()),
                    *(_head(found, head.name, lang) for head in heads),
                ),
            )
            for name, found in pair.groups.items()
        ),
    )


def _named(who: str, lang: str) -> str:
    words = page_words(lang)
    if who == PANEL:
        return words["review_panel"]
    return words.get(f"model_{who}", who)


def _grade(found: Agreement, lang: str) -> tuple[Line, ...]:
    return _lines(
        lang,
        ("review_kappa", found.grade_kappa, {}),
        ("review_grade_share", found.grade_share, {"percent": True}),
    )


def _head(found: Agreement, name: str, lang: str) -> tuple[Line, ...]:
    """The figures of one head, of a score or of an amount."""
    score, amount = found.scores.get(name), found.amounts.get(name)
    if score is not None:
        return _lines(
            lang,
            ("review_difference", score.difference, {"digits": 1, "signed": True}),
            ("review_spearman", score.spearman, {}),
            ("review_kappa", score.kappa, {}),
        )
    if amount is not None:
        return _lines(
            lang,
            ("review_ratio", amount.ratio, {}),
            ("review_within", amount.within, {"percent": True}),
        )
    return _lines(lang)


def _lines(lang: str, *figures: tuple[str, Figure | None, dict[str, Any]]) -> tuple[Line, ...]:
    """Figures in words; where all are of too few cases, that alone."""
    words, few = page_words(lang), WhyNot.TOO_FEW
    told = [(name, figure, how) for name, figure, how in figures if figure is not None]
    if all(figure.why_not is few for _, figure, _ in told):
        return (("", words["review_too_few"]),)
    return tuple((words[name], said_figure(figure, lang, **how)) for name, figure, how in told)


def said_figure(
    figure: Figure, lang: str, *, digits: int = 2, signed: bool = False, percent: bool = False
) -> str:
    """A figure with its interval, or why there is none."""
    if figure.value is None:
        words = page_words(lang)
        return words[f"review_{figure.why_not}"] if figure.why_not else _NOTHING

    def told(value: float) -> str:
        if percent:
            return f"{value:.0%}"
        return f"{value:{'+' if signed else ''}.{digits}f}".replace("-", "−")

    if figure.low is None or figure.high is None:
        return told(figure.value)
    return f"{told(figure.value)} ({told(figure.low)} … {told(figure.high)})"
