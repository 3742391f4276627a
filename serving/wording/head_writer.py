"""What moved a head as JSON text, put together from pieces that are written once."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any, NamedTuple, TypeVar

from features.catalogue import Catalogue
from features.head_declaration import HeadKind
from features.kept_beside import KeptBeside
from models.comparison import Comparison
from models.explanation import ExplainedHead
from models.part_scale import ODDS, SCALES
from serving.wording.envelope import encoded
from serving.wording.kept_pieces import KeptPieces
from serving.wording.reasons_text import Effect, Fact, FactKey, reasons_text
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
        reasons, kept = head.reasons, self._joints
        order, terms = reasons.in_order, reasons.peers.terms
        joints = [
            kept[
                terms[told.members[0]].dimension, tuple([terms[each].name for each in told.members])
            ]
            for told in order
            if not isinstance(told, int)
        ]
        text = reasons_text(
            order,
            terms,
            reasons.peers.places,
            reasons.row.values,
            reasons.parts,
            reasons.log_odds,
            self._facts,
            joints,
            self._effects[head.declaration.name],
            self._odds,
        )
        return Written(text)

    def _written_fact(self, of: FactKey) -> Fact:
        term, value = of[:2]
        zh, en = (
            _inside(said_value(self._catalogue, term.name, value, each)) for each in LANGUAGES
        )
        frame = self._frames[term.name, term.compared, value == term.compared.typical]
        value_text = b',"value_text":{"zh":"' + zh + b'","en":"' + en
        return Fact(
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

    def _written_joint(self, of: tuple[str, tuple[str, ...]]) -> Fact:
        dimension, names = of
        zh, en = (_inside(said_together(self._catalogue, names, each)) for each in LANGUAGES)
        opening = _opened({"indicator": "joint_effect", "dimension": dimension})
        return Fact(b"," + opening, zh, en, b"," + _fields({"joint": list(names)}) + b"}")

    def _kept(
        self, write: Callable[[str, int | Decimal], _Text], head: str
    ) -> KeptPieces[int | Decimal, _Text]:
        """What is written of the parts of a head."""
        return KeptPieces(partial(write, head), PIECES)

    def _written_effect(self, head: str, part: int | Decimal) -> Effect:
        declared = self._heads[head]
        contribution = SCALES[declared.kind].shown(part)
        zh, en = (_inside(said_effect(declared, contribution, each)) for each in LANGUAGES)
        return Effect(self._moved[head][part] + b',"text":{"zh":"', zh + b'","en":"', en + b'"}')

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
