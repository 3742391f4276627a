"""What looking at sampled pairs by hand said, against what was found."""

from __future__ import annotations

from functools import cache
from importlib import resources

import numpy as np

from features.strict_yaml import read_yaml
from training.duplicates.japan_measured import STRATA, JapanMeasured, SampledPair

SAME, DIFFERENT = "same", "different"

_TEXT = """{judged} pairs were looked at by hand, {each} of each range of the score (points
above the limit from which a pair is shown), pairs of different names first because these are
the hard ones:

| points above the limit | looked at | of different names | the same programme |
|---|---|---|---|
{rows}

Of the shown pairs that were looked at, {right} of {shown} are the same programme
({precision:.1%}); of those with different names, {renamed_right} of {renamed}. All
{different_names} found pairs of different names taken like these, some {overall:.1%} of
everything found is right. Below the limit {missed} of {below} are the same programme after all:
renamed, and told in other words. What was taken for the same and is not are mostly two parts of
one budget line, reviewed on sheets with the same words.

<details><summary>The pairs and what was said of them</summary>

| points | first sheet | second sheet | |
|---|---|---|---|
{pairs}

</details>
"""


@cache
def verdicts() -> dict[tuple[str, str], str]:
    """What was said of each pair of sheets, by their ids: the same programme, or different ones."""
    file = resources.files(__package__) / "japan_verdicts.yaml"
    pairs = read_yaml(file.read_text(encoding="utf-8"))["pairs"]
    return {(one, other): verdict for one, other, verdict in pairs}


def japan_verdicts(told: JapanMeasured) -> str:
    """The hand-checked precision, and the list of pairs, as Markdown."""
    judged = [pair for pair in told.sample if _verdict(pair) is not None]
    shown = [pair for pair in judged if pair.score >= 0]
    below = [pair for pair in judged if pair.score < 0]
    renamed = [pair for pair in shown if pair.one.name != pair.other.name]
    share = _share(renamed)
    different_names = told.found - told.same_name
    return _TEXT.format(
        judged=len(judged),
        each=len(judged) // len(STRATA),
        rows="\n".join(_row(place, judged) for place in np.argsort([low for low, _ in STRATA])),
        right=_right(shown),
        shown=len(shown),
        precision=_share(shown),
        renamed_right=_right(renamed),
        renamed=len(renamed),
        different_names=different_names,
        overall=(told.same_name + share * different_names) / told.found,
        missed=_right(below),
        below=len(below),
        pairs="\n".join(_line(pair) for pair in judged),
    )


def _verdict(pair: SampledPair) -> str | None:
    return verdicts().get((pair.one.project_id, pair.other.project_id))


def _right(pairs: list[SampledPair]) -> int:
    return sum(_verdict(pair) == SAME for pair in pairs)


def _share(pairs: list[SampledPair]) -> float:
    return _right(pairs) / len(pairs) if pairs else float("nan")


def _row(place: int, judged: list[SampledPair]) -> str:
    low, high = STRATA[place]
    of_range = [pair for pair in judged if pair.stratum == place]
    other = sum(pair.one.name != pair.other.name for pair in of_range)
    upper = "" if np.isinf(high) else f"{high:g}"
    return f"| {low:g} – {upper} | {len(of_range)} | {other} | {_right(of_range)} |"


def _line(pair: SampledPair) -> str:
    names = (pair.one.project_id.replace("|", " "), pair.other.project_id.replace("|", " "))
    return f"| {pair.score:+.1f} | {names[0]} | {names[1]} | {_verdict(pair)} |"
