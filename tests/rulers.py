"""Small catalogues for tests: one that is right, and ways to change it."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import yaml

from features.catalogue import Catalogue, parse_catalogue

Raw = dict[str, Any]


def label(name: str) -> dict[str, str]:
    """Words for a name, different in the two languages."""
    return {"zh": f"{name}（中）", "en": f"The {name}"}


def indicator(name: str, kind: str = "number", **more: Any) -> Raw:
    """One indicator, declared and of the dimension `facts` unless told otherwise."""
    given = {"name": name, "label": label(name), "dimension": "facts", "kind": kind}
    return {**given, "source": "declared", **more}


def head(name: str, kind: str = "score", **more: Any) -> Raw:
    """One head, learned from the column `outcome_<name>`."""
    outcome = {"column": f"outcome_{name}"}
    return {"name": name, "label": label(name), "kind": kind, "outcome": outcome, **more}


LEVELS = {code: label(code) for code in ("zoo", "city", "alp")}
"""Codes of an ordered category whose rising order is not the alphabet's."""

_RULER: Raw = {
    "catalogue": "small",
    "version": "1",
    "label": label("ruler"),
    "columns": {"id": ["code"], "time": "year", "group": "office"},
    "peers": ["type"],
    "currency": {"code": "CNY", "unit": "元", "unit_en": "yuan"},
    "dimensions": [
        {"name": "facts", "label": label("facts")},
        {"name": "money", "label": label("money")},
    ],
    "parts": [
        {
            "name": "lines",
            "label": label("lines"),
            "max_items": 3,
            "fields": [
                {"name": "task", "label": label("task"), "kind": "text", "required": True},
                {
                    "name": "amount",
                    "label": label("amount"),
                    "kind": "money",
                    "role": "requested_amount",
                },
            ],
        },
        {
            "name": "history",
            "label": label("history"),
            "source": "verified",
            "fields": [{"name": "rate", "label": label("rate"), "kind": "share"}],
        },
    ],
    "indicators": [
        indicator("code", "text", required=True, role="declarer"),
        indicator("year", "count", required=True, range=[2000, 2100]),
        indicator("office", "text", role="declarer"),
        indicator(
            "type", "category", codes={c: label(c) for c in ("road", "care")}, key_evidence=True
        )
        | {"use": {"axis": "free", "second": "free", "cost": "free", "risk": "free"}},
        indicator(
            "level", "category", ordered=True, codes=LEVELS, use={"axis": "+", "second": "+"}
        ),
        indicator("area", unit={"zh": "平方米", "en": "m²"}, range=[0, None], source="verified")
        | {"use": {"cost": "free", "risk": "free"}},
        indicator("people", "count", source="verified", use={"axis": "+", "risk": "-"}),
        indicator("asked", "money", role="requested_amount", dimension="money")
        | {"use": {"risk": "free"}},
        indicator("last", "money", role="last_budget", dimension="money"),
        indicator("words", "text"),
        indicator("mandatory", "flag", use={"axis": "+"}),
        indicator("begun", "date"),
        indicator("wordy", source="derived", derive={"operation": "text_length", "of": ["words"]})
        | {"use": {"axis": "free"}},
    ],
    "heads": [
        head("axis", zero_based=True, outcome={"column": "outcome_axis", "clip": [0, 100]}),
        head("second", zero_based=True),
        head("cost", "amount", zero_based=True, relative_to=["area"]),
        head("risk", "probability"),
    ],
    "priority": {
        "necessity": "axis",
        "importance": "second",
        "thresholds": {"necessity": 60, "importance": 60},
        "weights": {"necessity": 0.5, "importance": 0.5},
    },
    "cost": {"head": "cost", "requested": "asked"},
}


def ruler() -> Raw:
    """A catalogue that is right, as plain data to be changed."""
    return copy.deepcopy(_RULER)


def named(raw: Raw, section: str, name: str) -> Raw:
    """The entry of that name in a section."""
    found: Raw = next(entry for entry in raw[section] if entry["name"] == name)
    return found


def text_of(raw: Mapping[str, Any]) -> str:
    """The catalogue as YAML."""
    return yaml.safe_dump(dict(raw), allow_unicode=True, sort_keys=False)


def catalogue_of(raw: Mapping[str, Any]) -> Catalogue:
    """The parsed catalogue."""
    return parse_catalogue(text_of(raw))
