"""The comparison for people: one page of HTML that needs nothing beside it."""

from __future__ import annotations

import math
from typing import Any

from features.catalogue import Catalogue
from features.head_declaration import HeadKind
from serving.page.templates import rendered
from serving.page.words import page_words
from serving.wording.envelope import Json


def beside_report_page(report: Json, catalogue: Catalogue, lang: str, simulated: bool) -> str:
    """The page in Chinese ("zh") or English ("en"): style inside, no script."""
    said = _Said(catalogue, lang)
    whole = report["all"]
    return rendered(
        "beside_report.html",
        lang,
        report=report,
        simulated=simulated,
        pilot=report["purpose"] == "pilot",
        whole=said.figures(whole),
        flips=[(f["given"], f["beside"], f"{f['count']:,}") for f in whole["flips"]],
        heads=[said.head(each) for each in whole["heads"]],
        grouped_by=said.label(report["grouped_by"]),
        groups=[
            (said.group(report["grouped_by"], g["group"]), said.figures(g))
            for g in report["groups"]
        ],
        affected=[said.affected(each, report["grouped_by"]) for each in report["most_affected"]],
    )


class _Said:
    """Figures and names as one language says them."""

    def __init__(self, catalogue: Catalogue, lang: str) -> None:
        self._catalogue, self._lang, self._words = catalogue, lang, page_words(lang)

    def label(self, name: str) -> str:
        """What people call an indicator or a head."""
        labels: dict[str, Any] = {n: i.label for n, i in self._catalogue.by_name.items()}
        labels |= {head.name: head.label for head in self._catalogue.heads}
        return str(labels[name].of(self._lang)) if name in labels else name

    def group(self, by: str, code: str) -> str:
        """What people call a code."""
        declared = self._catalogue.by_name.get(by)
        codes = {} if declared is None else declared.codes or {}
        if code in codes:
            return str(codes[code].of(self._lang))
        return code or self._words["beside_unknown"]

    def figures(self, compared: Json) -> Json:
        """The figures of all pairs, or of a group."""
        amounts = compared["amounts"]
        moved = (
            None if not amounts or not amounts["given"] else amounts["beside"] / amounts["given"]
        )
        correlation = compared["rank_correlation"]
        return {
            "pairs": f"{compared['pairs']:,}",
            "flips": _percent(compared["grade_flips"]),
            "correlation": "—" if correlation is None else f"{correlation:.4f}",
            "amounts": "—" if moved is None else f"{moved - 1:+.1%}",
            "status": f"{compared['status_changed']:,}",
        }

    def head(self, move: Json) -> Json:
        """How far a head's answers differ, in its unit."""
        kind = HeadKind(move["kind"])
        return {
            "label": self.label(move["head"]),
            "mean": self._size(move["mean"], kind, signed=True),
            "median": self._size(move["median_size"], kind),
            "large": self._size(move["large_size"], kind),
            "reasons": _percent(move["changed_reasons"]),
            "n": f"{move['n']:,}",
        }

    def affected(self, each: Json, by: str) -> Json:
        """One of the most affected projects."""
        ranks = [None if r is None else f"{r:.2f}" for r in each["rank_score"]]
        return {
            "project": each["project_id"],
            "group": self.group(by, each["group"]),
            "grade": " → ".join(dict.fromkeys(grade or "—" for grade in each["grade"])),
            "rank": " → ".join(rank or "—" for rank in ranks),
        }

    def _size(self, value: float, kind: HeadKind, *, signed: bool = False) -> str:
        if kind is HeadKind.AMOUNT:
            return f"{math.expm1(value):+.1%}" if signed else f"{math.expm1(value):.1%}"
        number = 100 * value if kind is HeadKind.PROBABILITY else value
        shown = f"{number:+.2f}" if signed else f"{number:.2f}"
        unit = "beside_percentage" if kind is HeadKind.PROBABILITY else "beside_points"
        return self._words[unit].format(value=shown)


def _percent(share: float | None) -> str:
    return "—" if share is None else f"{share:.1%}"
