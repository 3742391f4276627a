"""What alerts and reasons say in words, and what is to be done about each."""

from __future__ import annotations

from typing import Any

from features.catalogue import Catalogue
from serving.page.words import page_words
from serving.wording.envelope import Json

_SHARES = frozenset({"many_inputs", "coverage_lost", "coverage_expected_low", "department_better"})
_POINTS = frozenset({"rate_off", "estimate_off"})


def named(subject: str, catalogue: Catalogue | None, lang: str) -> str:
    """What people call an indicator or a head; its own name where there is no catalogue."""
    if catalogue is None or not subject:
        return subject
    labels: dict[str, Any] = {name: i.label for name, i in catalogue.by_name.items()}
    labels |= {head.name: head.label for head in catalogue.heads}
    return str(labels[subject].of(lang)) if subject in labels else subject


def alert_said(alert: Json, lang: str, catalogue: Catalogue | None = None) -> str:
    """An alert as a sentence."""
    return page_words(lang)[f"alert_{alert['code']}"].format(
        subject=named(alert["subject"], catalogue, lang),
        round=alert["round"],
        figure=_figure(alert["code"], alert["figure"]),
        limit=_figure(alert["code"], alert["limit"]),
    )


def todo(alert: Json, lang: str) -> str:
    """What is to be done about an alert."""
    return page_words(lang)[f"todo_{alert['code']}"]


def reason_said(reason: Json, lang: str) -> str:
    """Why retraining is due."""
    return page_words(lang)[f"retrain_{reason['code']}"].format(
        figure=f"{reason['figure']:,.0f}", limit=f"{reason['limit']:,.0f}"
    )


def _figure(code: str, value: float | None) -> str:
    if value is None:
        return ""
    if code in _SHARES:
        return f"{value:.1%}"
    if code in _POINTS:
        return f"{100 * value:+.1f}"
    return f"{value:,.0f}" if code == "too_few" else f"{value:.2f}"
