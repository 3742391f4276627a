"""A catalogue's phrases in both languages, each put into words once."""

from __future__ import annotations

import weakref
from decimal import Decimal
from functools import lru_cache

from features.catalogue import Catalogue
from features.kept_beside import KeptBeside
from models.comparison import Comparison, ShownValue
from models.reasons import Reason
from serving.wording.words import (
    LANGUAGES,
    SaidFrame,
    said_effect,
    said_frame,
    said_together,
    said_value,
)

VALUES = 20_000
FRAMES = 20_000
EFFECTS = 20_000
"""The phrases kept, those last used; a few megabytes."""


InBoth = dict[str, str]
"""The same words in Chinese and in English; what is kept is read, never handed out."""


class Phrasebook:
    """The phrases of a catalogue: a reason is a value in its frame and an effect; all come again.

    `value`, `frame`, `together` and `effect` answer from memory, which is bounded; they depend
    on nothing but what they are given.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = weakref.proxy(catalogue)  # it is kept beside the catalogue
        self._heads = {head.name: head for head in catalogue.heads}
        self.value = lru_cache(VALUES)(self._value)
        self.frame = lru_cache(FRAMES)(self._frame)
        self.together = lru_cache(FRAMES)(self._together)
        self.effect = lru_cache(EFFECTS)(self._effect)

    def sentence(self, head: str, reason: Reason) -> InBoth:
        """A reason of a head as a sentence in each language."""
        name, value, compared = reason.indicator, reason.value, reason.compared
        effect = self.effect(head, reason.contribution)
        if name is None:
            together = self.together(reason.joint)
            return {each: together[each] + effect[each] for each in LANGUAGES}
        same = compared is not None and value == compared.typical
        said, frame = (
            self.value(name, value),
            self.frame(name, compared, same),
        )
        return {
            each: frame[each].before + said[each] + frame[each].after + effect[each]
            for each in LANGUAGES
        }

    def _value(self, name: str, value: ShownValue) -> InBoth:
        """An indicator's value."""
        return {each: said_value(self._catalogue, name, value, each) for each in LANGUAGES}

    def _frame(self, name: str, compared: Comparison | None, same: bool) -> dict[str, SaidFrame]:
        """What is said around the value."""
        return {each: said_frame(self._catalogue, name, compared, same, each) for each in LANGUAGES}

    def _together(self, names: tuple[str, ...]) -> InBoth:
        """The beginning of a joint reason."""
        return {each: said_together(self._catalogue, names, each) for each in LANGUAGES}

    def _effect(self, head: str, contribution: Decimal) -> InBoth:
        """The end of a reason: what it did to a head."""
        declared = self._heads[head]
        return {each: said_effect(declared, contribution, each) for each in LANGUAGES}


phrasebook = KeptBeside(Phrasebook)
"""The phrasebook of a catalogue, begun when it is first asked for."""
