"""The sections of the page on performance, in its order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from benchmarks import (
    answering,
    explaining,
    files,
    growing,
    heads,
    recording,
    single,
    starting,
    time_spent,
    tree_size,
)
from benchmarks.sizes import Sizes
from benchmarks.subject import Subject
from benchmarks.told import answering as told_answering
from benchmarks.told import explaining as told_explaining
from benchmarks.told import files as told_files
from benchmarks.told import growing as told_growing
from benchmarks.told import heads as told_heads
from benchmarks.told import recording as told_recording
from benchmarks.told import single as told_single
from benchmarks.told import starting as told_starting
from benchmarks.told import time_spent as told_time_spent
from benchmarks.told import tree_size as told_tree_size


@dataclass(frozen=True)
class Section:
    """What measures a section, the kind of its result, and what tells it in Markdown."""

    measure: Callable[[Subject, Sizes], Any]
    kind: type[Any]
    told: Callable[[Any], Iterator[str]]


SECTIONS: Mapping[str, Section] = {
    "explaining": Section(explaining.measure, explaining.Explaining, told_explaining.told),
    "single": Section(single.measure, single.Single, told_single.told),
    "answering": Section(answering.measure, answering.Answering, told_answering.told),
    "recording": Section(recording.measure, recording.Recording, told_recording.told),
    "files": Section(files.measure, files.Files, told_files.told),
    "starting": Section(starting.measure, starting.Starting, told_starting.told),
    "time_spent": Section(time_spent.measure, time_spent.TimeSpent, told_time_spent.told),
    "tree_size": Section(tree_size.measure, tree_size.TreeSize, told_tree_size.told),
    "growing": Section(growing.measure, growing.Growing, told_growing.told),
    "heads": Section(heads.measure, heads.Heads, told_heads.told),
}
