"""A catalogue's phrases in both languages, each put into words once."""

from __future__ import annotations

import weakref
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from features.catalogue import Catalogue
from features.field import Label
from models.comparison import Comparison, ShownValue
from models.explanation import Reason
from models.kept_beside import KeptBeside
from serving.words import said_effect, said_fact, said_together

FACTS = 20_000
EFFECTS = 20_000
"""The phrases kept, those last used; a few megabytes."""


class InBoth(NamedTuple):
    """The same words in Chinese and in English."""

    zh: str
    en: str

    @classmethod
    def of(cls, label: Label) -> InBoth:
        """The words of a label."""
        return cls(label.zh, label.en)

    def then(self, rest: InBoth) -> dict[str, str]:
        """These words and the rest of the sentence, under their languages."""
        return {"zh": self.zh + rest.zh, "en": self.en + rest.en}

    def as_json(self) -> dict[str, str]:
        """Both words under their languages."""
        return {"zh": self.zh, "en": self.en}


class PhrasedFact(NamedTuple):
    """What a reason says of an indicator: how its sentence begins, and the words within."""

    label: InBoth
    source: str
    opening: InBoth
    value: InBoth
    compared: str


class Phrasebook:
    """The phrases of a catalogue: a reason is an opening and an effect, and both come again.

    `fact`, `together` and `effect` answer from memory, which is bounded; they depend on nothing
    but what they are given.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = weakref.proxy(catalogue)  # it is kept beside the catalogue
        self._heads = {head.name: head for head in catalogue.heads}
        self.heads = {head.name: InBoth.of(head.label) for head in catalogue.heads}
        self.dimensions = {each.name: InBoth.of(each.label) for each in catalogue.dimensions}
        self.fact = lru_cache(FACTS)(self._fact)
        self.together = lru_cache(FACTS)(self._together)
        self.effect = lru_cache(EFFECTS)(self._effect)

    def sentence(self, head: str, reason: Reason) -> dict[str, str]:
        """A reason of a head as a sentence in each language."""
        effect = self.effect(head, reason.contribution)
        if reason.indicator is None:
            return self.together(reason.joint).then(effect)
        return self.fact(reason.indicator, reason.value, reason.compared).opening.then(effect)

    def _fact(self, name: str, value: ShownValue, compared: Comparison | None) -> PhrasedFact:
        """An indicator's value and its comparison."""
        indicator = self._catalogue.by_name[name]
        zh = said_fact(self._catalogue, name, value, compared, "zh")
        en = said_fact(self._catalogue, name, value, compared, "en")
        return PhrasedFact(
            InBoth.of(indicator.label),
            indicator.source.value,
            InBoth(zh.opening, en.opening),
            InBoth(zh.value, en.value),
            en.compared,
        )

    def _together(self, names: tuple[str, ...]) -> InBoth:
        """The beginning of a joint reason."""
        zh, en = (said_together(self._catalogue, names, language) for language in ("zh", "en"))
        return InBoth(zh, en)

    def _effect(self, head: str, contribution: Decimal) -> InBoth:
        """The end of a reason: what it did to a head."""
        declared = self._heads[head]
        zh, en = (said_effect(declared, contribution, language) for language in ("zh", "en"))
        return InBoth(zh, en)


phrasebook = KeptBeside(Phrasebook)
"""The phrasebook of a catalogue, begun when it is first asked for."""
