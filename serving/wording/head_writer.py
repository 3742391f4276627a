"""What moved a head as JSON text, put together from pieces that are written once."""

from __future__ import annotations

import math
import weakref
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any, NamedTuple, TypeVar

from features.catalogue import Catalogue
from features.head_declaration import HeadKind
from features.kept_beside import KeptBeside
from models.comparison import Comparison, ShownValue
from models.explanation import ExplainedHead
from models.indicator_among_peers import IndicatorAmongPeers
from models.part_scale import ODDS, SCALES
from serving.wording.envelope import encoded
from serving.wording.kept_pieces import KeptPieces
from serving.wording.shown_number import written_number
from serving.wording.words import LANGUAGES, said_effect, said_frame, said_together, said_value
from serving.wording.written import Written

_Text = TypeVar("_Text")

PIECES = 20_000
"""The pieces of each sort that are kept, those that came last; some megabytes."""


class _Frame(NamedTuple):
    """What is written of an indicator around its value."""

    opening: bytes
    before_zh: bytes
    after_zh: bytes
    before_en: bytes
    after_en: bytes
    label: bytes
    closing: bytes


class _Fact(NamedTuple):
    """What is written of an indicator's value around its effect, in this order.

    opening, the effect, zh, the effect, en, the effect, its log-odds, closing.
    """

    opening: bytes
    zh: bytes
    en: bytes
    closing: bytes


class _Effect(NamedTuple):
    """What moved a head: its number, up to where the text begins, and the ends of the text."""

    moved: bytes
    zh: bytes
    en: bytes


class HeadWriter:
    """Writes reasons and dimensions of a catalogue's heads; the pieces come again and are kept."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = weakref.proxy(catalogue)  # it is kept beside the catalogue
        self._heads = {head.name: head for head in catalogue.heads}
        self._dimensions = {
            each.name: _opened({"dimension": each.name, "label": each.label.as_json()})
            for each in catalogue.dimensions
        }
        self._facts = KeptPieces(self._written_fact, PIECES)
        self._frames = KeptPieces(self._written_frame, PIECES)
        self._joints = KeptPieces(self._written_joint, PIECES)
        self._effects = {name: self._kept(self._written_effect, name) for name in self._heads}
        self._moved = {name: self._kept(self._written_move, name) for name in self._heads}
        self._odds = KeptPieces(_written_odds, PIECES)

    def dimensions(self, head: ExplainedHead) -> Written:
        """What each dimension contributes to a head."""
        opened, moved = self._dimensions, self._moved[head.declaration.name]
        parts = head.reasons.parts_by_dimension
        return Written.of([opened[each] + moved[part] + b"}" for each, part in parts.items()])

    def reasons(self, head: ExplainedHead) -> Written:
        """The reasons of a head, in its order."""
        reasons = head.reasons
        terms, places, values = reasons.peers.terms, reasons.peers.places, reasons.row.values
        parts, log_odds = reasons.parts, reasons.log_odds
        facts, odds_of = self._facts, self._odds
        effects = self._effects[head.declaration.name]
        pieces = [b"["]
        for told in reasons.in_order:
            if isinstance(told, int):
                term, value, part = terms[told], values[places[told]], parts[told]
                # Zero has two signs, which look alike to a dictionary.
                kept = value != 0.0 or math.copysign(1.0, value) > 0.0
                fact = facts[term, value] if kept else self._written_fact((term, value))
                odds = odds_of[log_odds[told]] if log_odds else b""
            else:
                names = tuple([terms[number].name for number in told.members])
                fact, part = self._joints[terms[told.members[0]].dimension, names], told.part
                odds = odds_of[told.log_odds] if log_odds else b""
            opening, zh, en, closing = fact
            moved, effect_zh, effect_en = effects[part]
            pieces += (opening, moved, zh, effect_zh, en, effect_en, odds, closing)
        pieces.append(b"]")
        pieces[1] = pieces[1].removeprefix(b",")
        return Written(b"".join(pieces))

    def _written_fact(self, of: tuple[IndicatorAmongPeers, ShownValue]) -> _Fact:
        term, value = of
        zh, en = (
            _inside(said_value(self._catalogue, term.name, value, each)) for each in LANGUAGES
        )
        frame = self._frames[term.name, term.compared, value == term.compared.typical]
        value_text = b',"value_text":{"zh":"' + zh + b'","en":"' + en
        return _Fact(
            frame.opening,
            frame.before_zh + zh + frame.after_zh,
            frame.before_en + en + frame.after_en,
            frame.label + encoded(value) + value_text + frame.closing,
        )

    def _written_frame(self, of: tuple[str, Comparison, bool]) -> _Frame:
        name, compared, same = of
        indicator = self._catalogue.by_name[name]
        zh, en = (said_frame(self._catalogue, name, compared, same, each) for each in LANGUAGES)
        opening = {"indicator": name, "dimension": indicator.dimension}
        label = {"label": indicator.label.as_json(), "source": indicator.source.value}
        closing = {
            "compared": en.compared,
            "comparison": {
                "typical": compared.typical,
                "share": round(compared.share, 3),
                "projects": compared.projects,
                "years": [compared.first_year, compared.last_year],
            },
        }
        return _Frame(
            b"," + _opened(opening),
            _inside(zh.before),
            _inside(zh.after),
            _inside(en.before),
            _inside(en.after),
            b"," + _fields(label) + b',"value":',
            b'"},' + _fields(closing) + b"}",
        )

    def _written_joint(self, of: tuple[str, tuple[str, ...]]) -> _Fact:
        dimension, names = of
        zh, en = (_inside(said_together(self._catalogue, names, each)) for each in LANGUAGES)
        opening = _opened({"indicator": "joint_effect", "dimension": dimension})
        return _Fact(b"," + opening, zh, en, b"," + _fields({"joint": list(names)}) + b"}")

    def _kept(
        self, write: Callable[[str, int | Decimal], _Text], head: str
    ) -> KeptPieces[int | Decimal, _Text]:
        """What is written of the parts of a head."""
        return KeptPieces(partial(write, head), PIECES)

    def _written_effect(self, head: str, part: int | Decimal) -> _Effect:
        declared = self._heads[head]
        contribution = SCALES[declared.kind].shown(part)
        zh, en = (_inside(said_effect(declared, contribution, each)) for each in LANGUAGES)
        return _Effect(self._moved[head][part] + b',"text":{"zh":"', zh + b'","en":"', en + b'"}')

    def _written_move(self, head: str, part: int | Decimal) -> bytes:
        declared = self._heads[head]
        name = b'"factor":' if declared.kind is HeadKind.AMOUNT else b'"contribution":'
        return name + written_number(SCALES[declared.kind].shown(part))


def _written_odds(steps: int) -> bytes:
    return b',"log_odds":' + written_number(ODDS.shown(steps))


def _opened(content: dict[str, Any]) -> bytes:
    """An object that goes on after these fields."""
    return encoded(content)[:-1] + b","


def _fields(content: dict[str, Any]) -> bytes:
    """The fields of an object, without its braces."""
    return encoded(content)[1:-1]


def _inside(text: str) -> bytes:
    """A text as JSON, without its quotation marks."""
    return encoded(text)[1:-1]


head_writer = KeptBeside(HeadWriter)
"""The writer of a catalogue's heads, begun when it is first asked for."""
