"""The card of the model in service: what it learned from, what it is worth, and what it is not.

Everything is read from the version itself, which cannot be changed, and from the record log.
"""

from __future__ import annotations

from typing import Any

from features.catalogue import Catalogue
from features.head_declaration import HeadDeclaration, HeadKind
from models.evaluated import Measured
from models.head import Head
from models.registry import Release
from serving.page.words import page_words
from serving.recording.score_record import model_named
from serving.records.database import SERVICE
from serving.records.log_reading import StoredRecord
from serving.records.record_log import RecordLog
from serving.wording.envelope import Json
from serving.wording.words import LANGUAGES

MAIN_METRIC = {
    HeadKind.SCORE: "mae",
    HeadKind.AMOUNT: "mean_abs_log_error",
    HeadKind.PROBABILITY: "brier",
}
"""The metric that says of each kind of head how far it is off."""

_PAGE = 100
_MOST_RELEASES = 50

_LIMITS = ("model_advises", "model_learns_habits", "model_funded_only", "model_drifts")
"""What holds of every version, by the names of its words."""


def model_card(release: Release, log: RecordLog) -> Json:
    """The card as JSON.

    Raises:
        RecordsError: when the log cannot be read.
    """
    model, version = release.model, release.version
    facts, worth, catalogue = model.facts, model.evaluated, model.catalogue
    policy = catalogue.priority
    return {
        "model": model_named(release) | {"registered": version.created, "run": version.run},
        "catalogue": {"label": catalogue.label.as_json(), "name": catalogue.catalogue},
        "learned_from": {
            "rounds": list(facts.years),
            "projects": facts.rows,
            "simulated": facts.simulated,
            "data_digest": facts.data_digest,
            "trained": facts.created,
            "software": dict(facts.software),
        },
        "evaluated_on": None
        if worth is None
        else {"rounds": list(worth.rounds), "projects": worth.projects},
        "heads": [_head(head, release) for head in model.heads.values()],
        "left_out": dict(facts.left_out),
        "priority": None if policy is None else policy.model_dump(mode="json"),
        "swaps": {} if worth is None else {role: dict(of) for role, of in worth.swaps.items()},
        "climbs": {} if worth is None else dict(worth.climbs),
        "explained": _said("model_explained"),
        "limits": [_said(name) for name in _LIMITS],
        "reviewed_by_experts": release.reviewed,
        "releases": _releases(catalogue, log),
    }


def _said(name: str) -> dict[str, str]:
    return {lang: page_words(lang)[name] for lang in LANGUAGES}


def _head(head: Head, release: Release) -> Json:
    declared, worth = head.declaration, release.model.evaluated
    name = declared.name
    found = {} if worth is None else worth.groups.get(name, {})
    return {
        "name": name,
        "label": declared.label.as_json(),
        "kind": declared.kind.value,
        "zero_based": declared.zero_based,
        "level": declared.level if head.range is not None else None,
        "indicators": len(head.terms),
        "metrics": None if worth is None else _measured(declared, worth.heads.get(name)),
        "groups": [
            {**_group(group, release.model.catalogue), **_measured(declared, metrics)}
            for group, metrics in found.items()
        ],
    }


def _measured(declared: HeadDeclaration, metrics: Measured | None) -> Json:
    """What is said of a head's metrics: the error with its 95 % interval, and all of them."""
    if metrics is None:
        return {"n": 0, "error": None, "interval": None, "all": {}}
    name = MAIN_METRIC[declared.kind]
    error, spread = metrics.get(name), metrics.get(f"{name}_se")
    interval = None
    if error is not None and spread is not None:
        interval = [max(0.0, error - 1.96 * spread), error + 1.96 * spread]
    return {
        "n": round(metrics.get("n") or 0),
        "error": error,
        "interval": interval,
        "all": dict(metrics),
    }


def _group(group: str, catalogue: Catalogue) -> Json:
    """A peer group with its words in each language."""
    label = {lang: group_label(group, catalogue, lang) for lang in LANGUAGES}
    return {"group": group, "label": label}


def group_label(group: str, catalogue: Catalogue, lang: str) -> str:
    """A peer group in words: `project_type=road` is 项目类型: 道路."""
    indicator, _, code = group.partition("=")
    declared = catalogue.by_name.get(indicator)
    codes = {} if declared is None else declared.codes or {}
    named = declared.label.of(lang) if declared else indicator
    return f"{named}: {codes[code].of(lang) if code in codes else code}"


def _releases(catalogue: Catalogue, log: RecordLog) -> list[Json]:
    """The latest releases of this catalogue's models that the log knows of, the newest first."""
    found: list[StoredRecord] = []
    after = -1
    while some := log.records(SERVICE, kind="release", after=after, limit=_PAGE):
        found = [*found, *some][-_PAGE:]
        after = some[-1].leaf_index
    told = [_release(stored, stored.content()) for stored in reversed(found)]
    return [each for each in told if each.pop("catalogue") == catalogue.catalogue][:_MOST_RELEASES]


def _release(stored: StoredRecord, leaf: dict[str, Any]) -> Json:
    content = leaf["content"]
    return {
        "record_id": stored.record_id,
        "time": leaf["time"],
        "catalogue": content["catalogue"],
        "before": content["before"],
        "after": content["after"],
        "reviewed": content.get("reviewed", False),
        "way": content["asked"]["way"],
    }
