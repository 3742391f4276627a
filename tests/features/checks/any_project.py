"""Hypothesis: any document that meets a catalogue's schema, field by field."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from features.catalogue import Catalogue
from features.field import FieldDeclaration, Kind
from features.value_parser import effective_range

_TEXTS = (
    "",
    " ",
    "国发〔2023〕5号",
    "30216",
    "显著提升",
    "≥95%",
    "-3",
    "９８",
    "会议",
    "完成\n",
    "{item}",
)


def value(field: FieldDeclaration) -> st.SearchStrategy[Any]:
    """Any value that a field may hold, odd ones often."""
    if field.kind is Kind.FLAG:
        return st.booleans()
    if field.kind is Kind.CATEGORY:
        return st.sampled_from(list(field.codes or {"x": None}))
    if field.kind is Kind.DATE:
        return st.dates().map(lambda day: day.isoformat())
    if field.kind is Kind.TEXT:
        short = [text for text in _TEXTS if len(text) <= field.max_length]
        longest = min(field.max_length, 40)
        any_text = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"))
        return st.sampled_from(short) | any_text.map(lambda text: text[:longest])
    low, high = effective_range(field)
    least, most = -1e15 if low is None else low, 1e15 if high is None else high
    if field.kind is Kind.COUNT:
        return st.integers(int(least), int(most))
    odd = [n for n in (0.0, 5e-324, 0.1, 550.0, 1e15) if least <= n <= most]
    return st.sampled_from(odd) | st.floats(least, most)


def documents(catalogue: Catalogue) -> st.SearchStrategy[dict[str, Any]]:
    """Any document of a catalogue's projects; few records of each part."""
    parts = {p.name: st.lists(_record(p.fields), max_size=4) for p in catalogue.parts}
    required, optional = _split(catalogue.given)
    return st.fixed_dictionaries(required, optional={**optional, **parts})


def _record(fields: tuple[FieldDeclaration, ...]) -> st.SearchStrategy[dict[str, Any]]:
    required, optional = _split(fields)
    return st.fixed_dictionaries(required, optional=optional)


def _split(fields: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    by_need: tuple[dict[str, Any], dict[str, Any]] = ({}, {})
    for field in fields:
        by_need[0 if field.required else 1][field.name] = value(field)
    return by_need
