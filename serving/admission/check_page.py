"""The part of a page that shows a check: whether it may be admitted, findings, then every check."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from features.catalogue import Catalogue
from serving.audit.said_record import said_field
from serving.page.findings import counted, findings_shown, said_basis
from serving.page.templates import rendered
from serving.page.words import page_words
from serving.wording.envelope import Json

_DIRECTIONS: Mapping[int, str] = {1: ">", 2: "≥", 3: "=", 4: "<", 5: "≤"}


@dataclass(frozen=True)
class CheckShown:
    """One check in one language."""

    code: str
    name: str
    outcome: str
    outcome_word: str
    why: str
    basis: str


@dataclass(frozen=True)
class TargetShown:
    """One target as it was read."""

    name: str
    level: str
    value: str
    source: str


def check_fragment(answer: Json, catalogue: Catalogue, lang: str, level: int = 2) -> str:
    """What checking a project of a catalogue came to, for a page that is already there.

    level: of its first heading.
    """
    words = page_words(lang)
    return rendered(
        "check.html",
        lang,
        level=level,
        answer=answer,
        verdict=_verdict(answer, words),
        counted=counted(answer, lang),
        found=findings_shown(answer["findings"], lang),
        checks=[_check(each, catalogue, lang) for each in answer["checks"]],
        targets=[_target(each, lang) for each in answer["targets"]],
    )


def _verdict(answer: Json, words: Mapping[str, str]) -> str:
    if answer["admitted"] is None:
        return words["check_no_rules"]
    return words["check_admitted" if answer["admitted"] else "check_not_admitted"]


def _check(told: Json, catalogue: Catalogue, lang: str) -> CheckShown:
    words = page_words(lang)
    why = told["why_text"][lang] if told["why_text"] else ""
    named = [said_field(catalogue, name, lang) for name in told["fields"]]
    fields = ("、" if lang == "zh" else ", ").join(named)
    if fields:
        why += f"（{fields}）" if lang == "zh" else f" ({fields})"
    if told["unjudged"]:
        why += words["check_unjudged"].format(count=told["unjudged"])
    return CheckShown(
        told["code"],
        told["name"][lang],
        told["outcome"],
        words[f"outcome_{told['outcome']}"],
        why,
        said_basis(told["basis"], lang),
    )


def _target(told: Json, lang: str) -> TargetShown:
    words = page_words(lang)
    value = "" if told["value"] is None else f"{told['value']:,.15g}"
    sign = _DIRECTIONS.get(told["direction"] or 0, "")
    level = " / ".join(part for part in (told["level1"], told["level2"]) if part)
    source = words["target_in_table"] if told["source"] == "kpi" else words["target_in_text"]
    if told["source"] != "kpi" and not told["in_table"]:
        source = words["target_only_in_text"]
    shown = f"{sign}{value}{told['unit'] or ''}" if value else told["text"]
    return TargetShown(told["name"], level, shown, source)
