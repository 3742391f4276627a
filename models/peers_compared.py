"""What a model compares with the members of one peer group, worked out once per group."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from features.kept_beside import KeptBeside
from models.indicator_among_peers import IndicatorAmongPeers
from models.model import Model
from models.terms_among_peers import TermsAmongPeers

_SIGN = {"+": 1, "-": -1, "free": 0}


@dataclass(frozen=True, slots=True)
class PeersCompared:
    """A peer group: every indicator that contributes to a head, and the terms of each head."""

    indicators: tuple[IndicatorAmongPeers, ...]
    heads: Mapping[str, TermsAmongPeers]

    @classmethod
    def of(cls, model: Model, group: int) -> PeersCompared:
        """What a model compares with the members of a group."""
        kept = _kept(model)
        found = kept.get(group)
        if found is None:
            found = kept[group] = cls._worked_out(model, group)
        return found

    @classmethod
    def _worked_out(cls, model: Model, group: int) -> PeersCompared:
        names = list(dict.fromkeys(term for head in model.heads.values() for term in head.terms))
        indicators = tuple(IndicatorAmongPeers.of(model, name, group) for name in names)
        by_name = model.catalogue.by_name
        heads = {
            name: TermsAmongPeers.of(
                indicators,
                [names.index(term) for term in head.terms],
                [_SIGN[by_name[term].use.get(name, "free")] for term in head.terms],
            )
            for name, head in model.heads.items()
        }
        return cls(indicators, heads)


def _nothing_yet(model: Model) -> dict[int, PeersCompared]:
    return {}


_kept = KeptBeside(_nothing_yet)
"""Beside each model: what it compares with its peer groups, by group."""
