"""The reasons of one head as JSON, from pieces that are kept: in C, or the same in Python."""

from __future__ import annotations

import math
from typing import Any, Literal, NamedTuple

from models.comparison import ShownValue
from models.indicator_among_peers import IndicatorAmongPeers
from models.reason_order import Joint

FactKey = (
    tuple[IndicatorAmongPeers, ShownValue] | tuple[IndicatorAmongPeers, ShownValue, Literal[True]]
)
"""A term and its value, and for a zero below zero True: a dictionary takes both zeros for one."""


class Fact(NamedTuple):
    """What is written of an indicator's value around its effect, in this order.

    opening, the effect, zh, the effect, en, the effect, its log-odds, closing.
    """

    opening: bytes
    zh: bytes
    en: bytes
    closing: bytes


class Effect(NamedTuple):
    """What moved a head: its number, up to where the text begins, and the ends of the text."""

    moved: bytes
    zh: bytes
    en: bytes


def reasons_text_in_python(
    order: list[int | Joint],
    terms: tuple[IndicatorAmongPeers, ...],
    places: tuple[int, ...],
    values: tuple[ShownValue, ...],
    parts: list[Any],
    log_odds: list[int] | None,
    facts: dict[FactKey, Fact],
    joints: list[Fact],
    effects: dict[Any, Effect],
    odds: dict[int, bytes],
) -> bytes:
    """The reasons of a head as a JSON list.

    Args:
        order: the number of each term that is told alone, and those told jointly.
        terms, places, parts: of each term, with its place among the values.
        log_odds: of each term, or None where they are not told.
        facts: by `FactKey`.
        joints: the facts of those told jointly, in their order.
        effects, odds: by part, and by log-odds.
    """
    of_joints = iter(joints)
    pieces = [b"["]
    for told in order:
        if isinstance(told, int):
            term, value, part = terms[told], values[places[told]], parts[told]
            below = value == 0.0 and math.copysign(1.0, value) < 0.0
            fact = facts[term, value, True] if below else facts[term, value]
            own_odds = log_odds[told] if log_odds else 0
        else:
            fact, part, own_odds = next(of_joints), told.part, told.log_odds
        moved, effect_zh, effect_en = effects[part]
        pieces += (fact.opening, moved, fact.zh, effect_zh, fact.en, effect_en)
        pieces += (odds[own_odds] if log_odds else b"", fact.closing)
    pieces.append(b"]")
    pieces[1] = pieces[1].removeprefix(b",")
    return b"".join(pieces)


try:
    from serving.wording._reasons_text import reasons_text as reasons_text
except ImportError:  # installed without a C compiler
    reasons_text = reasons_text_in_python
