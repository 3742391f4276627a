"""How well the three-level performance targets of a project are set.

Shares are of all targets and 0.0 when there are none, so that leaving targets out never helps.
The codes are those of the national target form: direction 1 大于, 2 大于等于, 3 等于, 4 小于,
5 小于等于; nature 1 正向, 2 反向, 3 定性.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from functools import lru_cache
from typing import Annotated

from pydantic import Field

from features.figures_in_text import measurable_figures
from features.item_operation import Items, Value
from features.items import number, share
from features.texts import letters, without_any

_NUMBER = re.compile(r"-?\d+(?:,\d{3})*(?:\.\d+)?")
_UPWARD, _EQUAL, _DOWNWARD = (1, 2), 3, (4, 5)
_POSITIVE, _NEGATIVE, _QUALITATIVE = 1, 2, 3
_DIRECTIONS_OF_NATURE = {
    _POSITIVE: (*_UPWARD, _EQUAL),
    _NEGATIVE: (*_DOWNWARD, _EQUAL),
    _QUALITATIVE: (_EQUAL, None),
}


def share_quantified(targets: Items, natures: Items) -> float:
    """Return the share (0–1) of targets that name a figure and are not marked qualitative."""
    pairs = zip(targets, natures, strict=True)
    return share(
        [figure(target) is not None and nature != _QUALITATIVE for target, nature in pairs]
    )


def share_concrete(names: Items, targets: Items, *, words: list[str]) -> float:
    """Return the share (0–1) of targets whose name and value are free of vague *words*."""
    pairs = zip(names, targets, strict=True)
    return share(without_any(words, [f"{name or ''} {target or ''}" for name, target in pairs]))


def share_own(names: Items, *texts: Value) -> float:
    """Return the share (0–1) of targets that neither repeat another nor merely copy a text.

    *texts* are the project's name and summary: a target that is one of them says nothing new.
    """
    plain = [letters(str(name or "")) for name in names]
    copied = {letters(str(text)) for text in texts if text is not None}
    times = Counter(plain)
    return share([bool(name) and times[name] == 1 and name not in copied for name in plain])


def share_of_kinds(kinds: Items, *, required: list[str]) -> float:
    """Return the share (0–1) of the *required* level-1 kinds that some target belongs to."""
    return share([kind in kinds for kind in required])


def share_of_core_kinds(
    level1: Items, level2: Items, *, required: Annotated[list[list[str]], Field(min_length=1)]
) -> float:
    """Return the share (0–1) of *required* kinds that some target's first or second level begins.

    Each required kind is a list of beginnings, any of which will do: ``[质量, 时效]``.
    """
    levels = {str(level) for level in (*level1, *level2) if level}
    kinds = [tuple(kind) for kind in required]
    return share([any(level.startswith(kind) for level in levels) for kind in kinds])


def count_measurable(text: Value, *, limit: int | None = None) -> float:
    """Return how many different figures with a unit or a limit a text states, at most *limit*."""
    found = len(set(measurable_figures("" if text is None else str(text))))
    return float(found if limit is None else min(found, limit))


def share_consistent(directions: Items, natures: Items) -> float:
    """Return the share (0–1) of targets whose direction fits their nature (正向 with ≥, …)."""
    pairs = zip(directions, natures, strict=True)
    return share([_fits(number(direction), number(nature)) for direction, nature in pairs])


def share_with_unit(targets: Items, units: Items) -> float:
    """Return the share (0–1) of the targets with a figure that state a unit, 0.0 without any."""
    pairs = [pair for pair in zip(targets, units, strict=True) if figure(pair[0]) is not None]
    return share([bool(unit) or "%" in _plain(target) for target, unit in pairs])


def share_weaker(targets: Items, directions: Items, natures: Items, actuals: Items) -> float:
    """Return the share (0–1) of targets set below what was achieved last year (留有余地).

    A target that cannot be compared does not count as weaker.
    """
    rows = zip(targets, directions, natures, actuals, strict=True)
    return share([_is_weaker(*row) for row in rows])


def figure(value: Value) -> float | None:
    """Return the first number of a target such as ``≥95%`` or ``1,200``, None without one."""
    return None if value is None else _figure(str(value))


@lru_cache(maxsize=1024)
def _figure(text: str) -> float | None:
    found = _NUMBER.search(_plain(text))
    return float(found[0].replace(",", "")) if found else None


def _plain(value: Value) -> str:
    """Full-width digits and signs, which Chinese input methods produce, become ordinary ones."""
    return "" if value is None else unicodedata.normalize("NFKC", str(value))


def _fits(direction: float | None, nature: float | None) -> bool:
    return nature is not None and direction in _DIRECTIONS_OF_NATURE.get(int(nature), ())


def _is_weaker(target: Value, direction: Value, nature: Value, actual: Value) -> bool:
    wanted, reached = figure(target), figure(actual)
    if wanted is None or reached is None:
        return False
    sign = _better(number(direction), number(nature))
    return sign * wanted < sign * reached


def _better(direction: float | None, nature: float | None) -> int:
    """+1 when more is better, −1 when less is, 0 when neither is known; the nature comes first."""
    if nature in (_POSITIVE, _NEGATIVE):
        return 1 if nature == _POSITIVE else -1
    return 1 if direction in _UPWARD else -1 if direction in _DOWNWARD else 0
