"""In what a recorded answer differs from the same one made again, bit for bit."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from models.model import Model
from serving.exact_numbers import read_row
from serving.recording.dimension_scores import dimension_differences
from serving.recording.score_record import MEASURES, layout
from serving.wording.envelope import Json

_RESULTS = ("status", "missing", "grade", "rank_score", "compared_with", "findings", "checks")


@dataclass(frozen=True)
class Difference:
    """One thing in which a record and its replay differ.

    part: record, catalogue, model, rules, ruler, input, feature, head, contribution, result, words
    or answer. absent: whether what the record names is not here: then nothing can be said.
    """

    part: str
    name: str
    recorded: str
    found: str
    absent: bool = field(default=False, kw_only=True)

    def message(self) -> str:
        """The difference as a line for a person."""
        return f"{self.part}, {self.name}: recorded {self.recorded}; found {self.found}"


def word_differences(recorded: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[Difference]:
    """In which head's words, or else where in the answer, two answers differ."""
    if recorded == found:
        return
    named = False
    old, new = recorded.get("reasons", {}), found.get("reasons", {})
    for name in {**old, **new}:
        if old.get(name) != new.get(name):
            named = True
            yield Difference("words", name, short(old.get(name)), short(new.get(name)))
    if not named:
        yield Difference("words", "answer", short(recorded["sha256"]), short(found["sha256"]))


def short(digest: str | None) -> str:
    """The beginning of a digest, enough to tell it from another."""
    return "nothing" if digest is None else f"sha256:{digest[:16]}…"


def result_differences(recorded: Json, found: Json, model: Model) -> Iterator[Difference]:
    """In which numbers and results what a model made of a project differs from its record."""
    for name in _RESULTS:
        if recorded.get(name) != found.get(name):
            yield Difference("result", name, repr(recorded.get(name)), repr(found.get(name)))
    for named in dimension_differences(recorded.get("dimensions"), found.get("dimensions")):
        yield Difference("result", *named)
    if recorded["indicators"] != found["indicators"]:
        yield Difference("feature", "names", "other indicators", "those of the model")
        return
    names = layout(model).names
    yield from _numbers("feature", "", names, recorded["values"], found["values"])
    old, new = recorded["heads"], found["heads"]
    for head in {**old, **new}:
        if head not in old or head not in new:
            there = ["there" if head in each else "none" for each in (old, new)]
            yield Difference("head", head, *there)
            continue
        if old[head] == new[head]:
            continue
        texts = [",".join(str(each[head].get(m)) for m in MEASURES) for each in (old, new)]
        yield from _numbers("head", f"{head} ", MEASURES, *texts)
        moved = [each[head]["contributions"] for each in (old, new)]
        yield from _numbers("contribution", f"{head} ", names, *moved)
        groups = [str(each[head]["range_group"]) for each in (old, new)]
        if groups[0] != groups[1]:
            yield Difference("head", f"{head} range_group", *groups)


def _numbers(
    part: str, prefix: str, names: Sequence[str], recorded: str, found: str
) -> Iterator[Difference]:
    """Which of two rows of numbers differ in a bit."""
    if recorded == found:
        return
    try:
        old, new = read_row(recorded), read_row(found)
    except ValueError:
        yield Difference(part, f"{prefix}row", "numbers", "another thing")
        return
    if len(old) != len(names):
        yield Difference(part, f"{prefix}row", f"{len(old)} numbers", f"{len(names)}")
        return
    for name, before, after in zip(names, old, new, strict=True):
        if _bits(before) != _bits(after):
            yield Difference(part, f"{prefix}{name}", repr(before), repr(after))


def _bits(number: float) -> bytes:
    return struct.pack("<d", number)
