"""What moved a head as JSON text, put together from pieces that are written once."""

from __future__ import annotations

import weakref
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from features.catalogue import Catalogue
from features.head_declaration import HeadDeclaration, HeadKind
from features.kept_beside import KeptBeside
from models.comparison import Comparison, ShownValue
from models.explanation import ExplainedHead
from models.indicator_among_peers import IndicatorAmongPeers
from models.part_scale import ODDS, SCALES
from models.reasons import Joint, Reasons
from serving.wording.envelope import encoded
from serving.wording.shown_number import written_number
from serving.wording.words import LANGUAGES, said_effect, said_frame, said_together, said_value
from serving.wording.written import Written

PIECES = 20_000
"""The pieces of each sort that are kept, those last used; some megabytes."""


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

    opening, the effect, zh, the effect, en, the effect, its log-odds, label, said, closing.
    """

    opening: bytes
    zh: bytes
    en: bytes
    label: bytes
    said: bytes
    closing: bytes


class _Joint(NamedTuple):
    """What is written of indicators told together, around their effect."""

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
        self._fact = lru_cache(PIECES)(self._written_fact)
        self._frame = lru_cache(PIECES)(self._written_frame)
        self._joint = lru_cache(PIECES)(self._written_joint)
        self._effect = lru_cache(PIECES)(self._written_effect)

    def dimensions(self, head: ExplainedHead) -> Written:
        """What each dimension contributes to a head."""
        part = _part(head.declaration)
        return Written(
            [
                self._dimensions[name] + part + written_number(moved) + b"}"
                for name, moved in head.dimensions.items()
            ]
        )

    def reasons(self, head: ExplainedHead) -> Written:
        """The reasons of a head, in its order."""
        reasons, name = head.reasons, head.declaration.name
        terms, places, values = reasons.peers.terms, reasons.peers.places, reasons.row.values
        parts, log_odds = reasons.parts, reasons.log_odds
        written = []
        for number in reasons.in_order:
            if not isinstance(number, int):
                written.append(self._told_jointly(name, reasons, number))
                continue
            value = values[places[number]]
            opening, zh, en, label, said, closing = self._fact(terms[number], value)
            moved, effect_zh, effect_en = self._effect(name, parts[number])
            odds = _log_odds(log_odds[number]) if log_odds else b""
            said = said if value else encoded(value)  # zero has two signs
            pieces = (opening, moved, zh, effect_zh, en, effect_en, odds, label, said, closing)
            written.append(b"".join(pieces))
        return Written(written)

    def _told_jointly(self, head: str, reasons: Reasons[Any], joint: Joint) -> bytes:
        terms = [reasons.peers.terms[number] for number in joint.members]
        names = tuple([term.name for term in terms])
        opening, zh, en, closing = self._joint(terms[0].dimension, names)
        moved, effect_zh, effect_en = self._effect(head, joint.part)
        odds = _log_odds(joint.log_odds) if reasons.log_odds else b""
        return b"".join((opening, moved, zh, effect_zh, en, effect_en, odds, closing))

    def _written_fact(self, term: IndicatorAmongPeers, value: ShownValue) -> _Fact:
        zh, en = (
            _inside(said_value(self._catalogue, term.name, value, each)) for each in LANGUAGES
        )
        frame = self._frame(term.name, term.compared, value == term.compared.typical)
        return _Fact(
            frame.opening,
            frame.before_zh + zh + frame.after_zh,
            frame.before_en + en + frame.after_en,
            frame.label,
            encoded(value),
            b',"value_text":{"zh":"' + zh + b'","en":"' + en + frame.closing,
        )

    def _written_frame(self, name: str, compared: Comparison, same: bool) -> _Frame:
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
            _opened(opening),
            _inside(zh.before),
            _inside(zh.after),
            _inside(en.before),
            _inside(en.after),
            b"," + _fields(label) + b',"value":',
            b'"},' + _fields(closing) + b"}",
        )

    def _written_joint(self, dimension: str, names: tuple[str, ...]) -> _Joint:
        zh, en = (_inside(said_together(self._catalogue, names, each)) for each in LANGUAGES)
        opening = _opened({"indicator": "joint_effect", "dimension": dimension})
        return _Joint(opening, zh, en, b"," + _fields({"joint": list(names)}) + b"}")

    def _written_effect(self, head: str, part: int | Decimal) -> _Effect:
        declared = self._heads[head]
        contribution = SCALES[declared.kind].shown(part)
        zh, en = (_inside(said_effect(declared, contribution, each)) for each in LANGUAGES)
        moved = _part(declared) + written_number(contribution)
        return _Effect(moved + b',"text":{"zh":"', zh + b'","en":"', en + b'"}')


@lru_cache(PIECES)
def _log_odds(steps: int) -> bytes:
    return b',"log_odds":' + written_number(ODDS.shown(steps))


def _part(head: HeadDeclaration) -> bytes:
    """The name of a part of a head."""
    return b'"factor":' if head.kind is HeadKind.AMOUNT else b'"contribution":'


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
