"""A run: the subject made, then section after section measured on it."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.kept import keep, kept
from benchmarks.machine import machine
from benchmarks.sections import SECTIONS
from benchmarks.sizes import Sizes
from benchmarks.subject import Subject, subject

_SIZES = "sizes"
Say = Callable[[str], None]


@dataclass(frozen=True)
class Run:
    """The results of a run by section, and what they were measured on.

    resumed: sections taken over from a run that was interrupted, and the machine that it was on.
    """

    sizes: Sizes
    machine: str
    bundle: str
    results: Mapping[str, Any]
    seconds: float
    resumed: Mapping[str, str]


def run(
    names: Sequence[str], sizes: Sizes, folder: Path, resume: bool = False, say: Say = print
) -> Run:
    """Measure sections in a folder, which is emptied first unless an earlier run is resumed.

    Raises:
        ValueError: when the run to be resumed had other sizes.
    """
    started, where = time.monotonic(), machine()
    _prepare(folder, sizes, resume)
    say(f"{sizes.projects:,} projects are simulated and trained on")
    measured = subject(sizes, folder)
    results: dict[str, Any] = {}
    resumed: dict[str, str] = {}
    for number, name in enumerate(names, start=1):
        section = SECTIONS[name]
        found = kept(folder, name, section.kind) if resume else None
        if found is not None:
            resumed[name] = kept(folder, f"{name}.machine", str) or where
            say(f"{number}/{len(names)} {name}: taken over")
        else:
            begun = time.monotonic()
            say(f"{number}/{len(names)} {name} …")
            found = section.measure(measured, sizes)
            keep(folder, name, section.kind, found)
            keep(folder, f"{name}.machine", str, where)
            say(f"{number}/{len(names)} {name}: {time.monotonic() - begun:,.0f} s")
        results[name] = found
    seconds = time.monotonic() - started
    return Run(sizes, where, _bundle(measured), results, seconds, resumed)


def _prepare(folder: Path, sizes: Sizes, resume: bool) -> None:
    if not resume:
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    before = kept(folder, _SIZES, Sizes)
    if before not in (None, sizes):
        raise ValueError(f"expected a run of the sizes {sizes.name} in {folder}; got {before.name}")
    keep(folder, _SIZES, Sizes, sizes)


def _bundle(measured: Subject) -> str:
    """The bundle in a sentence."""
    heads = measured.model.heads.values()
    trees = sum(t.count for head in heads for t in (head.central, *(head.bounds or ())))
    grown = (measured.settings.of(head.name) for head in heads)
    sizes = dict.fromkeys(f"{each.trees} × {each.leaves}" for each in grown)
    return (
        f"`{measured.model.catalogue.catalogue}` on {len(measured.data.projects):,} simulated "
        f"projects, {len(heads)} heads of {', '.join(sizes)} (trees × leaves) as settings, "
        f"{trees:,} trees in all"
    )
