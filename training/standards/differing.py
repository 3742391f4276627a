"""A version of the library beside the one before it."""

from __future__ import annotations

from features.standards.learned_standard import LearnedStandard
from features.standards.library import Library
from features.standards.library_difference import Cause, LibraryDifference, Moved
from features.standards.over_standard import Compared
from training.appraisal_data import AppraisalData
from training.standards.affected import affected, flagged_lines, round_items

_STILL = 1e-4
"""Changes below this share are none."""


def library_difference(
    library: Library, before: Library | None, data: AppraisalData
) -> LibraryDifference:
    """What a version changes, and whom it affects in the last round of the data."""
    year = int(data.years.max())
    items = round_items(data, library, year)
    flagged = flagged_lines(items, library)
    flagged_before = [] if before is None else flagged_lines(items, before)
    now, then = _places(flagged), _places(flagged_before)
    old = {} if before is None else before.learned_by_code
    return LibraryDifference(
        format=1,
        version=library.version,
        digest=library.digest,
        before=before.version if before else None,
        before_digest=before.digest if before else None,
        moved=tuple(_moved(library, before)) if before else (),
        added=tuple(sorted(library.learned_by_code.keys() - old.keys())),
        removed=tuple(sorted(old.keys() - library.learned_by_code.keys())),
        round=year,
        affected=affected(items, flagged, library),
        affected_before=affected(items, flagged_before, before) if before else None,
        newly=len(now - then) if before else 0,
        no_longer=len(then - now),
    )


def _places(flagged: list[list[Compared]]) -> set[tuple[str, str]]:
    return {(each.item.project_id, each.item.place) for found in flagged for each in found}


def _moved(library: Library, before: Library) -> list[Moved]:
    """The learned standards that are in both and differ, those that moved most first."""
    both = before.learned_by_code
    moved = [
        _moved_standard(both[code], after, library)
        for code, after in library.learned_by_code.items()
        if code in both
    ]
    changed = [each for each in moved if abs(each.change) > _STILL or each.before != each.after]
    return sorted(changed, key=lambda each: (-abs(each.change), each.code))


def _moved_standard(before: LearnedStandard, after: LearnedStandard, library: Library) -> Moved:
    price = 1.0
    if before.reference_index and after.reference_index:
        price = after.reference_index / before.reference_index
    whole = after.mid / before.mid
    split = _split(before, after, library)
    causes = {Cause.PRICE: price, Cause.SPLIT: split, Cause.DATA: whole / price / split}
    return Moved(
        code=after.code,
        before=_ends(before),
        after=_ends(after),
        change=round(whole - 1, 6),
        causes={cause: round(factor, 6) for cause, factor in causes.items()},
    )


def _split(before: LearnedStandard, after: LearnedStandard, library: Library) -> float:
    """By which factor the middle moved because the cell borrows more or less than before.

    The part of what is its own beside its parent that it would not have with the share of before.
    """
    parent = library.learned_by_code.get(after.parent or "")
    if parent is None or after.own == 0:
        return 1.0
    beside = after.mid / parent.mid
    if parent.reference_index and after.reference_index:
        beside *= parent.reference_index / after.reference_index
    return float(beside ** (1 - before.own / after.own))


def _ends(standard: LearnedStandard) -> tuple[float, float, float, float]:
    return standard.low, standard.mid, standard.high, standard.ceiling
