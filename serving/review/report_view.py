"""The report of agreement in words and figures, as its page and its file show it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from features.catalogue import Catalogue
from models.review.case import Kind
from models.review.report import ALL, PANEL, Agreement, Figure, Pair, ReviewReport
from serving.page.words import page_words

_NOTHING = "—"


@dataclass(frozen=True)
class Row:
    """One group of one pair: its cases, and a figure for each column. why: what stands in place of
    figures, where there are none."""

    label: str
    cases: int
    figures: tuple[str, ...]


@dataclass(frozen=True)
class PairView:
    """Two who are compared, and a row for every group."""

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
            (words[f"model_{model}"], labels.get(head, head), tuple(counts.values()))
            for model, heads in report.stances.items()
            for head, counts in heads.items()
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
    whole = pair.groups[ALL]
    return PairView(
        " – ".join(_named(who, lang) for who in (pair.first, pair.second)),
        tuple(_columns(whole, catalogue, lang)),
        tuple(
            Row(said_stratum(name, catalogue, lang), found.cases, tuple(_figures(found, lang)))
            for name, found in pair.groups.items()
        ),
    )


def _named(who: str, lang: str) -> str:
    words = page_words(lang)
    if who == PANEL:
        return words["review_panel"]
    return words.get(f"model_{who}", who)


def _columns(found: Agreement, catalogue: Catalogue, lang: str) -> Iterator[str]:
    words = page_words(lang)
    if found.grade_kappa is not None:
        yield words["review_grade_kappa"]
        yield words["review_grade_share"]
    for name in found.scores:
        label = catalogue.head(name).label.of(lang)
        for figure in ("difference", "spearman", "kappa"):
            yield words[f"review_{figure}"].format(head=label)
    for name in found.amounts:
        label = catalogue.head(name).label.of(lang)
        for figure in ("ratio", "within"):
            yield words[f"review_{figure}"].format(head=label)


def _figures(found: Agreement, lang: str) -> Iterator[str]:
    if found.grade_kappa is not None and found.grade_share is not None:
        yield said_figure(found.grade_kappa, lang)
        yield said_figure(found.grade_share, lang, percent=True)
    for score in found.scores.values():
        yield said_figure(score.difference, lang, digits=1, signed=True)
        yield said_figure(score.spearman, lang)
        yield said_figure(score.kappa, lang)
    for amount in found.amounts.values():
        yield said_figure(amount.ratio, lang)
        yield said_figure(amount.within, lang, percent=True)


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
