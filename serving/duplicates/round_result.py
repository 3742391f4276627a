"""The result of a search over one round, made to be kept: its pairs, and what speaks for each."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence

from features.catalogue import Catalogue
from features.duplicates.found_pair import FoundPair
from features.duplicates.kinds import FAULTS
from features.duplicates.round_pairs import (
    PairDismissed,
    PairedProject,
    RoundPair,
    RoundPairs,
    mark_of,
)
from features.duplicates.traits import Traits
from features.field import Label
from serving.duplicates.dismissal import Dismissal, PairKey
from serving.duplicates.told_pair import told_pair

_MOST_REASONS = 4
"""What speaks for a pair is told from the strongest on; more would not be read."""


def round_pairs(
    projects: Sequence[Traits],
    found: Iterable[FoundPair],
    dismissals: Mapping[PairKey, Dismissal],
    catalogue: Catalogue,
    *,
    year: int,
    version: int,
    rules: str,
    made: str,
    made_by: str,
) -> RoundPairs:
    """The result for a round of what was found among these projects.

    Args:
        projects: of the round and the rounds beside.
        rules: the digest of what is compared and how.
    """
    marks = {each.project_id: mark_of(each) for each in projects if each.year == year}
    pairs = [
        _kept(pair, dismissals, catalogue)
        for pair in found
        if pair.kind in FAULTS and year in (pair.one.year, pair.other.year)
    ]
    return RoundPairs(
        format=1,
        catalogue=catalogue.catalogue,
        year=year,
        version=version,
        made=made,
        made_by=made_by,
        rules=rules,
        data=_digest(projects),
        marks=marks,
        pairs=tuple(pairs),
    )


def _kept(
    pair: FoundPair, dismissals: Mapping[PairKey, Dismissal], catalogue: Catalogue
) -> RoundPair:
    told = told_pair(pair, catalogue)
    speaking = sorted(told["reasons"], key=lambda each: -float(each["points"]))
    agrees = [each["text"] for each in speaking if each["points"] > 0 or pair.points is None]
    parts = pair.threshold is not None
    return RoundPair(
        kind=pair.kind,
        projects=(_project(pair.one), _project(pair.other)),
        score=float(told["score"]),
        probability=told["probability"],
        threshold=pair.threshold,
        together=(pair.one.amount or 0.0) + (pair.other.amount or 0.0) if parts else None,
        agrees=tuple(Label(**text) for text in agrees[:_MOST_REASONS]),
        dismissed=_dismissed(pair, dismissals),
    )


def _dismissed(pair: FoundPair, known: Mapping[PairKey, Dismissal]) -> PairDismissed | None:
    said = known.get(frozenset((pair.one.key, pair.other.key)))
    if said is None or not said.holds(pair.one, pair.other):
        return None
    return PairDismissed(record_id=said.record_id, time=said.time, reason=said.reason)


def _project(traits: Traits) -> PairedProject:
    return PairedProject(
        project_id=traits.project_id,
        year=traits.year,
        name=traits.name,
        department=traits.department,
        place=traits.place,
    )


def _digest(projects: Sequence[Traits]) -> str:
    """The digest of all that was compared, in its order."""
    whole = hashlib.sha256()
    for each in projects:
        whole.update(each.digest.encode())
    return f"sha256:{whole.hexdigest()}"
