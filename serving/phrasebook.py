"""A catalogue's phrases in both languages, each put into words once."""

from __future__ import annotations

import weakref
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from features.catalogue import Catalogue
from features.kept_beside import KeptBeside
from models.comparison import Comparison, ShownValue
from models.reasons import Reason
from serving.words import LANGUAGES, said_effect, said_fact, said_together

FACTS = 20_000
EFFECTS = 20_000
"""The phrases kept, those last used; a few megabytes."""


InBoth = dict[str, str]
"""The same words in Chinese and in English; what is kept is copied, never handed out."""


class PhrasedFact(NamedTuple):
    """What a reason says of an indicator: how its sentence begins, and the words within."""

    label: InBoth
    source: str
    opening: InBoth
    value: InBoth
    compared: str
    share: float | None


class Phrasebook:
    """The phrases of a catalogue: a reason is an opening and an effect, and both come again.

    `fact`, `together` and `effect` answer from memory, which is bounded; they depend on nothing
    but what they are given.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = weakref.proxy(catalogue)  # it is kept beside the catalogue
        self._heads = {head.name: head for head in catalogue.heads}
        self.heads = {head.name: head.label.as_json() for head in catalogue.heads}
        self.dimensions = {each.name: each.label.as_json() for each in catalogue.dimensions}
        self.fact = lru_cache(FACTS)(self._fact)
        self.together = lru_cache(FACTS)(self._together)
        self.effect = lru_cache(EFFECTS)(self._effect)

    def sentence(self, head: str, reason: Reason) -> InBoth:
        """A reason of a head as a sentence in each language."""
        if reason.indicator is None:
            opening = self.together(reason.joint)
        else:
            opening = self.fact(reason.indicator, reason.value, reason.compared).opening
        return sentence(opening, self.effect(head, reason.contribution))

    def _fact(self, name: str, value: ShownValue, compared: Comparison | None) -> PhrasedFact:
        """An indicator's value and its comparison."""
        indicator = self._catalogue.by_name[name]
        said = {
            language: said_fact(self._catalogue, name, value, compared, language)
            for language in LANGUAGES
        }
        return PhrasedFact(
            indicator.label.as_json(),
            indicator.source.value,
            {language: fact.opening for language, fact in said.items()},
            {language: fact.value for language, fact in said.items()},
            said["en"].compared,
            None if compared is None else round(compared.share, 3),
        )

    def _together(self, names: tuple[str, ...]) -> InBoth:
        """The beginning of a joint reason."""
        return {language: said_together(self._catalogue, names, language) for language in LANGUAGES}

    def _effect(self, head: str, contribution: Decimal) -> InBoth:
        """The end of a reason: what it did to a head."""
        declared = self._heads[head]
        return {language: said_effect(declared, contribution, language) for language in LANGUAGES}


def sentence(opening: InBoth, rest: InBoth) -> InBoth:
    """An opening and the rest of its sentence, in each language."""
    return {"zh": opening["zh"] + rest["zh"], "en": opening["en"] + rest["en"]}


phrasebook = KeptBeside(Phrasebook)
"""The phrasebook of a catalogue, begun when it is first asked for."""
